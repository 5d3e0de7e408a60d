/**
 * The promises of a message and of a number that a step alone can break: looked at after each one.
 * What has to settle first is looked at in the end, see `settled.ts`.
 *
 * @module
 */

import type postgres from "postgres";

/**
 * Promises that the product cannot hold yet, by what a violation begins with. Each is one line here,
 * and none once it is kept.
 */
const NOT_YET: readonly string[] = [];

/** Whether a broken promise is one of {@linkcode NOT_YET}. */
export function isNotYet(violation: string): boolean {
  return NOT_YET.some((begins) => violation.startsWith(begins));
}

/** What is wrong with the rows at this moment. */
export async function wrongRows(sql: postgres.Sql): Promise<readonly string[]> {
  const rows = await sql<{ what: string }[]>`
    select 'contradicting flags: ' || i.instance_name || ' is ' || i.status || ' and '
      || case when i.manual_disconnect then 'disconnected by hand'
        when i.disconnected_since is not null then 'disconnected since'
        else 'out of attempts' end as what
    from public.whatsapp_instances i
    where (i.status = 'connected' and (i.manual_disconnect or i.disconnected_since is not null
        or i.reconnect_attempts_count > 0))
      or (i.manual_disconnect and i.status <> 'disconnected')
    union all
    -- Nobody would ever move it again, and no person was told.
    select 'no next look: ' || i.instance_name || ' is ' || i.status
    from public.whatsapp_instances i
    where i.status <> 'connected' and i.deleted_at is null
      and not exists (select from ghost_repair.reconnectable r where r.id = i.id)
      and not exists (select from ghost_repair.waiting_numbers w where w.id = i.id)
      and not exists (
        select from public.ghost_repairs r where r.instance_id = i.id and r.closed_at is null)
      and not exists (
        select from ghost_repair.troubles t where t.instance_id = i.id and t.told_at is not null)
    union all
    select 'ended untried: ' || coalesce(m.content, m.caption) || ' is interrupted'
    from public.messages m
    where m.status = 'failed' and m.error_code = 'interrupted' and m.sending_since is null`;
  return rows.map(({ what }) => what);
}
