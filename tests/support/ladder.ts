/**
 * The ladder in a world: open repairs, ticks of its function alone, what is known of a repair.
 *
 * @module
 */

import type { Policy } from "../../dev/tasks/shared/kinds.ts";
import { CRON_SECRET, type VirtualWorld } from "../../dev/world/virtual-world.ts";
import type { Answer } from "../../dev/world/calls.ts";

/** A row of `ghost_repairs`, as far as tests look at it. */
interface RepairRow {
  readonly state: string;
  readonly step: string | null;
  readonly outcome: string | null;
  readonly waiting_for: string | null;
  readonly evidence: Record<string, unknown>;
}

/** Sets the policy of every organization. */
export async function setPolicy(world: VirtualWorld, policy: Policy): Promise<void> {
  await world.sql`update ghost_repair.settings set policy = ${policy}`;
}

/** Nobody looks at connected numbers: what a test says happens because of something else. */
export async function withoutProbes(world: VirtualWorld): Promise<void> {
  await world.sql`update ghost_repair.settings set watch_interval = null`;
}

/** Leaves a number as a failed repair does whose logout did not reach the session. */
export async function openRepair(world: VirtualWorld, id = world.company.instanceId) {
  await world.sql`
    select ghost_repair.mark_disconnected(${id}, '{}'),
      ghost_repair.open_ghost_repair(${id}, '{}', true)`;
}

/** The scheduler calls `advance-ghost-repairs`; time stands still. */
export function beginAdvance(world: VirtualWorld): Promise<Answer> {
  return world.begin("advance-ghost-repairs", {}, {
    token: null,
    headers: { "x-cron-secret": CRON_SECRET },
  });
}

/** Minutes pass, each with its tick of the scheduler, however long that takes. */
export async function minutes(world: VirtualWorld, count: number): Promise<void> {
  const started = world.clock.monotonicMs();
  for (let minute = 1; minute <= count; minute++) {
    await world.clock.advance(started + minute * 60_000 - world.clock.monotonicMs());
    await world.tick();
  }
}

/** The instance's last repair. */
export async function repairRow(
  world: VirtualWorld,
  id = world.company.instanceId,
): Promise<RepairRow> {
  const [row] = await world.sql<RepairRow[]>`
    select state, step, outcome, waiting_for, evidence from public.ghost_repairs
    where instance_id = ${id} order by opened_at desc limit 1`;
  if (!row) throw new Error("there is no repair");
  return row;
}

/** The gateway's calls for an instance that change something, in order. */
export function changingCalls(world: VirtualWorld, name = world.company.instanceName): string[] {
  const changing = ["logout", "connect", "restart", "delete", "create"];
  return world.gateway.calls
    .filter((call) => call.instance === name && changing.includes(call.route))
    .map((call) => call.route);
}
