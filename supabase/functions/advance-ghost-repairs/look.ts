/**
 * What can be seen of a session: what its registry says, whether its socket answers, and, where a
 * call could follow, a close look at the process's memory and for a reconnect loop.
 *
 * @module
 */

import type { Gateway, MemoryOutcome } from "../_shared/gateway/client.ts";
import type { ProbeOutcome, RegistryOutcome } from "../_shared/gateway/outcomes.ts";
import { isDoubted } from "../_shared/gateway/prove-life.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import { type Evidence, type Look, needsLook, type SteadyMemory } from "./decide.ts";
import type { RepairLease } from "./work-list.ts";

/** How many samples of the memory, over how long. */
interface Extent {
  readonly samples: number;
  readonly ms: number;
}

const DENSE: Extent = { samples: 100, ms: 12_000 };
/** Where no webhook can be expected, the memory alone has to prove it. */
const LONG: Extent = { samples: 300, ms: 30_000 };
/** Where no call can follow from the look. */
const BRIEF: Extent = { samples: 12, ms: 11_000 };

/** Samples are taken by so many at once: a slow gateway must not thin them out. */
const LANES = 4;

/**
 * Samples are spread by this share of their pause, each by another one: taken at an even pace they
 * could fall between the turns of a loop, always at the same place.
 */
const GOLDEN_RATIO = 0.618_033_988_75;

/** A look that takes longer than this times its extent has seen what it has seen. */
const PATIENCE = 1.25;

/** Longer than the slowest loop's round: a login that is not answered is given up after 60 s. */
const LATELY_S = 90;

/** With fewer known samples than this the memory is not known. */
const KNOWN_SAMPLES = 10;

const DEAD: ReadonlySet<ProbeOutcome["outcome"]> = new Set([
  "connection_closed",
  "refused",
  "not_found",
  "timeout",
]);

/** How many samples may still be taken: each costs processor time. */
export interface SampleBudget {
  left: number;
}

/** What a look needs. */
interface LookEffects {
  readonly gateway: Pick<Gateway, "registry" | "probe" | "memory">;
  readonly clock: Pick<Clock, "sleep" | "monotonicMs">;
  /** Shared by all looks of a tick. */
  readonly budget: SampleBudget;
  /** Whether a `connecting` webhook came in the last seconds. */
  readonly connectingSeen: (seconds: number) => Promise<boolean>;
}

/** Evidence, and the words of the calls that it came from. */
interface Gathered {
  readonly evidence: Evidence;
  /** Digits; null where nobody knows it. */
  readonly ownNumber: string | null;
  readonly probe: ProbeOutcome["outcome"];
  readonly registry: RegistryOutcome["outcome"];
}

/**
 * Gathers what the ladder decides by. The look takes 12 to 30 seconds where the gateway answers.
 *
 * @returns null where a look is needed and the budget has none left.
 */
export async function gatherEvidence(
  lease: RepairLease,
  effects: LookEffects,
): Promise<Gathered | null> {
  const { gateway } = effects;
  const registry = await gateway.registry();
  // The own number comes from the `open` webhook, or else from the registry.
  const ownNumber = lease.phone_number ?? ("ownNumber" in registry ? registry.ownNumber : null);
  const probe = await gateway.probe(ownNumber ?? "");
  const seen: Omit<Evidence, "look"> = {
    state: lease.state,
    outage: lease.outage,
    sessionConflict: lease.session_conflict,
    silence: lease.webhook_delivered ? "heard" : lease.alone ? "alone" : "unheard",
    called: {
      connect: lease.connect_called,
      restart: lease.restart_called,
      logout: lease.logout_called,
    },
    secondsSinceRestart: lease.seconds_since_restart,
    restartAwaited: lease.restart_awaited,
    secondsSinceProcessRestart: lease.seconds_since_process_restart,
    waitingFor: lease.waiting_for,
    waitingSeconds: lease.waiting_seconds,
    ageSeconds: lease.age_seconds,
    registry: judgeRegistry(registry),
    // The registry was read before the probe: where both disagree the memory is asked, last.
    probe: isDoubted(probe, registry) && isDoubted(probe, registry, await gateway.memory())
      ? "dead"
      : judgeSocket(probe, registry),
  };
  const outcomes = { ownNumber, probe: probe.outcome, registry: registry.outcome };
  if (!needsLook(seen)) return { evidence: { ...seen, look: null }, ...outcomes };
  const taken = await watchMemory(extentOf(seen), effects);
  return taken === null ? null : { evidence: { ...seen, look: taken }, ...outcomes };
}

/** How closely to look. */
function extentOf({ registry, silence }: Omit<Evidence, "look">): Extent {
  if (registry === "connecting" || registry === "not_found") return BRIEF;
  return silence === "alone" ? LONG : DENSE;
}

function judgeRegistry({ outcome }: RegistryOutcome): Evidence["registry"] {
  switch (outcome) {
    case "open":
    case "close":
    case "connecting":
    case "not_found":
    case "unlicensed":
      return outcome;
    default:
      return "unknown";
  }
}

/**
 * The socket is dead where the gateway lives and the probe did not come through: an answer of its
 * own, or none in 8 seconds. Where the gateway itself does not answer, nothing is known.
 */
function judgeSocket({ outcome }: ProbeOutcome, registry: RegistryOutcome): Evidence["probe"] {
  if (outcome === "alive") return "alive";
  if (["unknown", "unlicensed"].includes(judgeRegistry(registry))) return "unknown";
  // Nothing was asked: that proves nothing.
  if (outcome === "no_number") return "unasked";
  return DEAD.has(outcome) ? "dead" : "unknown";
}

/** @returns null where the budget does not hold it. */
async function watchMemory(extent: Extent, effects: LookEffects): Promise<Look | null> {
  const { budget, clock, connectingSeen } = effects;
  // The last one ends the time that the first began.
  const reserved = extent.samples + LANES;
  if (budget.left < reserved) return null;
  budget.left -= reserved;
  const started = clock.monotonicMs();
  const samples = await sampleMemory(extent, effects);
  budget.left += reserved - samples.length;
  const seconds = Math.ceil((clock.monotonicMs() - started) / 1000);
  const now = await connectingSeen(seconds);
  return {
    memory: steadiness(samples.map(({ outcome }) => outcome)),
    connecting: now ? "now" : await connectingSeen(LATELY_S) ? "lately" : "silent",
    density: densityOf(samples),
  };
}

/** One look at the memory, and when its answer came. */
interface Sample {
  readonly outcome: MemoryOutcome["outcome"];
  readonly at: number;
}

/** Samples the memory until the extent is reached, it has moved, or it takes too long. */
async function sampleMemory(
  { samples: wanted, ms }: Extent,
  { gateway, clock }: LookEffects,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const started = clock.monotonicMs();
  const pauseMs = ms / wanted;
  let begun = 0;
  let over = false;
  const take = async () => {
    begun++;
    const { outcome } = await gateway.memory();
    const at = clock.monotonicMs();
    samples.push({ outcome, at });
    const known = samples.filter((sample) => isKnown(sample.outcome));
    over ||= steadiness(known.map((sample) => sample.outcome)) === "changing" ||
      (known.length >= wanted && at - known[0]!.at >= ms) ||
      at - started >= ms * PATIENCE;
  };
  await Promise.all(Array.from({ length: LANES }, async (_, lane) => {
    for (let turn = lane; !over && begun < wanted + LANES; turn += LANES) {
      const spread = turn * GOLDEN_RATIO % 1;
      const early = started + (turn + spread) * pauseMs - clock.monotonicMs();
      if (early > 0) await clock.sleep(early);
      if (!over && begun < wanted + LANES) await take();
    }
  }));
  return samples;
}

function isKnown(outcome: MemoryOutcome["outcome"]): boolean {
  return outcome === "open" || outcome === "close" || outcome === "connecting" ||
    outcome === "missing";
}

/** What samples of the memory say together. Pure. */
export function steadiness(samples: readonly MemoryOutcome["outcome"][]): SteadyMemory {
  const known = samples.filter(isKnown) as Exclude<SteadyMemory, "changing" | "unknown">[];
  const states = new Set(known);
  if (states.size > 1) return "changing";
  const [only] = states;
  return only === undefined || known.length < KNOWN_SAMPLES ? "unknown" : only;
}

/** How closely the memory was watched: by what is known of it alone. Pure. */
export function densityOf(samples: readonly Sample[]): Look["density"] {
  const known = samples.filter(({ outcome }) => isKnown(outcome));
  const reaches = ({ samples, ms }: Extent) =>
    known.length >= samples && known.at(-1)!.at - known[0]!.at >= ms;
  return reaches(LONG) ? "long" : reaches(DENSE) ? "dense" : "thin";
}
