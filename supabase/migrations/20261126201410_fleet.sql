-- What the console asks: all numbers of the signed-in user on one page, one number, their gateways.
-- Called over the API with the user's own token; each function looks at the user's memberships itself.
-- Everything here only reads.

-- Without a name or password in it; null where it is none.
create or replace function ghost_repair.host_of(p_address text) returns text
language sql immutable parallel safe set search_path = '' as $$
  select substring(p_address from '^https?://(?:[^/?#@]*@)?([^/?#]+)')
$$;

-- One row a number, of everybody's, without a call for each row.
--
-- state  what a person has to know first: well | repair (nobody has to do anything) | scan (a phone has
--        to scan a QR code) | person (somebody must act) | off (disconnected by a person's wish)
create or replace view ghost_repair.number_states as
select n.*, case n.health
    when 'ok' then 'well' when 'awaiting_qr' then 'scan' when 'manual' then 'off'
    when 'needs_operator' then 'person' when 'gave_up' then 'person' else 'repair' end as state
from (
  select i.id as instance_id, i.organization_id, i.instance_name, i.display_name,
    coalesce(i.display_name, i.instance_name) as name, i.phone_number, i.status,
    i.last_sent_at, i.last_received_at, i.last_alive_at, i.created_at,
    ghost_repair.health_of(i.manual_disconnect, r.state, a.reason, i.status,
      i.reconnect_attempts_count, s.reconnect_attempts) as health,
    coalesce(r.evidence ->> 'reason', r.waiting_for, a.reason) as reason,
    r.hearing, coalesce(i.disconnected_since, r.opened_at) as since
  from public.whatsapp_instances i
  left join public.ghost_repairs r on r.instance_id = i.id and r.closed_at is null
  left join ghost_repair.attentions a on a.instance_id = i.id
  cross join ghost_repair.settings s
  where i.deleted_at is null) n;

-- The numbers of the signed-in user, a page of them.
--
-- p_query  {search?, state?, organization?, gateway?, sort?, offset?, limit?}
--   state  one of `number_states`, or `deaf`: whose hearing is in doubt
--   sort   need (who needs somebody first; the default) | name | silent | uptime
--   limit  50 unless told, at most 100
-- Returns {now, numbers, found, sum, organizations, gateways}
--   found  how many numbers there are, of which `numbers` is a page
--   sum    how many of each state, whatever state is asked for
-- A gateway is named to owners and admins alone.
create or replace function public.fleet(p_query jsonb default '{}') returns jsonb
language sql stable security definer set search_path = '' as $$
  with mine as materialized (
    select m.organization_id, m.role from public.organization_members m
    where m.user_id = auth.uid()
  ), asked as (
    select nullif(btrim(p_query ->> 'search'), '') as search,
      nullif(regexp_replace(p_query ->> 'search', '\D', '', 'g'), '') as digits,
      nullif(p_query ->> 'organization', '') as organization,
      nullif(p_query ->> 'gateway', '') as gateway, nullif(p_query ->> 'state', '') as state,
      coalesce(p_query ->> 'sort', 'need') as sort,
      greatest(coalesce((p_query ->> 'offset')::int, 0), 0) as skipped,
      least(greatest(coalesce((p_query ->> 'limit')::int, 50), 1), 100) as at_most
  ), gateways as materialized (
    -- Each address is read once, not at each of its numbers.
    select k.api_url, ghost_repair.host_of(k.api_url) as host
    from (
      select distinct k.api_url from mine m
      join public.whatsapp_instances i
        on i.organization_id = m.organization_id and i.deleted_at is null
      join private.instance_credentials k on k.instance_id = i.id
      where m.role <> 'agent') k
  ), numbers as materialized (
    select n as number, n.state, n.hearing, m.role, g.gateway
    from mine m
    join ghost_repair.number_states n on n.organization_id = m.organization_id
    left join private.instance_credentials k on k.instance_id = n.instance_id
    left join gateways h on h.api_url = k.api_url
    cross join lateral (select case when m.role <> 'agent' then h.host end as gateway) g
    cross join asked q
    where (q.organization is null or n.organization_id::text = q.organization)
      and (q.gateway is null or g.gateway = q.gateway)
      and (q.search is null
        or strpos(lower(n.name), lower(q.search)) > 0
        or strpos(lower(n.instance_name), lower(q.search)) > 0
        or (q.search !~ '[[:alpha:]]' and strpos(n.phone_number, q.digits) > 0))
  ), found as materialized (
    select n.* from numbers n cross join asked q
    where case when q.state is null then true
      when q.state = 'deaf' then n.hearing in ('suspected_deaf', 'deaf', 'webhook_mute')
      else n.state = q.state end
  ), page as (
    select f.*, row_number() over (order by
        case when q.sort not in ('name', 'silent', 'uptime') then
          case f.state when 'person' then 0 when 'scan' then 1 when 'repair' then 2
            when 'off' then 4 else case when f.hearing is null then 5 else 3 end end end,
        case when q.sort not in ('name', 'silent', 'uptime') then (f.number).since end,
        case q.sort when 'silent' then coalesce((f.number).last_alive_at, '-infinity') end,
        case q.sort when 'uptime' then (ghost_repair.told_uptimes((f.number).instance_id,
          (f.number).created_at) ->> 'week')::float8 end,
        lower((f.number).name), (f.number).instance_id) as place
    from found f cross join asked q
    order by place
    limit (select q.at_most from asked q) offset (select q.skipped from asked q)
  )
  select jsonb_build_object(
    'now', ghost_repair.now(),
    'numbers', coalesce((
      select jsonb_agg(jsonb_build_object('id', n.instance_id, 'organizationId', n.organization_id,
        'name', n.name, 'phoneNumber', n.phone_number, 'status', n.status, 'state', n.state,
        'health', n.health, 'reason', n.reason, 'hearing', n.hearing, 'since', n.since,
        'lastAliveAt', n.last_alive_at,
        -- Only of what is seen.
        'failed', ghost_repair.count_failed_messages(n.instance_id),
        'unconfirmed', ghost_repair.count_unconfirmed_messages(n.instance_id),
        'uptime', ghost_repair.told_uptimes(n.instance_id, n.created_at),
        'gateway', p.gateway, 'role', p.role) order by p.place)
      from page p cross join lateral (select (p.number).*) n), '[]'),
    'found', (select count(*) from found),
    'sum', (
      select jsonb_build_object('all', count(*),
        'well', count(*) filter (where n.state = 'well'),
        'repair', count(*) filter (where n.state = 'repair'),
        'scan', count(*) filter (where n.state = 'scan'),
        'person', count(*) filter (where n.state = 'person'),
        'off', count(*) filter (where n.state = 'off'),
        'deaf', count(*) filter (where n.hearing in ('suspected_deaf', 'deaf', 'webhook_mute')))
      from numbers n),
    'organizations', coalesce((
      select jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'role', m.role)
        order by o.name, o.id)
      from mine m join public.organizations o on o.id = m.organization_id), '[]'),
    'gateways', coalesce((
      select jsonb_agg(distinct g.host order by g.host) from gateways g), '[]'))
$$;

-- One number of the signed-in user's, with all that its page shows; null where it is none of theirs.
create or replace function public.number_page(p_instance_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('now', ghost_repair.now(),
    'number', ghost_repair.instance_view(i, m.role), 'status', i.status,
    'state', n.state, 'health', n.health, 'reason', n.reason, 'hearing', n.hearing,
    'since', n.since, 'createdAt', i.created_at, 'lastWebhookAt', i.last_webhook_at,
    'uptime', ghost_repair.told_uptimes(i.id, i.created_at),
    'failed', h.messages_failed_24h, 'unconfirmed', h.messages_unconfirmed_24h,
    'held', h.messages_held, 'recovered', h.messages_recovered_24h, 'missing', h.messages_missing_24h,
    'gateway', (
      select jsonb_build_object('host', ghost_repair.host_of(k.api_url), 'version', g.version,
        'logoutSafe', coalesce(g.logout_safe, true))
      from private.instance_credentials k left join private.gateways g on g.api_url = k.api_url
      where k.instance_id = i.id and m.role <> 'agent'))
    || ghost_repair.told_absences(i.id, i.created_at)
  from public.whatsapp_instances i
  join public.organization_members m
    on m.organization_id = i.organization_id and m.user_id = auth.uid()
  join ghost_repair.number_states n on n.instance_id = i.id
  join public.instance_health h on h.instance_id = i.id
  where i.id = p_instance_id and i.deleted_at is null
$$;

-- Something that grows whenever anything happens to a number of the signed-in user's. Asked every few
-- seconds by every open page, so it reads one row an organization.
create or replace function public.fleet_pulse() returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(max(e.id), 0)
  from public.organization_members m
  cross join lateral (
    select v.id from public.instance_events v
    where v.organization_id = m.organization_id order by v.id desc limit 1) e
  where m.user_id = auth.uid()
$$;

-- The gateways of the numbers that the signed-in user manages: [{host, version, versionReadAt,
-- logoutSafe, lastWebhookAt, agent, numbers, sum}]. No key, and no address beyond the host.
create or replace function public.fleet_gateways() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(g) order by g.host), '[]')
  from (
    select ghost_repair.host_of(k.api_url) as host, max(w.version) as version,
      max(w.version_read_at) as "versionReadAt", bool_and(coalesce(w.logout_safe, true)) as "logoutSafe",
      max(w.last_webhook_at) as "lastWebhookAt", bool_or(a.api_url is not null) as agent,
      count(*) as numbers,
      jsonb_build_object('well', count(*) filter (where n.state = 'well'),
        'repair', count(*) filter (where n.state = 'repair'),
        'scan', count(*) filter (where n.state = 'scan'),
        'person', count(*) filter (where n.state = 'person'),
        'off', count(*) filter (where n.state = 'off')) as sum
    from public.organization_members m
    join ghost_repair.number_states n on n.organization_id = m.organization_id
    join private.instance_credentials k on k.instance_id = n.instance_id
    left join private.gateways w on w.api_url = k.api_url
    left join private.restart_agents a on a.api_url = k.api_url
    where m.user_id = auth.uid() and m.role <> 'agent'
    group by 1) g
$$;

revoke all on function public.fleet(jsonb),
  public.number_page(uuid),
  public.fleet_pulse(),
  public.fleet_gateways()
  from public, anon, authenticated;
grant execute on function public.fleet(jsonb),
  public.number_page(uuid),
  public.fleet_pulse(),
  public.fleet_gateways()
  to authenticated, service_role;
