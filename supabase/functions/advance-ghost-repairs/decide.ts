/**
 * The ladder's one decision. Pure.
 *
 * | what is seen | what follows |
 * |---|---|
 * | probe alive | healed; after a session conflict only where the memory stands still |
 * | registry `close` | auto-reconnect takes over |
 * | registry `connecting`, a QR code is showing that no call of ours asked for | wait: the pairing may live |
 * | registry `connecting` otherwise (also: no more codes, C4) | auto-reconnect takes over |
 * | the gateway waits for the activation of its licence | a person |
 * | the gateway does not answer, the number is not known | wait |
 * | its process was restarted, and the socket is still dead | wait; after 40 s: that did not help |
 * | many numbers of the gateway fail together | wait; after ten minutes a person, or its process |
 * | `connecting` webhooks now, or memory that moves: a live loop (B1, B2) | wait |
 * | memory not `open`, `connecting` webhooks lately: a slow loop (B3, B4) | wait |
 * | silence that proves nothing: no webhook of this gateway was delivered lately | wait |
 * | memory steady `close`, silence (H1, C1) | connect, once |
 * | memory steady `open` (A1, A2) or `connecting` (H2) | restart, once; then logout, once |
 * | memory missing, or unknown to the gateway (C3) | a person |
 * | nothing left | a person |
 *
 * With `logout-first` the logout was made before the ladder began, so its turn is over. Where the
 * memory says `close` there is none: no version of the gateway does anything then.
 *
 * It always ends: each changing call is made once, and nothing is waited for longer than
 * {@linkcode WAIT_LIMIT_S}, all waiting together no longer than {@linkcode AGE_LIMIT_S}.
 *
 * Source: measurements on Evolution 2.3.7, docs/ghosts.md.
 *
 * @module
 */

import type { ADVICE, WAITS } from "../_shared/contracts/reasons.ts";

/** What the process's memory said in all samples of a look. */
export type SteadyMemory = "open" | "close" | "connecting" | "missing" | "changing" | "unknown";

/** A look at a session that does not answer. */
export interface Look {
  readonly memory: SteadyMemory;
  /**
   * When the last `connecting` webhook arrived: during the look, lately (a loop that waits for an
   * answer sends one in 30 or 60 seconds), or not. A live reconnect loop sends them.
   */
  readonly connecting: "now" | "lately" | "silent";
  /**
   * How closely the memory was watched: at least 100 samples over 12 seconds (`dense`) or 300 over 30
   * (`long`). At one a second a live loop was once taken for a dead one.
   */
  readonly density: "thin" | "dense" | "long";
}

/** Why the ladder waits. */
type WaitingFor = keyof typeof WAITS;

/** Everything that {@linkcode decide} looks at. */
export interface Evidence {
  /** `restarted`: the gateway's process was, for this repair. */
  readonly state: "open" | "needs_operator" | "restarted";
  /** Whether many numbers of the gateway fail at once. */
  readonly outage: boolean;
  /** Whether a person was told that two sockets fight. */
  readonly sessionConflict: boolean;
  /**
   * What silence is worth: `heard`, a webhook of this gateway was delivered lately; `alone`, none,
   * but no other number is connected there that could have caused one. That the webhook's setting is
   * right proves nothing.
   */
  readonly silence: "heard" | "alone" | "unheard";
  /**
   * `dead`: the gateway answered, the socket did not. `unasked`: nobody knows the number to ask for.
   * `unknown`: the gateway did not answer.
   */
  readonly probe: "alive" | "dead" | "unasked" | "unknown";
  readonly registry: "open" | "close" | "connecting" | "not_found" | "unlicensed" | "unknown";
  /** Null where no look was needed. */
  readonly look: Look | null;
  /** The changing calls that were made in this repair's life. */
  readonly called: {
    readonly connect: boolean;
    readonly restart: boolean;
    readonly logout: boolean;
  };
  readonly secondsSinceRestart: number | null;
  /** Whether the gateway's process is about to be restarted, or was a moment ago. */
  readonly restartAwaited: boolean;
  /** Null where it was not restarted for this repair. */
  readonly secondsSinceProcessRestart: number | null;
  readonly waitingFor: string | null;
  readonly waitingSeconds: number | null;
  /** Since the repair was opened. */
  readonly ageSeconds: number;
}

/** Why a person is needed. */
type OperatorReason = Extract<
  keyof typeof ADVICE,
  | "whatsapp_unreachable"
  | "gateway_unreachable"
  | "gateway_unlicensed"
  | "number_unknown"
  | "outage"
  | "webhooks_missing"
  | "not_loaded"
  | "not_found"
  | "steps_used_up"
  | "gateway_stuck"
>;

/** What the ladder does next. */
export type Decision =
  | { readonly next: "healed" }
  | { readonly next: "invalidated" }
  | { readonly next: "call"; readonly step: "connect" | "restart" | "logout" }
  | { readonly next: "wait"; readonly reason: WaitingFor }
  | { readonly next: "needs_operator"; readonly reason: OperatorReason }
  /** The process was restarted in vain. */
  | { readonly next: "not_helped" }
  /** A person was told already: only the probe goes on. */
  | { readonly next: "keep_probing" };

/** One cause is waited for this long, in seconds. */
export const WAIT_LIMIT_S = 600;

/** All waiting together, in seconds. */
export const AGE_LIMIT_S = 1800;

/** After a restart a session may log in for this long, in seconds (B3: up to 65 s). */
export const SETTLING_S = 65;

/** A pairing that may still live is waited for this long, in seconds: one came back after 259. */
export const DOUBT_LIMIT_S = 300;

/** After a restart of the process, when the socket is asked whether it helped, in seconds. */
const PROOFS_S = [10, 20, 40] as const;

/** Two sockets that fight need a minute of quiet besides. */
const CONFLICT_PROOF_S = 120;

/** A process may take this long until it answers again, in seconds: it may have to migrate. */
const ANSWERS_WITHIN_S = 600;

/** Whether a decision needs a look at memory and webhooks, which takes 12 seconds and more. */
export function needsLook(evidence: Omit<Evidence, "look">): boolean {
  const { probe, registry } = evidence;
  if (probe === "alive") return evidence.sessionConflict;
  if (evidence.state !== "open" || probe !== "dead") return false;
  if (evidence.outage && !isOutageOver(evidence)) return false;
  return registry === "open" || registry === "not_found" ||
    (registry === "connecting" && isUnasked(evidence));
}

/** Whether no call of ours can have caused what is seen. */
function isUnasked({ called }: Pick<Evidence, "called">): boolean {
  return !called.connect && !called.restart && !called.logout;
}

/** Decides the next step. */
export function decide(evidence: Evidence): Decision {
  const { look, registry } = evidence;
  if (evidence.probe === "alive") {
    // Of two sockets that fight one is often open: a probe is answered by luck.
    const still = look?.memory === "open" && look.density !== "thin";
    if (!evidence.sessionConflict || still) return { next: "healed" };
    return evidence.state === "restarted" ? decideAfterRestart(evidence) : { next: "keep_probing" };
  }
  if (registry === "close") return { next: "invalidated" };
  if (evidence.state === "restarted") {
    const proof = decideAfterRestart(evidence);
    if (proof.next === "wait" || registry !== "connecting") return proof;
  }
  if (registry === "connecting") return decideOnQrCode(evidence);
  if (evidence.state === "needs_operator") return { next: "keep_probing" };
  if (registry === "unlicensed") return { next: "needs_operator", reason: "gateway_unlicensed" };
  if (evidence.probe === "unknown" || registry === "unknown") {
    return wait(evidence, "gateway", "gateway_unreachable");
  }
  if (registry === "not_found") {
    const reason = look?.memory === "missing" ? "not_loaded" : "not_found";
    return { next: "needs_operator", reason };
  }
  if (evidence.probe === "unasked") return wait(evidence, "number_unknown", "number_unknown");
  // Nothing is changed while it is not the sessions' fault.
  if (evidence.outage) {
    if (!isOutageOver(evidence)) return { next: "wait", reason: "outage" };
    const stuck = look !== null && standsStill(look) && provesSilence(evidence, look);
    return { next: "needs_operator", reason: stuck ? "gateway_stuck" : "outage" };
  }
  if (look === null || look.memory === "unknown") {
    return wait(evidence, "gateway", "gateway_unreachable");
  }
  if (look.memory === "missing") return { next: "needs_operator", reason: "not_loaded" };
  if (isLiveLoop(look)) return wait(evidence, "live_loop", "whatsapp_unreachable");
  if (look.memory === "connecting" && (evidence.secondsSinceRestart ?? Infinity) < SETTLING_S) {
    return wait(evidence, "settling", "steps_used_up");
  }
  return climb(evidence, look);
}

/**
 * The registry says `connecting`: the gateway shows a QR code, or has shown as many as it may. Where
 * nobody ended the session that may be a blink of the gateway's own database.
 */
function decideOnQrCode(evidence: Evidence): Decision {
  const { look } = evidence;
  const showing = look?.memory === "connecting" || look?.memory === "changing";
  const doubted = evidence.waitingFor === "unexpected_qr_code" ? evidence.waitingSeconds ?? 0 : 0;
  return showing && isUnasked(evidence) && doubted < DOUBT_LIMIT_S &&
      evidence.ageSeconds < AGE_LIMIT_S
    ? { next: "wait", reason: "unexpected_qr_code" }
    : { next: "invalidated" };
}

/** Whether an outage was waited for long enough, and nobody is about to restart the gateway. */
function isOutageOver(evidence: Omit<Evidence, "look">): boolean {
  return !evidence.restartAwaited && isWaitedOut(evidence, "outage");
}

/** Whether nothing moves in a process whose sockets are dead. */
function standsStill(look: Look): boolean {
  return look.memory !== "unknown" && !isLiveLoop(look);
}

/** The process was restarted; the socket is not open, or not quiet. */
function decideAfterRestart(evidence: Evidence): Decision {
  const limit = evidence.probe === "unknown" || evidence.registry === "unknown"
    ? ANSWERS_WITHIN_S
    : evidence.sessionConflict
    ? CONFLICT_PROOF_S
    : PROOFS_S[2];
  return (evidence.secondsSinceProcessRestart ?? 0) < limit
    ? { next: "wait", reason: "process_restarted" }
    : { next: "not_helped" };
}

/** In how many seconds the socket is asked again; null: no more than usual. */
export function nextProofIn(secondsSince: number | null): number | null {
  const at = PROOFS_S.find((second) => second > (secondsSince ?? 0));
  return at === undefined ? null : at - (secondsSince ?? 0);
}

/** Whether the gateway is still trying by itself. A half-open session (`open`) is not. */
function isLiveLoop({ memory, connecting }: Look): boolean {
  return connecting === "now" || memory === "changing" ||
    (connecting === "lately" && memory !== "open");
}

/** Whether what was seen proves that the gateway is not trying by itself, unheard and unseen. */
function provesSilence({ silence }: Evidence, { density }: Look): boolean {
  switch (silence) {
    case "heard":
      return density !== "thin";
    case "alone":
      return density === "long";
    case "unheard":
      return false;
  }
}

/** The next changing call that fits, or a person. */
function climb(evidence: Evidence, look: Look): Decision {
  const { called } = evidence;
  const step = look.memory === "close"
    ? (called.connect ? null : "connect")
    : !called.restart
    ? "restart"
    : !called.logout
    ? "logout"
    : null;
  if (step === null) return { next: "needs_operator", reason: "steps_used_up" };
  // A connect into a live loop makes two sockets that throw each other out for ever.
  if (!provesSilence(evidence, look)) {
    return evidence.silence === "unheard"
      ? wait(evidence, "unheard", "webhooks_missing")
      : wait(evidence, "gateway", "gateway_unreachable");
  }
  return { next: "call", step };
}

function isWaitedOut(evidence: Omit<Evidence, "look">, reason: WaitingFor): boolean {
  const waited = evidence.waitingFor === reason ? evidence.waitingSeconds ?? 0 : 0;
  return waited >= WAIT_LIMIT_S || evidence.ageSeconds >= AGE_LIMIT_S;
}

function wait(evidence: Evidence, reason: WaitingFor, atLast: OperatorReason): Decision {
  return isWaitedOut(evidence, reason)
    ? { next: "needs_operator", reason: atLast }
    : { next: "wait", reason };
}
