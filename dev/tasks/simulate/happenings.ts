/**
 * What may happen in a run, how often, and with which parameters.
 *
 * @module
 */

import type { WhatsAppChange } from "../../evolution/control/changes.ts";
import { DEAF_KIND_NAMES } from "../../evolution/model/deaf-kinds.ts";
import { GHOST_KINDS, type GhostKind } from "../../evolution/model/ghost-kinds.ts";
import { Random } from "../../evolution/model/random.ts";
import type { GhostOptions } from "../../evolution/session/ghosts.ts";
import type { ReceiverAway } from "../../evolution/webhooks/sender.ts";
import { SCHEDULED_FUNCTIONS } from "../../platform/scheduler.ts";
import { POLICIES } from "../shared/kinds.ts";
import {
  CLOCKS_OFF_HOURS,
  CUSTOMERS,
  DATABASE_FAULTS,
  GATEWAY_FAULTS,
  REPORT_FAULTS,
  ROUTES,
  WEBHOOK_FAULTS,
  WHATSAPP_FAULTS,
} from "./faults.ts";
import { WRITING_FUNCTIONS } from "./writing-functions.ts";

const SECOND = 1_000;
const MINUTE = 60_000;

/** Who may be killed in the middle of its work. */
export const KILLABLE = [
  "send",
  "webhook",
  // No history has a channel: `send-alerts` has nothing to do.
  ...SCHEDULED_FUNCTIONS.filter((name) => name !== "send-alerts"),
] as const;
/** One of {@linkcode KILLABLE}, or who has nothing to do. */
export type Killable = typeof KILLABLE[number] | "send-alerts";

/** One thing that happens, and how long the world goes on until the next. */
export type Action = Happening & { readonly thenMs: number };

/** Draws what happens next; it may be about a message that was sent before. */
export function pickHappening(
  random: Random,
  companies: number,
  before: readonly Action[],
): Happening {
  const company = random.integer(companies);
  const sends = before.filter((action) =>
    action.kind === "send" || action.kind === "send two" || action.kind === "send pictures"
  );
  const { company: sender, message } = sends[random.integer(Math.max(1, sends.length))] ??
    { company, message: before.length };
  const choices = choicesOf(random, companies, company, before.length, {
    company: sender,
    message,
  });
  let at = random.next() * choices.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, make } of choices) if ((at -= weight) < 0) return make();
  throw new RangeError("weights do not add up");
}

type Happening = ReturnType<ReturnType<typeof choicesOf>[number]["make"]>;

/** What may happen, and how often; `earlier` is a message that was sent before. */
function choicesOf(
  random: Random,
  companies: number,
  company: number,
  message: number,
  earlier: { readonly company: number; readonly message: number },
) {
  return [
    // What people do.
    may(26, "send", () => ({ company, message })),
    may(3, "send again", () => earlier),
    may(6, "retry", () => earlier),
    may(18, "ghost", () => ghost(random, company)),
    may(4, "disconnect", () => ({ company })),
    may(6, "reconnect", () => ({ company })),
    may(1, "delete", () => ({ company })),
    // A number with more messages than one batch of a deletion, deleted, and locked at the next sweep.
    may(1, "delete with history", () => ({ company })),
    may(0.7, "delete organization", () => ({ company })),
    // Two messages of one conversation, the second before the first was answered.
    may(4, "send two", () => ({ company, message, apartMs: random.integer(3) * SECOND })),
    // One request of several pictures, and how long the gateway takes for each.
    may(3, "send pictures", () => ({
      company,
      message,
      parts: 2 + random.integer(9),
      eachMs: random.integer(28) * SECOND,
    })),
    // A number says late that its socket is closed while messages may wait for it: the message may have
    // left before.
    may(3, "slow close", () => ({
      company,
      message,
      left: random.next() < 0.5,
      ms: (6 + random.integer(18)) * SECOND,
    })),
    // What answers this send is not the gateway, or nobody.
    may(8, "send into a fault", () => ({ company, message, fault: random.pick(GATEWAY_FAULTS) })),
    may(1.5, "choose canaries", () => ({ company, on: random.next() < 0.7 })),
    may(3, "ask for QR", () => ({ company })),
    may(8, "scan", () => ({ company })),
    may(2, "trespass", () => ({ company })),
    may(3, "policy", () => ({ company, policy: random.pick(POLICIES) })),
    may(4, "hold", () => ({ company, on: random.next() < 0.7 })),
    // Its session lives on, and what comes in is not told; and nobody writes, for whatever reason.
    may(10, "deaf", () => ({
      company,
      deafness: random.pick(DEAF_KIND_NAMES),
      forMs: (1 + random.integer(40)) * MINUTE,
    })),
    may(4, "silence", () => ({ company })),
    may(3, "own phone", () => ({ company, off: random.next() < 0.7 })),
    // What happens to sessions, WhatsApp and the gateway.
    may(2, "blip", () => ({ company })),
    may(5, "inbound", () => ({ company, from: random.pick(CUSTOMERS) })),
    // The gateway shows a QR of its own accord, over a pairing that lives.
    may(1.5, "unexpected QR", () => ({ company })),
    // A person disconnects a zombie, which no logout reaches; then its process starts anew.
    may(1.5, "disconnect a zombie", () => ({ company, apartMs: random.integer(60) * SECOND })),
    // Several messages in one webhook, one of which nobody can read.
    may(2, "inbound with a bad one", () => ({ company, message, bad: random.integer(4) })),
    // WhatsApp refuses, after the send, a message that has reached its customer or has not.
    may(3, "refuse delivery", () => ({ company, message, acked: random.next() < 0.3 })),
    may(7, "whatsapp", () => whatsapp(random, companies)),
    may(3, "gateway down", () => ({ on: random.next() < 0.4 })),
    may(3, "process restart", () => ({ forgets: random.next() < 0.3 ? [company] : [] })),
    // For some minutes neither webhooks nor WhatsApp: the gateway has lost its way out.
    may(2, "way out lost", () => ({ forMs: (1 + random.integer(6)) * MINUTE })),
    // Our functions are away: webhooks come again later, with their first token.
    may(1.5, "outage", () => ({
      as: random.pick<ReceiverAway>(["unreachable", 503]),
      forMs: (10 + random.integer(4)) * MINUTE,
    })),
    // The stored secret is another one for a time: each webhook is refused; also while WhatsApp is away.
    may(2, "wrong secret", () => ({
      company,
      away: random.next() < 0.5,
      forMs: (1 + random.integer(8)) * MINUTE,
    })),
    may(4, "report fault", () => ({ fault: random.pick(REPORT_FAULTS) })),
    may(2, "gateway clock", () => ({ hours: random.pick(CLOCKS_OFF_HOURS) })),
    // Somebody else has a row locked, and time goes on.
    may(4, "lock number", () => ({ company, forMs: (1 + random.integer(25)) * SECOND })),
    may(4, "lock message", () => ({ ...earlier, forMs: (1 + random.integer(25)) * SECOND })),
    // What goes wrong between the parts: the next request meets it, or the next worker.
    may(4, "webhook faults", () => ({ faults: random.pick(WEBHOOK_FAULTS) })),
    may(5, "gateway fault", () => ({
      route: random.pick(ROUTES),
      fault: random.pick(GATEWAY_FAULTS),
    })),
    may(2, "gateway delay", () => ({
      route: random.pick(ROUTES),
      ms: (1 + random.integer(8)) * SECOND,
    })),
    may(13, "database fault", () => ({
      fn: random.pick(WRITING_FUNCTIONS),
      fault: random.pick(DATABASE_FAULTS),
    })),
    may(6, "kill", () => ({
      who: random.next() < 0.4 ? "send" as const : random.pick(KILLABLE),
      afterEffects: random.integer(12),
    })),
  ];
}

/** What may happen, by name. */
export const ACTION_KINDS: readonly string[] = choicesOf(new Random(1), 1, 0, 0, {
  company: 0,
  message: 0,
}).map(({ make }) => make().kind);

function may<K extends string, P>(weight: number, kind: K, draw: () => P) {
  return { weight, make: () => ({ kind, ...draw() }) };
}

/** Two sockets of one session send webhooks without end: one in forty-five. */
function ghost(random: Random, company: number) {
  const kind = random.pick<GhostKind>(GHOST_KINDS);
  const ghost = kind === "flapping-440" && random.next() < 0.67 ? "A2" : kind;
  const options: GhostOptions = ghost === "A1"
    ? { falseSuccess: random.next() < 0.3 }
    : ghost === "B2"
    ? { code: random.pick([405, 408, 428, 500, 503]) }
    : ghost === "D"
    ? { code: random.pick([401, 402, 403, 406, undefined]) }
    : {};
  return { company, ghost, options };
}

/** No company: everybody. */
function whatsapp(random: Random, companies: number) {
  const company = random.next() < 0.4 ? null : random.integer(companies);
  const change: WhatsAppChange = random.next() < 0.6
    ? { reachable: true }
    : random.pick(WHATSAPP_FAULTS);
  return { change, company };
}
