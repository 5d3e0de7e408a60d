/**
 * A fleet for the company: a thousand numbers on two gateways, thirty of them sick. Written as rows:
 * nobody has to answer for them.
 *
 * @module
 */

import { connected } from "../../dev/platform/database/sql-file.ts";
import type { Stack } from "../../dev/platform/start-stack.ts";

/** How many numbers there are, with the company's own. */
export const FLEET = 1_000;

/** The sick ones, by what the page says of them. */
export const SICK = { person: 11, scan: 10, repair: 9 } as const;

/** What is done to the numbers that are sick, the first so many after each other. */
const TROUBLES = `
  with sick as (
    select i.id, i.organization_id, row_number() over (order by i.instance_name) as place
    from public.whatsapp_instances i where i.instance_name like 'loja-%'
  ), away as (
    update public.whatsapp_instances i set
      status = case when s.place <= 10 then 'awaiting_qr' else 'disconnected' end,
      disconnected_since = ghost_repair.now() - make_interval(mins => s.place::int),
      reconnect_attempts_count = case when s.place between 11 and 13 then 3 else 0 end
    from sick s where s.id = i.id and s.place <= 27
  ), told as (
    insert into public.instance_events (instance_id, organization_id, kind, detail)
    select s.id, s.organization_id, e.kind, e.detail::jsonb
    from sick s, (values
      (1, 'connection_closed', '{}'),
      (2, 'logout', '{"logout": "socket_dead", "http_status": 500, "ms": 14,
        "probes": ["connection_closed", "connection_closed", "connection_closed"]}'),
      (3, 'marked_disconnected', '{}'),
      (4, 'verified', '{"verified": {"outcome": "not_invalidated", "registry": "open",
        "http_status": 200, "ms": 15}}'),
      (5, 'repair_step', '{"step": "connect"}'),
      (6, 'needs_operator', '{"reason": "steps_used_up"}')) e (step, kind, detail)
    where s.place between 14 and 21
    order by s.place, e.step
  )
  insert into public.ghost_repairs (instance_id, organization_id, state, hearing, evidence)
  select s.id, s.organization_id,
    case when s.place between 14 and 21 then 'needs_operator' else 'open' end,
    case when s.place > 27 then 'deaf' end,
    case when s.place between 14 and 21 then '{"reason": "steps_used_up"}'::jsonb else '{}' end
  from sick s where s.place between 14 and 30`;

/** Adds them; every tenth was away for ten minutes yesterday. */
export async function addFleet({ databaseUrl, company, evolutionUrl }: Stack): Promise<void> {
  await connected(databaseUrl, async (sql) => {
    await sql`insert into public.whatsapp_instances
        (organization_id, instance_name, display_name, phone_number, status, last_alive_at, created_at)
      select ${company.organizationId}, 'loja-' || to_char(n, 'FM0000'),
        'Loja ' || to_char(n, 'FM0000'), '55119' || to_char(20000000 + n * 137, 'FM00000000'),
        'connected', ghost_repair.now() - make_interval(secs => n % 240),
        ghost_repair.now() - interval '40 days'
      from generate_series(1, ${FLEET - 1}::int) n`;
    await sql`update ghost_repair.settings
      set away_known_since = ghost_repair.now() - interval '35 days'`;
    await sql`insert into private.instance_credentials
        (instance_id, api_url, api_key, webhook_secret)
      select i.id,
        case when i.instance_name < 'loja-0500' then ${evolutionUrl}
          else 'https://wa2.example.com' end, 'key', 'secret'
      from public.whatsapp_instances i where i.instance_name like 'loja-%'`;
    await sql`update private.gateways set version = '2.3.4', logout_safe = false
      where api_url = 'https://wa2.example.com'`;
    await sql.unsafe(TROUBLES);
    await sql`insert into ghost_repair.times_away
        (instance_id, organization_id, away_from, away_until, wanted, alive_at)
      select i.id, i.organization_id, t.at, t.at + interval '10 minutes', true,
        t.at - interval '80 seconds'
      from public.whatsapp_instances i,
        lateral (select ghost_repair.now() - interval '20 hours' as at) t
      where i.instance_name like 'loja-%0'`;
    await sql`analyze`;
  });
}

/** A number is connected again, as its webhook would tell. */
export async function bringBack({ databaseUrl }: Stack, instanceName: string): Promise<void> {
  await connected(databaseUrl, async (sql) => {
    await sql`select public.apply_connection_event(i.id, 'open', ghost_repair.now())
      from public.whatsapp_instances i where i.instance_name = ${instanceName}`;
  });
}
