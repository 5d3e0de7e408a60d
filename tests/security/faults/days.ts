/**
 * Bad days by the dozen: every fault at every boundary, then pairs of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { GhostKind } from "../../../dev/evolution/model/ghost-kinds.ts";
import { onGround } from "../../support/server.ts";
import { count, isLong } from "../../../dev/tasks/security/counts.ts";
import { type Fault, FAULT_KINDS } from "./interruptions.ts";
import { inspect } from "./invariants.ts";
import { live, type Plan } from "./story.ts";

/** Chooses the samples; the same seed gives the same days. */
const SEED = Number(Deno.env.get("SECURITY_SEED") ?? 20_260_101);

/** The long form: every single fault around these ghosts, a sample around the others, and pairs. */
const LONG = { everywhere: ["A1", "A2"] as readonly GhostKind[], singles: 30, pairs: 15 };

/** Days for each ghost in the short form: with one fault, with two, and with what lasts all day. */
const SHORT = { singles: 2, pairs: 2, steady: 1 };

/** Webhooks that do not come as they should, and a clock that is wrong: for the whole day. */
const STEADY: readonly Omit<Plan, "ghost" | "faults">[] = [
  { webhooks: { duplicate: true } },
  { webhooks: { reorder: true } },
  { webhooks: { delayMs: 5_000 } },
  { webhooks: { delayMs: 90_000 } },
  { webhooks: { duplicate: true, reorder: true, delayMs: 3_000 } },
  { webhooks: { drop: ["connection.update"] } },
  { webhooks: { drop: ["messages.update"] } },
  { webhooks: { drop: ["qrcode.updated"] } },
  { webhooks: { drop: true } },
  { skewMs: 600_000 },
  { skewMs: -600_000 },
];

/** Lives one day and says what was broken on it. */
function spoiledDay(plan: Plan): Promise<string[]> {
  return onGround(async (ground) => {
    const ended = await live(plan, ground);
    try {
      const { lost, doubled, other } = await inspect(ended);
      count("faults", ended.interruptions.struck + (plan.webhooks || plan.skewMs ? 1 : 0));
      count("fault runs");
      count("lost", lost.length);
      count("doubled", doubled.length);
      return [...lost, ...doubled, ...other];
    } finally {
      await ended.house.world.close();
    }
  });
}

/** The boundaries that a day with this ghost passes when nothing goes wrong. */
async function boundaries(ghost: GhostKind): Promise<readonly string[]> {
  const ended = await live({ ghost, faults: [], hold: true });
  await ended.house.world.close();
  return ended.interruptions.points;
}

function faultsAt(points: readonly string[]): Fault[] {
  return points.flatMap((point) => FAULT_KINDS.map((kind) => ({ point, kind, nth: 1 })));
}

function sample<T>(all: readonly T[], size: number): T[] {
  return fc.sample(fc.shuffledSubarray([...all], { minLength: size, maxLength: size }), {
    numRuns: 1,
    seed: SEED,
  })[0]!;
}

/** Every plan for a ghost: each fault alone, pairs, and what lasts the whole day. */
async function plansFor(ghost: GhostKind): Promise<Plan[]> {
  const points = await boundaries(ghost);
  const singles = faultsAt(points);
  const fault = fc.tuple(fc.constantFrom(...singles), fc.integer({ min: 1, max: 3 }))
    .map(([one, nth]): Fault => ({ ...one, nth }));
  const pairs = fc.sample(fc.tuple(fault, fault), {
    numRuns: isLong ? LONG.pairs : SHORT.pairs,
    seed: SEED,
  });
  const chosen = isLong && LONG.everywhere.includes(ghost)
    ? singles
    : sample(singles, isLong ? LONG.singles : SHORT.singles);
  const steady = isLong ? STEADY : sample(STEADY, SHORT.steady);
  return [...chosen.map((one) => [one]), ...pairs]
    .map((faults, index): Plan => ({ ghost, faults, hold: index % 2 === 1 }))
    .concat(steady.map((more, index) => ({ ghost, faults: [], hold: index % 2 === 0, ...more })));
}

/** Registers the days of a ghost. */
export function daysTest(ghost: GhostKind): void {
  Deno.test({
    name:
      `nothing is lost, doubled or blocked when anything fails around a session that is ${ghost}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const broken: string[] = [];
      for (const plan of await plansFor(ghost)) {
        const found = await spoiledDay(plan).catch((error) => [`the day ended with ${error}`]);
        if (found.length === 0) continue;
        broken.push(`${JSON.stringify(plan)}: ${found.join("; ")}`);
        // Said at once: the rest takes minutes.
        console.error(broken.at(-1));
      }
      assert.deepEqual(broken, [], `seed ${SEED}`);
    },
  });
}
