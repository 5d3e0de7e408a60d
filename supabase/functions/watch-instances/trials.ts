/**
 * Numbers on trial: whether they hear is asked by canaries, a turn at a time, and what is deaf is
 * mended. See `judge-canaries.ts`.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceAddress } from "../_shared/contracts/instance-row.ts";
import { gatewayOf } from "../_shared/gateway/instance.ts";
import type { Gateway } from "../_shared/gateway/client.ts";
import { isSameNumber, numberFromJid } from "../_shared/gateway/own-number.ts";
import type { Database } from "../_shared/runtime/database.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import {
  leaseByTick,
  nameTurns,
  takeTurns,
  type TurnLimits,
  type TurnsTaken,
} from "../_shared/runtime/leases.ts";
import type { Log } from "../_shared/runtime/log.ts";
import { decideTrial, type Turn, type Way } from "./judge-canaries.ts";

/** The longest turn takes 94 s: the recipient's registry 8, a send 70, the database. */
const LIMITS: TurnLimits = { concurrency: 20, leases: 100, leasingMs: 20_000, gatherMs: 100 };
const LEASE_SECONDS = 140;

/** Canaries taken back in one call. */
const REMOVED = 20;

/** So long around its own time the gateway's stored messages are asked for a canary, in ms. */
const STORED_WITHIN_MS = 180_000;

/** What a person reads who opens that chat. The mark tells it again before its WhatsApp id is known. */
const text = (id: string) =>
  `Teste automático: este número recebe mensagens? Pode ignorar. / Automatic test. [canary ${id}]`;

const seconds = z.nullable(z.number());
const canary = z.object({
  id: z.uuid(),
  way: z.enum(["to", "from", "own"]),
  outcome: z.nullable(z.string()),
  age: z.number(),
  announced: seconds,
  reported: seconds,
  received: seconds,
  stored: z.nullable(z.boolean()),
  whatsapp_id: z.nullable(z.string()),
});

const leases = z.array(z.object({
  trial_id: z.uuid(),
  token: z.uuid(),
  instance_id: z.uuid(),
  ...instanceAddress.shape,
  known: z.object({
    reason: z.enum(["silence", "partner", "baseline"]),
    phase: z.enum(["listen", "cure", "told"]),
    heard: z.boolean(),
    reports: z.boolean(),
    open_seconds: seconds,
    may_send: z.boolean(),
    partner: z.boolean(),
    answered_before: z.boolean(),
    canaries: z.array(canary),
    cure: z.object({
      seconds,
      presence: seconds,
      came: z.boolean(),
      restart: seconds,
      reopened: z.boolean(),
      asked: z.boolean(),
      state: z.nullable(z.string()),
      restarted: seconds,
    }),
  }),
  presence_to: z.nullable(z.string()),
  tick_started: z.string(),
}));

/** The right to take one trial's next turn, and what is known. */
type Lease = Readonly<z.infer<typeof leases>[number]>;

const begun = z.nullable(z.object({
  id: z.uuid(),
  sender: instanceAddress,
  recipient: z.extend(instanceAddress, { phone_number: z.string() }),
}));

const removals = z.array(z.extend(instanceAddress, {
  whatsapp_message_id: z.string(),
  phone_number: z.string(),
}));

const stored = z.object({ key: z.object({ id: z.string() }) });

/** What `record_trial` is told. */
interface TrialRecord {
  readonly next: string;
  readonly seconds?: number;
  readonly stored?: Readonly<Record<string, boolean>>;
  readonly partner_silent?: boolean;
}

/** Takes the turns that are due, and takes canaries back. */
export async function tryHearing(effects: Effects, log: Log): Promise<TurnsTaken> {
  const { database } = effects;
  if (!await database.call("is_hearing_due", {}, z.boolean())) {
    return { leased: 0, counts: {}, stopped: null };
  }
  const taken = await takeTurns<Lease>({
    lease: leaseByTick(database, "lease_due_trials", leases, LEASE_SECONDS),
    turn: async (lease) => {
      const turn = decideTrial(lease.known);
      const record = await takeTurn(turn, lease, effects);
      const held = { p_trial_id: lease.trial_id, p_token: lease.token };
      await database.call("record_trial", { ...held, p_result: record }, z.boolean());
      const outcome = turn.next === "wait" ? "waits" : record.next;
      log.write("debug", "trial", { instanceId: lease.instance_id, outcome: turn.next });
      return outcome;
    },
    faultEvent: "trial_failed",
    log,
    clock: effects.clock,
  }, LIMITS);
  await removeCanaries(effects, log);
  return nameTurns("trial", taken);
}

/** Does what a turn asks for, and says what is to be written down. */
async function takeTurn(turn: Turn, lease: Lease, effects: Effects): Promise<TrialRecord> {
  const gateway = gatewayOf(lease, effects);
  switch (turn.next) {
    case "send":
      return await sendCanary(turn.way, lease, effects);
    case "look": {
      const found = await findCanary(lease, turn.canary, gateway, effects);
      const soon = { next: "wait", seconds: found === null ? 10 : 0 };
      return found === null ? soon : { ...soon, stored: { [turn.canary]: found } };
    }
    case "presence":
    case "restart":
      if (await beginCureStep(effects.database, lease, turn.next)) {
        await (turn.next === "restart"
          ? gateway.restart()
          : gateway.presence(lease.presence_to ?? ""));
      }
      return { next: "wait", seconds: 5 };
    case "wait":
      return { next: "wait", seconds: turn.seconds };
    default:
      return { next: turn.next, partner_silent: turn.partnerSilent ?? false };
  }
}

/**
 * Sends a canary, once its recipient's own gateway has said that the number is the recipient's: it never
 * reaches anybody else.
 */
async function sendCanary(way: Way, lease: Lease, effects: Effects): Promise<TrialRecord> {
  const { database } = effects;
  const held = { p_trial_id: lease.trial_id, p_token: lease.token };
  const canary = await database.call("begin_canary", { ...held, p_way: way }, begun);
  if (canary === null) return { next: "unproven" };
  const number = numberFromJid(canary.recipient.phone_number) ?? "";
  const registry = await gatewayOf(canary.recipient, effects).registry();
  const own = "ownNumber" in registry ? registry.ownNumber : null;
  const sent = own === null || !isSameNumber(own, number)
    ? null
    : await gatewayOf(canary.sender, effects).sendText({ number, text: text(canary.id) });
  const outcome = sent === null || sent.outcome === "gateway_unreachable"
    ? "not_sent"
    : sent.outcome;
  const whatsapp_id = sent?.outcome === "sent" ? sent.whatsappMessageId : null;
  const told = { p_canary_id: canary.id, p_sent: { outcome, whatsapp_id } };
  await database.call("record_canary", told, z.unknown());
  return { next: "wait", seconds: outcome === "not_sent" ? 60 : 5 };
}

/** Whether the number's gateway has stored a canary; null: it did not say. */
async function findCanary(
  lease: Lease,
  id: string,
  gateway: Pick<Gateway, "findMessages">,
  { clock }: Effects,
): Promise<boolean | null> {
  const canary = lease.known.canaries.find((one) => one.id === id);
  // Of one whose send was not answered nobody knows the id.
  if (canary === undefined || canary.whatsapp_id === null) return false;
  const begun = clock.now().getTime() - canary.age * 1000;
  const found = await gateway.findMessages({
    from: new Date(begun - STORED_WITHIN_MS),
    until: new Date(begun + STORED_WITHIN_MS),
    page: 1,
    size: 100,
  });
  if (found.outcome !== "page") return null;
  return found.records.some((record) =>
    z.safeParse(stored, record).data?.key.id === canary.whatsapp_id
  );
}

function beginCureStep(
  database: Database,
  { trial_id, token }: Lease,
  step: string,
): Promise<boolean> {
  const told = { p_trial_id: trial_id, p_token: token, p_step: step };
  return database.call("begin_cure_step", told, z.boolean());
}

/** Canaries of trials that are over go for everybody. What does not go stays: it is marked. */
async function removeCanaries(effects: Effects, log: Log): Promise<void> {
  const due = await effects.database.call("claim_sent_canaries", { p_limit: REMOVED }, removals);
  const ends = await Promise.all(
    due.map((row) =>
      gatewayOf(row, effects).deleteMessage(row.phone_number, row.whatsapp_message_id)
    ),
  );
  const refused = ends.filter(({ outcome }) => outcome !== "accepted").length;
  if (refused > 0) log.write("debug", "canaries_left", { count: refused });
}
