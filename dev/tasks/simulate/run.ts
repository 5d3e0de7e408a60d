/**
 * One run: a plan from its first action to the end of all that it began.
 *
 * @module
 */

import type { PostgresServer } from "../../platform/database/postgres.ts";
import type { Ground } from "../../world/ground.ts";
import type { Plan } from "./plan.ts";
import { converge } from "./promises/liveness.ts";
import { perform } from "./perform.ts";
import { Safety } from "./promises/safety.ts";
import { Scene } from "./scene.ts";

/** What came of a run. */
export interface RunReport {
  readonly seed: number;
  /** Checks made: after each action and each minute of the end. */
  readonly steps: number;
  readonly virtualMs: number;
  /** What reached the gateway, and when, in ms from the start: a seed's own signature. */
  readonly calls: readonly string[];
  /** Broken promises; the run ends at the first. */
  readonly violations: readonly string[];
}

const MINUTE = 60_000;
/** After this long without an action, time is skipped where nothing is under way … */
const QUIET_AFTER_MS = 3 * MINUTE;
/** … and the rest of the wait is left out where something is. */
const LIVED_MS = 10 * MINUTE;

/** Performs a plan. Throws only where the simulation itself is broken. */
export async function run(
  server: PostgresServer,
  plan: Plan,
  ground?: Ground,
): Promise<RunReport> {
  const scene = await Scene.open(server, plan, ground);
  try {
    const deadlocks = await countDeadlocks(scene);
    const safety = new Safety(scene);
    let steps = 0;
    const check = async () => {
      steps++;
      await safety.check();
      if (scene.violations.length > 0) throw new Stopped();
    };
    try {
      for (const action of plan.actions) {
        await perform(scene, action);
        await wait(scene, action.thenMs);
        await check();
      }
      await converge(scene, (company) => lastWord(scene, company), check);
      await check();
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
    if (await countDeadlocks(scene) > deadlocks) scene.violated("deadlocks in the database");
    return {
      seed: plan.seed,
      steps,
      virtualMs: scene.world.clock.monotonicMs() - scene.startedAt,
      calls: scene.calls.map(({ route, instance, arrivedAt }) =>
        `${arrivedAt - scene.startedAt} ${route} ${instance}`
      ),
      violations: [...scene.violations],
    };
  } finally {
    await scene.close();
  }
}

/** Since the database was made; also those that somebody made good. */
async function countDeadlocks({ world }: Scene): Promise<number> {
  const [row] = await world.sql<{ n: number }[]>`select deadlocks::int as n
    from pg_stat_database where datname = current_database()`;
  return row?.n ?? 0;
}

/** The first violation ends a run. */
class Stopped extends Error {}

/** A message that no plan's number reaches. */
function lastWord(scene: Scene, company: number): Promise<void> {
  const message = 900_000 + company;
  return perform(scene, { kind: "send", company, message, thenMs: 0 });
}

/** Without an action in the next hours, only the beginning of the wait is lived through. */
async function wait(scene: Scene, ms: number): Promise<void> {
  if (ms === 0) return;
  let lived = 0;
  let quiet = false;
  while (!quiet && lived < Math.min(ms, LIVED_MS)) {
    const part = Math.min(lived === 0 ? QUIET_AFTER_MS : MINUTE, ms - lived);
    await scene.pass(part);
    lived += part;
    quiet = lived < ms && await isQuiet(scene);
  }
  if (quiet) await scene.skip(ms - lived);
}

async function isQuiet({ world, passing }: Scene): Promise<boolean> {
  if (passing.areLeft) return false;
  const { control } = world.gateway;
  const still = control.instances().every((name) => {
    const { socket, ghost, network, registry, deafness } = control.inspect(name);
    return network.kind === "reachable" && deafness === null && ghost !== "flapping-440" &&
      (socket === "open" || (socket === "closed" && registry === "close"));
  });
  const [busy] = await world.sql`select
    exists (select from public.messages where status in ('sending', 'held'))
    or exists (select from public.ghost_repairs where closed_at is null)
    or exists (select from ghost_repair.canary_trials where closed_at is null)
    or exists (select from public.whatsapp_instances i
      where i.status in ('disconnected', 'connecting') and not i.manual_disconnect
        and i.reconnect_attempts_count < 3) as n`;
  return still && busy?.["n"] === false;
}
