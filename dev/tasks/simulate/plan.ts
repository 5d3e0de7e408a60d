/**
 * From a seed to what happens: every choice of a run is made here, before it begins.
 *
 * @module
 */

import { GHOST_KINDS, type GhostKind } from "../../evolution/model.ts";
import { Random } from "../../evolution/random.ts";
import { POLICIES } from "../ghosts/kinds.ts";
import type { Action, DatabaseFault, Plan } from "./actions.ts";
import { MORTALS } from "./actions.ts";

const SECOND = 1_000;
const MINUTE = 60_000;

/** SQL functions whose answers decide something. */
const FUNCTIONS = [
  "enqueue_messages",
  "finish_message",
  "claim_ghost_repair",
  "record_ghost_logout",
  "begin_repair_step",
  "record_repair_step",
  "begin_reconnect_attempt",
  "apply_connection_event",
  "apply_qr_code",
  "apply_acknowledgement",
  "claim_held_message",
  "record_connect",
] as const;

const ROUTES = [
  "sendText",
  "sendText",
  "logout",
  "fetchInstances",
  "connect",
  "restart",
  "fetchBusinessProfile",
  "connectionState",
] as const;

type Happening = Action extends infer A ? A extends Action ? Omit<A, "thenMs"> : never : never;

/** What a run of this seed does. */
export function planOf(seed: number): Plan {
  const random = new Random(seed * 2_654_435_761);
  const policies = Array.from({ length: 2 + random.integer(3) }, () => pick(random, POLICIES));
  const actions: Action[] = [];
  for (let left = 14 + random.integer(16); left > 0; left--) {
    const happening = pickHappening(random, policies.length, actions);
    actions.push({ ...happening, thenMs: pause(random) });
    // A sick session that nobody uses is not noticed: most of them are used.
    if (happening.kind === "ghost" && random.next() < 0.75) {
      const { company } = happening;
      actions.push({ kind: "send", company, message: actions.length, thenMs: pause(random) });
    }
  }
  return { seed, policies, actions };
}

/** Mostly soon, so that things meet; now and then much later. */
function pause(random: Random): number {
  const kind = random.next();
  if (kind < 0.2) return 0;
  if (kind < 0.55) return random.integer(20) * SECOND;
  if (kind < 0.97) return random.integer(150) * SECOND;
  return random.integer(720) * MINUTE;
}

function pickHappening(
  random: Random,
  companies: number,
  before: readonly Action[],
): Happening {
  const company = random.integer(companies);
  const index = before.length;
  const sent = before.filter((action) => action.kind === "send");
  const earlier = sent[random.integer(Math.max(1, sent.length))] ??
    { company, message: index };
  const choices: readonly (readonly [number, () => Happening])[] = [
    [26, () => ({ kind: "send", company, message: index })],
    [3, () => ({ kind: "send again", company: earlier.company, message: earlier.message })],
    [6, () => ({ kind: "retry", company: earlier.company, message: earlier.message })],
    [18, () => ghost(random, company)],
    [4, () => ({ kind: "disconnect", company })],
    [6, () => ({ kind: "reconnect", company })],
    [1, () => ({ kind: "delete", company })],
    [3, () => ({ kind: "ask for QR", company })],
    [8, () => ({ kind: "scan", company })],
    [2, () => ({ kind: "trespass", company })],
    [3, () => ({ kind: "policy", company, policy: pick(random, POLICIES) })],
    [4, () => ({ kind: "hold", company, on: random.next() < 0.7 })],
    [2, () => ({ kind: "blip", company })],
    [2, () => ({ kind: "inbound", company })],
    [7, () => whatsapp(random, companies)],
    [3, () => ({ kind: "gateway down", on: random.next() < 0.4 })],
    [3, () => ({ kind: "process restart", forgets: random.next() < 0.3 ? [company] : [] })],
    [4, () => webhookFaults(random)],
    [5, () => gatewayFault(random)],
    [2, () => ({
      kind: "gateway delay",
      route: pick(random, ROUTES),
      ms: (1 + random.integer(8)) * SECOND,
    })],
    [6, () => ({
      kind: "database fault",
      fn: pick(random, FUNCTIONS),
      fault: pick<DatabaseFault>(random, ["refused", "answer lost", "late", "slow"]),
    })],
    [5, () => ({ kind: "kill", who: pick(random, MORTALS), afterEffects: random.integer(12) })],
  ];
  let at = random.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, make] of choices) if ((at -= weight) < 0) return make();
  throw new RangeError("weights do not add up");
}

/** Two sockets that throw each other out send webhooks without end: one in sixty. */
function ghost(random: Random, company: number): Happening {
  const kind = pick<GhostKind>(random, GHOST_KINDS);
  const ghost = kind === "flapping-440" && random.next() < 0.8 ? "A2" : kind;
  return {
    kind: "ghost",
    company,
    ghost,
    options: ghost === "A1"
      ? { falseSuccess: random.next() < 0.3 }
      : ghost === "B2"
      ? { code: pick(random, [405, 408, 428, 500, 503]) }
      : ghost === "D"
      ? { code: pick(random, [401, 402, 403, 406, undefined]) }
      : {},
  };
}

function whatsapp(random: Random, companies: number): Happening {
  const company = random.next() < 0.4 ? null : random.integer(companies);
  if (random.next() < 0.6) return { kind: "whatsapp", change: { reachable: true }, company };
  const change = pick(
    random,
    [
      { refusing: true },
      { rejecting: 503 },
      { hanging: "login" },
      { hanging: "upgrade" },
    ] as const,
  );
  return { kind: "whatsapp", change, company };
}

function webhookFaults(random: Random): Happening {
  const faults = pick(random, [
    {},
    { duplicate: true },
    { reorder: true },
    { duplicate: true, reorder: true },
    { delayMs: 2_000 },
    { delayMs: 20_000 },
  ]);
  return { kind: "webhook faults", faults };
}

function gatewayFault(random: Random): Happening {
  return {
    kind: "gateway fault",
    route: pick(random, ROUTES),
    fault: pick(random, [
      "hang",
      "cut",
      "invalid-json",
      { status: 500, body: { status: 500, error: "Internal Server Error" } },
      { status: 401, body: { status: 401, error: "Unauthorized" } },
    ]),
  };
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.integer(from.length)]!;
}
