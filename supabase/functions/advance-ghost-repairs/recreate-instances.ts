/**
 * Numbers that are deleted at their gateway and made anew, where that is allowed: the last step of a
 * repair that nothing else ends. What could not be given back is not deleted, and what was deleted is
 * made again, whoever dies in between.
 *
 * ```text
 * version, registry, probe ── alive ──▶ the ladder's        ── cannot be given back ──▶ a person
 *        │ begin_recreation
 * delete ── create, its name free after a second ── its webhook with it ──▶ recreated
 * ```
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceAddress } from "../_shared/contracts/instance-row.ts";
import { gatewayOf } from "../_shared/gateway/instance.ts";
import type { Gateway } from "../_shared/gateway/client.ts";
import { removeInstance } from "../_shared/gateway/remove-instance.ts";
import { findGateway, type Found } from "../_shared/gateway/versions.ts";
import {
  isOurWebhook,
  needsToken,
  settableEvents,
  WEBHOOK_EVENTS,
  webhookHeaders,
  webhookUrl,
} from "../_shared/gateway/webhook-events.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { randomSecret } from "../_shared/runtime/hex.ts";
import {
  leaseByTick,
  nameTurns,
  takeTurns,
  type TurnLimits,
  type TurnsTaken,
} from "../_shared/runtime/leases.ts";
import type { Log } from "../_shared/runtime/log.ts";
import { LEASE_SECONDS } from "./advance-repair.ts";

/** The longest turn takes 120 s: look 35, delete 30, its name 10, create 30, the database. */
const LIMITS: TurnLimits = { concurrency: 5, leases: 20, leasingMs: 20_000, gatherMs: 100 };

/** Until it is tried again, in seconds. */
const AGAIN_S = 30;

/**
 * A deleted name is free after a second (measured). How often it is tried, and from time to time,
 * in ms.
 */
const TRIES = 6;
const TRY_EVERY_MS = 1_500;

const leases = z.array(z.object({
  repair_id: z.uuid(),
  token: z.uuid(),
  instance_id: z.uuid(),
  ...instanceAddress.shape,
  phone_number: z.nullable(z.string()),
  begun: z.boolean(),
  ask: z.boolean(),
  webhook_url: z.nullable(z.string()),
  tick_started: z.string(),
}));

/** The right to make one number anew, and what is known. */
type Lease = Readonly<z.infer<typeof leases>[number]>;

const begun = z.nullable(z.object({
  webhook_secret: z.string(),
  webhook_token: z.nullable(z.string()),
}));

/** What signs the number's webhooks, or is sent with them. Secrets. */
type WebhookSecrets = NonNullable<z.infer<typeof begun>>;

/** What `record_recreation` is told. */
type Recreation =
  | { readonly next: "recreated" | "alive" }
  | { readonly next: "wait"; readonly seconds: number }
  | {
    readonly next: "refused";
    readonly why: "version" | "not_found" | "own_key" | "own_settings" | "delete_refused";
  };

/** Takes the turns that are due. */
export async function recreateInstances(effects: Effects, log: Log): Promise<TurnsTaken> {
  const { database, clock, supabaseUrl } = effects;
  const taken = await takeTurns<Lease>({
    lease: leaseByTick(database, "lease_due_recreations", leases, LEASE_SECONDS),
    turn: async (lease) => {
      const held = { p_repair_id: lease.repair_id, p_token: lease.token };
      const made = await recreate(lease, {
        gateway: gatewayOf(lease, effects),
        clock,
        find: () => findGateway(lease.api_url, effects),
        ourWebhook: webhookUrl(supabaseUrl, lease.instance_id),
        begin: (p_webhook_url, p_webhook_token) =>
          database.call("begin_recreation", { ...held, p_webhook_url, p_webhook_token }, begun),
      });
      await database.call("record_recreation", { ...held, p_result: made }, z.boolean());
      const reason = "why" in made ? made.why : undefined;
      const { instance_id: instanceId } = lease;
      log.write("info", "recreation", { instanceId, outcome: made.next, reason });
      return made.next;
    },
    faultEvent: "recreation_failed",
    log,
    clock,
  }, LIMITS);
  return nameTurns("recreation", taken);
}

/** What making a number anew needs. */
interface RecreateEffects {
  readonly gateway: Pick<
    Gateway,
    "registry" | "probe" | "webhook" | "remove" | "create" | "setWebhook"
  >;
  readonly clock: Pick<Clock, "sleep">;
  /** Looks which version answers now. */
  readonly find: () => Promise<Found>;
  /** Where the number's webhook leads, unless its host is known there by another name. */
  readonly ourWebhook: string;
  /** Asked last, right before the delete. Null: do not call. */
  readonly begin: (url: string, token: string | null) => Promise<WebhookSecrets | null>;
}

const WAIT = { next: "wait", seconds: AGAIN_S } as const;

/** Makes one number anew, as far as that goes now. */
export async function recreate(
  lease: Pick<Lease, "begun" | "ask" | "phone_number" | "webhook_url">,
  effects: RecreateEffects,
): Promise<Recreation> {
  const { gateway, clock, ourWebhook } = effects;
  const found = await effects.find();
  if (!lease.begun && isUnable(found)) return { next: "refused", why: "version" };
  if (found.kind !== "evolution") return WAIT;
  const registry = await gateway.registry();
  let url = lease.webhook_url ?? ourWebhook;
  if (!lease.begun) {
    if (registry.outcome === "not_found") return { next: "refused", why: "not_found" };
    if (!("ownNumber" in registry)) return WAIT;
    if (registry.irreplaceable !== undefined) {
      return { next: "refused", why: registry.irreplaceable };
    }
    const number = lease.phone_number ?? registry.ownNumber;
    if (lease.ask && (await gateway.probe(number ?? "")).outcome === "alive") {
      return { next: "alive" };
    }
    const webhook = await gateway.webhook();
    url = isOurWebhook(webhook, ourWebhook) ? webhook.url : ourWebhook;
  }
  const keys = await effects.begin(url, needsToken(found) ? randomSecret() : null);
  if (keys === null) return WAIT;
  if (registry.outcome !== "not_found" && await removeInstance(gateway) !== null) {
    return lease.begun ? WAIT : { next: "refused", why: "delete_refused" };
  }
  const headers = webhookHeaders(found, keys.webhook_secret, keys.webhook_token ?? "");
  for (let tries = 1; tries <= TRIES; tries++) {
    await clock.sleep(TRY_EVERY_MS);
    const { outcome } = await gateway.create({
      token: randomSecret(),
      webhook: { url, events: WEBHOOK_EVENTS, headers },
    });
    if (outcome === "created") return { next: "recreated" };
    if (outcome !== "name_taken") break;
  }
  // An answer that was lost, now or of an earlier try: who has no number is the new one.
  const after = await gateway.registry();
  if (!("ownNumber" in after) || after.ownNumber !== null) return WAIT;
  const { outcome } = await gateway.setWebhook({ url, headers, events: settableEvents(found) });
  return outcome === "set" ? { next: "recreated" } : WAIT;
}

/** Whether what answers cannot do it. Silence says nothing. */
function isUnable(found: Found): boolean {
  return found.kind === "unusable" ||
    (found.kind === "evolution" && !found.capabilities.deletesZombies.is);
}
