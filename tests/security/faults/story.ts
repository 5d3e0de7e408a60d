/**
 * One number's bad day: it sends, falls ill, is repaired and scanned, while things go wrong.
 *
 * @module
 */

import type { Ground } from "../../../dev/world/ground.ts";
import type { Clock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import type { GhostKind } from "../../../dev/evolution/model/ghost-kinds.ts";
import type { WebhookFaults } from "../../../dev/evolution/webhooks/sender.ts";
import { CRON_SECRET } from "../../../dev/world/virtual-world.ts";
import { type BareWorld, createBareWorld, CRON_FUNCTIONS } from "../support/bare-world.ts";
import { type Fault, gatewayPoint, Interruptions, supabasePoint } from "./interruptions.ts";

/** What happens in a run. */
export interface Plan {
  readonly ghost: GhostKind;
  readonly faults: readonly Fault[];
  readonly webhooks?: WebhookFaults;
  /** How far the clock of the functions' machine is off, in ms. */
  readonly skewMs?: number;
  /** Whether failed messages wait for the number. */
  readonly hold?: boolean;
  /** After the first message that fails nobody sends any more. */
  readonly quiet?: boolean;
}

/** A message that the user sent, and whether the function took it. */
interface Sent {
  readonly id: string;
  readonly content: string;
  readonly taken: boolean;
}

/** A run that is over. */
export interface Ended {
  readonly bare: BareWorld;
  readonly sent: readonly Sent[];
  readonly interruptions: Interruptions;
}

const MINUTE = 60_000;
/** What nobody tries fails after twelve and a half, and a sweep. */
const UNTRIED_MINUTES = 14;

/** Lives the day. The world is open afterwards: close its world. */
export async function live(plan: Plan, ground?: Ground): Promise<Ended> {
  const interruptions = new Interruptions(plan.faults);
  const bare = await createBareWorld({
    ...(ground ? { ground } : {}),
    simulator: { reconnectLoopMs: 8_000 },
    aroundSupabase: (inner) => interruptions.around(inner, supabasePoint),
    aroundGateway: (inner) => interruptions.around(inner, gatewayPoint),
    aroundWebhooks: (inner) => interruptions.aroundWebhooks(inner),
    functionsClock: (clock) => skewed(clock, plan.skewMs ?? 0),
  });
  try {
    return { bare, interruptions, sent: await day(plan, bare, interruptions) };
  } catch (error) {
    await bare.world.close();
    throw error;
  }
}

async function day(plan: Plan, bare: BareWorld, interruptions: Interruptions): Promise<Sent[]> {
  const { clock, company, gateway: { control }, sql } = bare.world;
  const name = company.instanceName;
  const sent: Sent[] = [];
  const send = async (content: string) => {
    if (plan.quiet && sent.length === 2) return;
    const id = crypto.randomUUID();
    const ask = () =>
      interruptions.invoke(() =>
        bare.begin("evolution-api", {
          headers: { authorization: `Bearer ${bare.world.userToken}` },
          body: JSON.stringify({
            action: "send_message_async",
            conversationId: company.conversationId,
            message: content,
            clientMessageId: id,
          }),
        })
      );
    let taken = (await clock.until(ask()))?.status === 200;
    // As a page does: the same id again.
    if (!taken) taken = (await clock.until(ask()))?.status === 200;
    sent.push({ id, content, taken });
  };
  const minute = async () => {
    await clock.advance(MINUTE);
    for (const fn of CRON_FUNCTIONS) {
      const tick = bare.begin.bind(bare, fn, { headers: { "x-cron-secret": CRON_SECRET } });
      await clock.until(interruptions.invoke(tick));
    }
    await sql`select public.sweep()`;
    if (control.inspect(name).socket === "pairing") control.scan(name);
  };

  const isSending = async () => {
    const [row] = await sql`select exists (
      select from public.messages where status = 'sending') as sending`;
    return row?.["sending"] === true;
  };

  if (plan.hold) {
    await sql`insert into private.message_settings (organization_id, hold_messages)
      values (${company.organizationId}, true)`;
  }
  control.webhooks(plan.webhooks ?? {});
  await send("first");
  await clock.advance(2_000);
  control.ghost(name, plan.ghost, plan.ghost === "A1" ? { selfHeals: false } : {});
  await send("second");
  await send("third");
  await clock.advance(80_000);
  for (let tick = 0; tick < 3; tick++) await minute();
  control.inbound(name, { from: "5511988887777", text: "are you there?" });

  // Nothing goes wrong from here on; WhatsApp itself is back where it was away.
  interruptions.on = false;
  control.webhooks({});
  control.clearFaults();
  if (plan.ghost === "B1") control.whatsapp({ reachable: true }, name);
  await send("fourth");
  await clock.advance(80_000);
  for (let tick = 0; tick < 4; tick++) await minute();
  await send("fifth");
  await clock.advance(80_000);
  for (let tick = 0; tick < 4; tick++) await minute();
  // What nobody has tried, behind a message whose sender died, has its own time to wait.
  for (let tick = 0; tick < UNTRIED_MINUTES && await isSending(); tick++) await minute();
  return sent;
}

function skewed(clock: Clock, ms: number): Clock {
  return {
    now: () => new Date(clock.now().getTime() + ms),
    monotonicMs: () => clock.monotonicMs(),
    sleep: (wait, signal) => clock.sleep(wait, signal),
  };
}
