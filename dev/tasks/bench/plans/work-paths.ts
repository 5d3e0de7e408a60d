/**
 * What the scheduler runs, every minute or every hour, and works off a list.
 *
 * @module
 */

import { missed, type Paths, putOnTrial, wantCanaries } from "./hot-path.ts";

/**
 * Whether anything was heard of a gateway whose numbers are dead: nothing is, so it looks at each. Not
 * tried where all are behind one, which could not watch more than 5,000 (docs/performance.md).
 */
export const HEARS = "is_gateway_dead, nothing heard";

/** See {@linkcode Paths}. */
export const WORK_PATHS: Paths = {
  "lease_due_repairs, one step": async (sql) => {
    const leases = await sql<{ repair_id: string; token: string }[]>`
      select repair_id, token from public.lease_due_repairs(10)`;
    for (const { repair_id: id, token } of leases.slice(0, 1)) {
      await sql`select public.begin_repair_step(${id}, ${token}, 'restart')`;
      await sql`select public.record_repair_step(${id}, ${token},
        '{"next": "stepped", "step": "restart", "seconds": 65}')`;
    }
  },
  "lease_due_reconnects, one turn": async (sql) => {
    const leases = await sql<{ instance_id: string; token: string }[]>`
      select instance_id, token from public.lease_due_reconnects(40)`;
    for (const { instance_id: id, token } of leases.slice(0, 1)) {
      await sql`select public.begin_reconnect_attempt(${id}, ${token})`;
      await sql`select public.record_connect(${id}, ${token}, 'tick',
        '{"result": "no_qr_yet"}')`;
    }
  },
  "lease_waiting_numbers, one look": async (sql) => {
    const leases = await sql<{ instance_id: string; token: string; connection_epoch: string }[]>`
      select instance_id, token, connection_epoch from public.lease_waiting_numbers(20)`;
    for (const { instance_id: id, token, connection_epoch: epoch } of leases.slice(0, 1)) {
      await sql`select public.record_watch(${id}, ${token}, ${epoch}, '{"outcome": "close"}')`;
    }
  },
  "lease_watched_numbers, forty looks": async (sql) => {
    const found = await sql<{ instance_id: string; token: string; epoch: string }[]>`
      select instance_id, token, connection_epoch as epoch, 'alive' as verdict
      from public.lease_watched_numbers(40)`;
    await sql`select public.record_watched_numbers(${sql.json([...found])})`;
  },
  "due_functions": (sql) => sql`select name, calls from ghost_repair.due_functions()`,
  "lease_held_releases, one message": async (sql) => {
    const leases = await sql<{ instance_id: string; token: string }[]>`
      select instance_id, token from public.lease_held_releases(10)`;
    for (const { instance_id: id, token } of leases.slice(0, 1)) {
      await sql`select * from public.claim_held_message(${id}, ${token},
        gen_random_uuid())`;
      await sql`select public.end_held_release(${id}, ${token})`;
    }
  },
  "lease_gaps, one page": async (sql, { instanceId }) => {
    await sql`select ghost_repair.add_gap(${instanceId}, 'daily',
      ghost_repair.now() - interval '1 day', ghost_repair.now())`;
    await sql`update public.message_gaps set due_at = ghost_repair.now()
      where instance_id = ${instanceId}`;
    const leases = await sql<{ gap_id: string; token: string }[]>`
      select gap_id, token from public.lease_gaps(10)`;
    for (const { gap_id: id, token } of leases) {
      await sql`select public.record_gap_page(${id}, ${token}, jsonb_build_object(
        'outcome', 'page', 'messages', jsonb_build_array(${missed(sql)}), 'read', 1,
        'unreadable', 0, 'deleted', 0, 'full', false))`;
    }
  },
  "lease_due_trials, one canary": async (sql, facts) => {
    await putOnTrial(sql, facts);
    const leases = await sql<{ trial_id: string; token: string }[]>`
      select trial_id, token from public.lease_due_trials(10)`;
    for (const { trial_id: id, token } of leases) {
      const [canary] = await sql<{ id: string | null }[]>`
        select public.begin_canary(${id}, ${token}, 'own') ->> 'id' as id`;
      await sql`select public.record_canary(${canary!.id},
        '{"outcome": "sent", "whatsapp_id": "BENCH"}')`;
      await sql`select public.record_trial(${id}, ${token}, '{"next": "hears"}')`;
      await sql`select public.claim_sent_canaries(20)`;
    }
  },
  "tend_habits, where canaries are wanted": async (sql, facts) => {
    await wantCanaries(sql, facts);
    await sql`select ghost_repair.tend_habits()`;
  },
  "claim_gateway_versions": (sql) => sql`select public.claim_gateway_versions(5)`,
  "sweep": (sql) => sql`select public.sweep()`,
  "suspect_unconfirmed": (sql) => sql`select ghost_repair.suspect_unconfirmed()`,
  "prune": (sql) => sql`select public.prune()`,
  [HEARS]: async (sql, { instanceId }) => {
    await sql`insert into ghost_repair.watched_gateways as g (api_url, dead_numbers, dead_since)
      select k.api_url, array[k.instance_id, gen_random_uuid(), gen_random_uuid()],
        ghost_repair.now() - interval '1 minute'
      from private.instance_credentials k where k.instance_id = ${instanceId}
      on conflict (api_url) do update set
        dead_numbers = excluded.dead_numbers, dead_since = excluded.dead_since`;
    await sql`select ghost_repair.is_gateway_dead(${instanceId})`;
  },
  "claim_alerts": (sql) => sql`select * from public.claim_alerts(20)`,
  "claim_restart_requests": (sql) => sql`select * from public.claim_restart_requests(5)`,
  "lease_due_recreations": (sql) => sql`select * from public.lease_due_recreations(5)`,
  "explain_failures": (sql) => sql`select public.explain_failures('{"connection_closed": "x"}')`,
  "pause, end_pause": async (sql) => {
    await sql`select ghost_repair.pause()`;
    await sql`select ghost_repair.end_pause()`;
  },
};
