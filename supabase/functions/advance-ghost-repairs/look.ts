/**
 * What can be seen of a session: what its registry says, whether its socket answers, and, where a
 * call could follow, twelve seconds of looking at the process's memory and for a reconnect loop.
 *
 * @module
 */

import type { Gateway, MemoryOutcome, WebhookOutcome } from "../_shared/gateway/client.ts";
import type { ProbeOutcome, RegistryOutcome } from "../_shared/gateway/outcomes.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import { type Evidence, type Look, needsLook, type SteadyMemory } from "./decide.ts";
import type { RepairLease } from "./work-list.ts";

/** One sample a second. */
const SAMPLES = 12;
const SAMPLE_MS = 1000;

/** Longer than the slowest loop's round: a login that is not answered is given up after 60 s. */
const LATELY_S = 90;

/** With fewer known samples than this the memory is not known: steady means 10 s. */
const KNOWN_SAMPLES = 10;

const DEAD: ReadonlySet<ProbeOutcome["outcome"]> = new Set([
  "connection_closed",
  "refused",
  "not_found",
  "no_number",
  "timeout",
]);

/** What a look needs. */
interface LookEffects {
  readonly gateway: Pick<Gateway, "registry" | "probe" | "memory" | "webhook">;
  readonly clock: Pick<Clock, "sleep">;
  /** Whether a `connecting` webhook came in the last seconds. */
  readonly connectingSeen: (seconds: number) => Promise<boolean>;
}

/** Evidence, and the words of the calls that it came from. */
interface Seen {
  readonly evidence: Evidence;
  readonly probe: ProbeOutcome["outcome"];
  readonly registry: RegistryOutcome["outcome"];
}

/** Gathers what the ladder decides by. The look takes 12 seconds where the gateway answers. */
export async function gatherEvidence(lease: RepairLease, effects: LookEffects): Promise<Seen> {
  const { gateway } = effects;
  const registry = await gateway.registry();
  // The own number comes from the `open` webhook, or else from the registry.
  const ownNumber = lease.phone_number ?? ("ownNumber" in registry ? registry.ownNumber : null);
  const probe = await gateway.probe(ownNumber ?? "");
  const seen: Omit<Evidence, "look"> = {
    policy: lease.policy,
    state: lease.state,
    outage: lease.outage,
    called: {
      connect: lease.connect_called,
      restart: lease.restart_called,
      logout: lease.logout_called,
    },
    secondsSinceRestart: lease.seconds_since_restart,
    waitingFor: lease.waiting_for,
    waitingSeconds: lease.waiting_seconds,
    ageSeconds: lease.age_seconds,
    registry: judgeRegistry(registry),
    probe: judgeProbe(probe, registry),
  };
  const evidence = {
    ...seen,
    look: needsLook(seen) ? await look(lease.instance_id, effects) : null,
  };
  return { evidence, probe: probe.outcome, registry: registry.outcome };
}

function judgeRegistry({ outcome }: RegistryOutcome): Evidence["registry"] {
  switch (outcome) {
    case "open":
    case "close":
    case "connecting":
    case "not_found":
      return outcome;
    default:
      return "unknown";
  }
}

/**
 * The socket is dead where the gateway lives and the probe did not come through: an answer of its
 * own, or none in 8 seconds. Where the gateway itself does not answer, nothing is known.
 */
function judgeProbe({ outcome }: ProbeOutcome, registry: RegistryOutcome): Evidence["probe"] {
  if (outcome === "alive") return "alive";
  if (judgeRegistry(registry) === "unknown") return "unknown";
  return DEAD.has(outcome) ? "dead" : "unknown";
}

async function look(
  instanceId: string,
  { gateway, clock, connectingSeen }: LookEffects,
): Promise<Look> {
  const webhook = gateway.webhook();
  const samples: MemoryOutcome[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    samples.push(await gateway.memory());
    await clock.sleep(SAMPLE_MS);
  }
  const now = await connectingSeen(SAMPLES * SAMPLE_MS / 1000);
  return {
    memory: steadiness(samples.map(({ outcome }) => outcome)),
    connecting: now ? "now" : await connectingSeen(LATELY_S) ? "lately" : "silent",
    webhooksTrusted: trusts(await webhook, instanceId),
  };
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

/** Whether the gateway's webhook is ours (its address holds the number's id) and tells of connections. */
export function trusts(webhook: WebhookOutcome, instanceId: string): boolean {
  if (webhook.outcome !== "configured" || !webhook.enabled || !URL.canParse(webhook.url)) {
    return false;
  }
  return new URL(webhook.url).pathname.includes(`/evolution-webhook/${instanceId}`) &&
    webhook.events.includes("CONNECTION_UPDATE");
}
