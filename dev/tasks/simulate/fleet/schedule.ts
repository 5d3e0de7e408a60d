/**
 * When the product has work: what the scheduler asks every ten seconds, and when the answer may be
 * another one. Ticks before that are left out.
 *
 * @module
 */

import type { FunctionName } from "../../../platform/function-handlers.ts";
import type { FleetDatabase } from "./database.ts";
import type { FleetEvent } from "./referee.ts";

/** The functions that have work now, as the product's own scheduler asks, and how many calls. */
export function readDueFunctions(
  database: FleetDatabase,
): Promise<readonly { readonly name: FunctionName; readonly calls: number }[]> {
  return database.run("select d.name, d.calls from ghost_repair.due_functions() d");
}

/** What the product wrote. */
interface News {
  readonly events: readonly FleetEvent[];
  /** The numbers under repair. */
  readonly underRepair: ReadonlySet<number>;
}

/** @param after The last event that was read. */
export async function readNews(database: FleetDatabase, after: number): Promise<News> {
  const [row] = await database.run<{
    events: News["events"] | null;
    repairs: readonly string[];
  }>(
    `select (select json_agg(json_build_object('id', e.id, 'instance_id', e.instance_id,
          'kind', e.kind, 'detail', e.detail, 'at', extract(epoch from e.created_at) * 1000)
          order by e.id)
        from public.instance_events e where e.id > $1::text::bigint) as events,
      array(select r.instance_id::text from public.ghost_repairs r where r.closed_at is null)
        as repairs`,
    [after],
  );
  return {
    events: row?.events ?? [],
    underRepair: new Set(row?.repairs.map((id) => Number(id.slice(-11)))),
  };
}

/**
 * Whether a number is to be reconnected. That function is called every minute; where it has nothing
 * to do this is left out.
 */
export async function isReconnectionDue(database: FleetDatabase): Promise<boolean> {
  const [row] = await database.run<{ due: boolean }>(
    `select exists (select from ghost_repair.reconnectable d
      where d.due_at <= ghost_repair.now()) as due`,
  );
  return row?.due ?? false;
}

/**
 * When something is due next by the passing of time alone, in virtual ms; Infinity: nothing is.
 */
export async function readDueAt(database: FleetDatabase): Promise<number> {
  const [row] = await database.run<{ due: number | null }>(`
    select (extract(epoch from least(
        (select min(w.next_look_at) from ghost_repair.watched_numbers w
          where ghost_repair.is_watch_on()),
        (select min(w.due_at) from ghost_repair.waiting_numbers w),
        (select min(r.due_at) from ghost_repair.reconnectable r),
        (select min(r.next_step_at) from public.ghost_repairs r
          where r.closed_at is null and r.hearing is null),
        (select min(c.expires_at) from ghost_repair.claims c where c.finished_at is null),
        (select min(l.gives_up_at) from ghost_repair.leases l where l.gives_up_at is not null),
        (select min(t.next_step_at) from ghost_repair.canary_trials t where t.closed_at is null),
        (select min(h.habit_check_at) from ghost_repair.hearing h
          where exists (select from ghost_repair.canary_policies)),
        (select ghost_repair.now() from ghost_repair.unremoved_canaries limit 1),
        (select min(d.doubted_at) from ghost_repair.connection_doubts d),
        (select min(m.created_at) from public.messages m where m.status in ('sending', 'held'))
      )) * 1000)::float8 as due`);
  return row?.due ?? Infinity;
}
