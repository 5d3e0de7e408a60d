/**
 * Twelve seconds of looking at a session: what the process's memory says, and whether a reconnect
 * loop is heard.
 *
 * @module
 */

import type { Clock } from "../_shared/runtime/clock.ts";
import type { Gateway } from "../_shared/gateway/client.ts";
import type { MemoryOutcome, WebhookOutcome } from "../_shared/gateway/outcomes.ts";
import type { Look, SteadyMemory } from "./evidence.ts";

/** One sample a second. */
const SAMPLES = 12;
const SAMPLE_MS = 1000;

/** Longer than the slowest loop's round: a login that is not answered is given up after 60 s. */
const LATELY_S = 90;

/** With fewer known samples than this the memory is not known: steady means 10 s. */
const KNOWN_SAMPLES = 10;

/** What a look needs. */
export interface LookEffects {
  readonly gateway: Pick<Gateway, "memory" | "webhook">;
  readonly clock: Pick<Clock, "sleep">;
  /** Whether a `connecting` webhook came in the last seconds. */
  readonly connectingSeen: (seconds: number) => Promise<boolean>;
}

/**
 * Looks. Takes 12 seconds where the gateway answers.
 *
 * @param instanceId Ours; the webhook's address ends with it.
 */
export async function look(instanceId: string, effects: LookEffects): Promise<Look> {
  const webhook = effects.gateway.webhook();
  const samples: MemoryOutcome[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    samples.push(await effects.gateway.memory());
    await effects.clock.sleep(SAMPLE_MS);
  }
  return {
    memory: steadiness(samples.map(({ outcome }) => outcome)),
    connecting: await hear(effects),
    webhooksTrusted: trusts(await webhook, instanceId),
  };
}

async function hear({ connectingSeen }: LookEffects): Promise<Look["connecting"]> {
  if (await connectingSeen(SAMPLES * SAMPLE_MS / 1000)) return "now";
  return await connectingSeen(LATELY_S) ? "lately" : "silent";
}

/** What samples of the memory say together. Pure. */
export function steadiness(samples: readonly MemoryOutcome["outcome"][]): SteadyMemory {
  const known = samples.filter((sample) =>
    sample === "open" || sample === "close" || sample === "connecting" || sample === "missing"
  );
  const states = new Set(known);
  if (states.size > 1) return "changing";
  const [only] = states;
  return only === undefined || known.length < KNOWN_SAMPLES ? "unknown" : only;
}

/** Whether the gateway's webhook is ours and tells of connections. Pure. */
export function trusts(webhook: WebhookOutcome, instanceId: string): boolean {
  if (webhook.outcome !== "configured" || !webhook.enabled || !URL.canParse(webhook.url)) {
    return false;
  }
  return new URL(webhook.url).pathname.includes(`/evolution-webhook/${instanceId}`) &&
    webhook.events.includes("CONNECTION_UPDATE");
}
