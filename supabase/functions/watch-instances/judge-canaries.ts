/**
 * What canaries say of a number whose session lives, and what follows. Pure.
 *
 * Two numbers of one organization, P (the partner) and S (on trial): P writes to S, then S to P, and
 * each is waited for 90 s.
 *
 * | what came of it | verdict |
 * |---|---|
 * | S was told of P's message | hears |
 * | anything came later than 90 s | lagging |
 * | S's send meets a closed connection | dead: the ladder's |
 * | `send.message` of S's own never came, or S's gateway has what nobody was told of | webhook mute |
 * | P's message was acknowledged, and S was not told, nor has its gateway got it | deaf |
 * | P was told of S's message, and S of no report | deaf |
 * | neither | nothing is proven: a third number |
 *
 * Where P's message cannot be sent, because S's gateway does not say that S's number is its own, S
 * writes to P all the same.
 *
 * Deaf counts twice only. One number alone writes to itself: twice no report in 90 s, although earlier
 * canaries had one, and none on other sends: suspected, a person is told. It is no proof, because with
 * the own phone switched off there is none either.
 *
 * A deaf number is mended in this order: `sendPresence`; where `presence.update` comes its queue moves,
 * and a restart of the instance helps, once, if the connection is reported within 10 s. Where it does
 * not come the queue is blocked, and a restart would end sending too: it may end by itself within
 * 310 s. Then its gateway's process. Never a logout.
 *
 * Source: measurements on Evolution 2.3.7, docs/ghosts.md.
 *
 * @module
 */

/** How long a canary is waited for, in seconds. */
const ANSWER_S = 90;
/** What comes so soon after an `open` says nothing, in seconds. */
const AFTER_OPEN_S = 35;
/** A blocked queue that ends by itself has ended by then, in seconds (305 measured). */
const QUEUE_ENDS_S = 310;
/** `presence.update` after `sendPresence`, and the connection after a restart, come within so long. */
const MOVES_WITHIN_S = 10;
/** Who wrote what was heard is told of it a moment later, in seconds (0.6 measured). */
const REPORT_S = 10;
/** How often is looked whether something has come, in seconds. */
const POLL_S = 10;
/** A look at what the gateway has stored is tried for so long after the answer's time, in seconds. */
const LOOK_S = 60;
/** A canary older than this was another day's, in seconds. */
const OF_THIS_TURN_S = 900;
/** Rounds of a trial at most, and how many must agree. */
const ROUNDS = 3;
const AGREE = 2;

/** Seen from the number on trial. */
export type Way = "to" | "from" | "own";

/** A canary, and what came of it; delays in seconds from its beginning, null: not yet. */
export interface Canary {
  readonly id: string;
  readonly way: Way;
  /** Of its send; null: nobody wrote it down. */
  readonly outcome: string | null;
  /** How long ago it was begun. */
  readonly age: number;
  /** `send.message`. */
  readonly announced: number | null;
  /** `messages.update`. */
  readonly reported: number | null;
  /** The recipient's `messages.upsert`. */
  readonly received: number | null;
  /** Whether the recipient's gateway has it; null: not known. */
  readonly stored: boolean | null;
}

/** All that is known of a number on trial; times in seconds ago. */
export interface Known {
  readonly reason: "silence" | "partner" | "baseline";
  readonly phase: "listen" | "cure" | "told";
  /** Whether a message came in meanwhile. */
  readonly heard: boolean;
  /** Whether anything did, such as a report on another send. */
  readonly reports: boolean;
  /** Since its session was reported open; null: nobody knows. */
  readonly open_seconds: number | null;
  /** Whether it may send one more today. */
  readonly may_send: boolean;
  /** Whether another number of its organization may. */
  readonly partner: boolean;
  /** Whether an own canary was answered before this trial. */
  readonly answered_before: boolean;
  /** Oldest first. */
  readonly canaries: readonly Canary[];
  readonly cure: {
    readonly seconds: number | null;
    readonly presence: number | null;
    /** Whether `presence.update` came since. */
    readonly came: boolean;
    readonly restart: number | null;
    /** Whether its session was reported open since. */
    readonly reopened: boolean;
    /** Whether its process was asked for. */
    readonly asked: boolean;
    /** Of its case. */
    readonly state: string | null;
    /** Since its process was restarted for it. */
    readonly restarted: number | null;
  };
}

/** Without the canaries that did not leave, which stand apart. */
interface Left extends Known {
  readonly unsent: readonly Canary[];
}

/** What is known at last. */
type Verdict =
  | "hears"
  | "unproven"
  | "dead"
  | "webhook_mute"
  | "lagging"
  | "suspected_deaf"
  | "deaf"
  | "process"
  | "not_helped";

/** What a turn does. */
export type Turn =
  | { readonly next: "send"; readonly way: Way }
  /** Whether the number's gateway has stored this one. */
  | { readonly next: "look"; readonly canary: string }
  | { readonly next: "presence" | "restart" }
  | { readonly next: "wait"; readonly seconds: number }
  /** `partnerSilent`: who wrote what was heard was told nothing of it. */
  | { readonly next: Verdict; readonly partnerSilent?: boolean };

/** Decides a number's next turn. */
export function decideTrial(known: Known): Turn {
  const { open_seconds: open, phase } = known;
  if (open !== null && open < AFTER_OPEN_S) return wait(AFTER_OPEN_S - open);
  // One that certainly did not leave says nothing.
  const isUnsent = ({ outcome }: Canary) => outcome === "not_sent";
  const canaries = known.canaries.filter((canary) => !isUnsent(canary));
  const left = { ...known, canaries, unsent: known.canaries.filter(isUnsent) };
  if (phase === "cure") return cure(left);
  if (phase === "told") return askAgain(left);
  return listen(left, known.canaries.at(-1));
}

/** @param newest Also where it did not leave. */
function listen(known: Left, newest: Canary | undefined): Turn {
  const { canaries, unsent, partner, may_send: maySend } = known;
  if (known.heard) return { next: "hears" };
  if (canaries.some(isLate)) return { next: "lagging" };
  // Whom it would reach is not known, such as where the registry hangs: the other way it may be.
  if (newest?.way === "to" && unsent.at(-1) === newest && maySend && unsent.length < ROUNDS) {
    return send("from");
  }
  if (unsent.length >= (canaries.length === 0 ? AGREE : ROUNDS)) return { next: "unproven" };
  const last = canaries.at(-1);
  if (last === undefined) {
    if (known.reason !== "baseline" && partner) return send("to");
    return maySend ? send("own") : { next: "unproven" };
  }
  switch (last.way) {
    case "to":
      return judgeTo(last) ?? (maySend ? send("from") : judgeRounds(known));
    case "from":
      return judgeFrom(last) ?? judgeRounds(known);
    case "own":
      return judgeOwn(last) ?? judgeAlone(known);
  }
}

/** The partner's canary: what it says alone; null: nothing. */
function judgeTo(canary: Canary): Turn | null {
  const { received, reported, age, outcome, stored } = canary;
  if (received !== null) {
    if (reported !== null || outcome !== "sent") return { next: "hears" };
    if (age - received < REPORT_S) return wait(POLL_S);
    return { next: "hears", partnerSilent: true };
  }
  if (outcome === "connection_closed") return null;
  if (age < ANSWER_S) return wait(ANSWER_S - age);
  if (stored) return { next: "webhook_mute" };
  return stored === null && age < ANSWER_S + LOOK_S ? { next: "look", canary: canary.id } : null;
}

/** The number's own, to its partner: what it says alone. */
function judgeFrom({ received, reported, announced, age, outcome }: Canary): Turn | null {
  if (outcome === "connection_closed") return { next: "dead" };
  if (received !== null && reported !== null) return null;
  if (age < ANSWER_S) return wait(ANSWER_S - age);
  return outcome === "sent" && announced === null ? { next: "webhook_mute" } : null;
}

/** The number's own, to itself: what it says alone. */
function judgeOwn({ reported, announced, age, outcome }: Canary): Turn | null {
  if (outcome === "connection_closed") return { next: "dead" };
  if (reported !== null) return { next: "hears" };
  if (age < ANSWER_S) return wait(ANSWER_S - age);
  return outcome === "sent" && announced === null ? { next: "webhook_mute" } : null;
}

/** Both ways, or the one that could be tried. */
interface Round {
  readonly to?: Canary;
  readonly from?: Canary;
}

/** Both ways were tried. */
function judgeRounds({ canaries, partner }: Known): Turn {
  const rounds = canaries.flatMap((one, place): Round[] => {
    const [before, next] = [canaries[place - 1], canaries[place + 1]];
    if (one.way === "to") return [next?.way === "from" ? { to: one, from: next } : { to: one }];
    // The way there could not be tried.
    return before?.way === "to" ? [] : [{ from: one }];
  });
  const deaf = rounds.filter(isProvenBy).length;
  if (deaf >= AGREE) return { next: "deaf" };
  const hopeless = deaf + ROUNDS - rounds.length < AGREE;
  return hopeless || !partner ? { next: "unproven" } : send("to");
}

function isProvenBy({ to, from }: Round): boolean {
  return (to !== undefined && to.reported !== null && to.received === null &&
    to.stored === false) ||
    (from?.outcome === "sent" && from.announced !== null && from.received !== null &&
      from.reported === null);
}

/** Its own canaries are all that there can be. */
function judgeAlone({ reason, canaries, answered_before, reports, may_send }: Known): Turn {
  if (reason === "baseline" || !answered_before || reports) return { next: "unproven" };
  if (canaries.filter(({ outcome }) => outcome === "sent").length >= AGREE) {
    return { next: "suspected_deaf" };
  }
  return may_send ? send("own") : { next: "unproven" };
}

/** It is deaf: presence, then a restart or patience, then its process. */
function cure(known: Left): Turn {
  const { seconds, presence, came, restart, reopened, asked, state, restarted } = known.cure;
  if (state === "restart_requested") return wait(POLL_S);
  if (restarted !== null) return prove(known, restarted, "not_helped");
  if (asked) return askAgain(known);
  if (presence === null) return { next: "presence" };
  if (came) {
    if (restart === null) return { next: "restart" };
    if (reopened) return prove(known, restart, "process");
    return restart < MOVES_WITHIN_S ? wait(MOVES_WITHIN_S - restart) : { next: "process" };
  }
  if (presence < MOVES_WITHIN_S) return wait(MOVES_WITHIN_S - presence);
  const patience = QUEUE_ENDS_S - (seconds ?? 0);
  return patience > 0 ? wait(patience) : prove(known, -patience, "process");
}

/** Whether what was done so long ago has helped. */
function prove(known: Left, seconds: number, otherwise: "process" | "not_helped"): Turn {
  if (seconds < AFTER_OPEN_S) return wait(AFTER_OPEN_S - seconds);
  const canary = known.canaries.findLast(({ way, age }) => way !== "from" && age < seconds);
  if (canary === undefined) {
    const wasTried = !known.partner || known.unsent.some(({ age }) => age < seconds);
    if (wasTried && seconds >= OF_THIS_TURN_S) return { next: otherwise };
    return known.partner ? send("to") : wait(POLL_S);
  }
  if (canary.received !== null) return { next: "hears" };
  return canary.age < ANSWER_S ? wait(ANSWER_S - canary.age) : { next: otherwise };
}

/** A person was told, or it came late: tried again now and then. */
function askAgain({ canaries, unsent, partner, may_send }: Left): Turn {
  const isOfThisTurn = ({ age }: Canary) => age < OF_THIS_TURN_S;
  const canary = canaries.findLast(isOfThisTurn);
  if (canary === undefined) {
    if (unsent.filter(isOfThisTurn).length >= AGREE) return { next: "unproven" };
    return partner ? send("to") : may_send ? send("own") : { next: "unproven" };
  }
  const { way, received, reported, age } = canary;
  const heard = way === "own" ? reported : received;
  if (heard !== null && heard < ANSWER_S) return { next: "hears" };
  return age < ANSWER_S ? wait(ANSWER_S - age) : { next: "unproven" };
}

function isLate({ reported, received }: Canary): boolean {
  return (reported ?? 0) > ANSWER_S || (received ?? 0) > ANSWER_S;
}

function send(way: Way): Turn {
  return { next: "send", way };
}

/** Until then, or until somebody may have come sooner. */
function wait(seconds: number): Turn {
  return { next: "wait", seconds: Math.max(1, Math.min(POLL_S, Math.ceil(seconds))) };
}
