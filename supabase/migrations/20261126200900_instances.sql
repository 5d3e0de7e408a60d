-- Numbers as their members see them. Each function decides membership and role itself, and what
-- belongs to another organization answers as if it did not exist.

create index if not exists instance_events_organization
  on public.instance_events (organization_id, id desc);
drop policy if exists "members read their events" on public.instance_events;
create policy "members read their events" on public.instance_events
  for select to authenticated using (organization_id in (select ghost_repair.my_organizations()));
drop policy if exists "members read their repairs" on public.ghost_repairs;
create policy "members read their repairs" on public.ghost_repairs
  for select to authenticated using (organization_id in (select ghost_repair.my_organizations()));

-- A number that a user may look at, or manage (`p_manage`: its row is locked then), or the reason
-- why not. Pairing and unpairing a phone is for owners and admins; an agent looks and sends.
create or replace function ghost_repair.authorize_instance(
  p_user_id uuid, p_instance_id uuid, p_manage boolean,
  out instance public.whatsapp_instances, out role text, out refusal text
)
language plpgsql security definer set search_path = '' as $$
begin
  select m.role into role from public.whatsapp_instances i
  join public.organization_members m
    on m.organization_id = i.organization_id and m.user_id = p_user_id
  where i.id = p_instance_id and i.deleted_at is null;
  if role = 'agent' and p_manage then
    refusal := 'forbidden';
    return;
  end if;
  if p_manage then
    select i.* into instance from public.whatsapp_instances i
    where i.id = p_instance_id and i.deleted_at is null and role is not null for no key update;
  else
    select i.* into instance from public.whatsapp_instances i
    where i.id = p_instance_id and role is not null;
  end if;
  if instance.id is null then
    refusal := 'instance_not_found';
  end if;
end $$;

-- Whether a person deleted it: its row goes once nothing refers to it any more.
create or replace function ghost_repair.is_deleted(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.whatsapp_instances i where i.id = p_instance_id and i.deleted_at is not null)
$$;

-- What a send and a repair need to know of an instance: its gateway, its key, its own number.
create or replace function ghost_repair.instance_connection(p_instance_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'id', i.id, 'instance_name', i.instance_name, 'phone_number', i.phone_number,
    'api_url', k.api_url, 'api_key', k.api_key,
    'confirm_at_ms', (select to_jsonb(s.confirm_at_ms) from ghost_repair.settings s),
    'policy', ghost_repair.repair_policy(i.id))
  from public.whatsapp_instances i
  join private.instance_credentials k on k.instance_id = i.id
  where i.id = p_instance_id
$$;

-- What the scheduler will do for a number by itself; null where it will do nothing. It comes by
-- at every full minute.
create or replace function ghost_repair.reconnect_view(p_instance public.whatsapp_instances)
returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('attempts', l.attempts, 'maxAttempts', s.reconnect_attempts,
    'nextAttemptAt', case when l.attempts < s.reconnect_attempts then
      date_trunc('minute', greatest(ghost_repair.now(), l.due_at)) + interval '1 minute' end)
  from ghost_repair.settings s, ghost_repair.left_to_reconnect l where l.id = p_instance.id
$$;

alter table ghost_repair.settings
  -- What failed, and what was never confirmed, is counted for so long.
  add column if not exists count_messages_of interval not null default interval '24 hours';

-- How many of a number's messages failed in the last 24 hours.
create or replace function ghost_repair.count_failed_messages(p_instance_id uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select count(*) from public.messages m
  where m.whatsapp_instance_id = p_instance_id and m.status = 'failed'
    and m.failed_at > ghost_repair.now() - (
      select s.count_messages_of from ghost_repair.settings s)
$$;

-- Why a person has to look at a number besides its repair. Its gateway has not said for long how it is,
-- or its session lives on though a person disconnected it.
create or replace view ghost_repair.attentions as
select i.id as instance_id,
  coalesce(t.reason, case when o.instance_id is not null then 'session_still_open' end) as reason
from public.whatsapp_instances i
left join ghost_repair.troubles t on t.instance_id = i.id and t.told_at is not null
left join ghost_repair.owed_logouts o on o.instance_id = i.id;

-- The same of one number; null where nobody has to.
create or replace function ghost_repair.attention_reason(p_instance_id uuid) returns text
language sql stable security definer set search_path = '' as $$
  select a.reason from ghost_repair.attentions a where a.instance_id = p_instance_id
$$;

-- A number as its members see it, in the API's own words.
create or replace function ghost_repair.instance_view(
  p_instance public.whatsapp_instances, p_role text
) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'id', p_instance.id,
    'organizationId', p_instance.organization_id,
    'instanceName', p_instance.instance_name,
    'displayName', p_instance.display_name,
    'phoneNumber', p_instance.phone_number,
    'status', p_instance.status,
    'disconnectedSince', p_instance.disconnected_since,
    'manualDisconnect', p_instance.manual_disconnect,
    'lastSentAt', p_instance.last_sent_at,
    'lastReceivedAt', p_instance.last_received_at,
    'lastAliveAt', p_instance.last_alive_at,
    'failedMessages24h', ghost_repair.count_failed_messages(p_instance.id),
    'repair', (
      select jsonb_build_object('state', r.state, 'step', r.step, 'waitingFor', r.waiting_for,
        'attempts', r.attempts, 'openedAt', r.opened_at, 'nextStepAt', r.next_step_at,
        'reason', r.evidence ->> 'reason', 'hearing', r.hearing)
      from public.ghost_repairs r
      where r.instance_id = p_instance.id and r.closed_at is null),
    'reconnect', ghost_repair.reconnect_view(p_instance),
    'attention', ghost_repair.attention_reason(p_instance.id),
    'watch', ghost_repair.watch_of(p_instance.id),
    'qrExpiresAt', ghost_repair.fresh_qr_code(p_instance.id) -> 'expiresAt',
    'role', p_role)
$$;

-- Every number of a user, or of one of the user's organizations.
create or replace function public.list_instances(
  p_user_id uuid, p_organization_id uuid default null
) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when p_organization_id is not null and not exists (
      select from public.organization_members m
      where m.organization_id = p_organization_id and m.user_id = p_user_id)
    then '{"result": "organization_not_found"}'
    else jsonb_build_object('result', 'ok', 'instances', coalesce((
      select jsonb_agg(ghost_repair.instance_view(i, m.role) order by i.display_name, i.instance_name)
      from public.organization_members m
      join public.whatsapp_instances i
        on i.organization_id = m.organization_id and i.deleted_at is null
      where m.user_id = p_user_id
        and (p_organization_id is null or m.organization_id = p_organization_id)), '[]'))
    end
$$;

-- One number. Looks, and touches nothing.
create or replace function public.instance_status(p_user_id uuid, p_instance_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_found record;
begin
  select a.* into v_found from ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  end if;
  return jsonb_build_object('result', 'ok',
    'instance', ghost_repair.instance_view(v_found.instance, v_found.role));
end $$;

-- Events oldest first: those after `p_after_id`, or the newest ones where it is null. `lastId` is
-- what to pass for the next ones.
create or replace function public.list_events(
  p_user_id uuid, p_instance_id uuid, p_after_id bigint, p_limit int
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_organizations uuid[];
  v_events public.instance_events[];
begin
  select array_agg(m.organization_id) into v_organizations
  from public.organization_members m where m.user_id = p_user_id;
  if p_instance_id is not null and (
    ghost_repair.authorize_instance(p_user_id, p_instance_id, false)).refusal is not null then
    return '{"result": "instance_not_found"}';
  end if;

  -- The newest, or the next: each has an index that stops after `p_limit` rows.
  if p_after_id is null then
    v_events := array(
      select e from public.instance_events e
      where e.organization_id = any (v_organizations)
        and (p_instance_id is null or e.instance_id = p_instance_id)
      order by e.id desc limit p_limit);
  else
    v_events := array(
      select e from public.instance_events e
      where e.organization_id = any (v_organizations) and e.id > p_after_id
        and (p_instance_id is null or e.instance_id = p_instance_id)
      order by e.id limit p_limit);
  end if;
  return (
    select jsonb_build_object('result', 'ok',
      'events', coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'instanceId', e.instance_id,
        'kind', e.kind, 'detail', e.detail, 'createdAt', e.created_at) order by e.id), '[]'),
      'lastId', coalesce(max(e.id), p_after_id, 0))
    from unnest(v_events) e);
end $$;

-- Why a number cannot send now, as one word; null where it can.
create or replace function ghost_repair.not_connected_reason(p_instance public.whatsapp_instances)
returns text
language sql stable security definer set search_path = '' as $$
  select case
    when p_instance.status = 'connected' then null
    when p_instance.manual_disconnect then 'manual_disconnect'
    when p_instance.status = 'awaiting_qr' then 'awaiting_qr'
    else coalesce(
      (select case when r.state = 'needs_operator' then 'needs_operator' else 'repairing' end
        from public.ghost_repairs r
        where r.instance_id = p_instance.id and r.closed_at is null),
      p_instance.status)
  end
$$;

-- Where an instance's gateway is and how its webhooks are signed. For administrators' tools.
create or replace function public.save_instance_credentials(
  p_instance_id uuid, p_api_url text, p_api_key text, p_webhook_secret text,
  p_webhook_token text default null
) returns void
language sql security definer set search_path = '' as $$
  insert into private.instance_credentials as k
    (instance_id, api_url, api_key, webhook_secret, webhook_token)
  values (p_instance_id, p_api_url, p_api_key, p_webhook_secret, p_webhook_token)
  on conflict (instance_id) do update set
    api_url = excluded.api_url, api_key = excluded.api_key,
    webhook_secret = excluded.webhook_secret, webhook_token = excluded.webhook_token;
  -- Another gateway, or another key: what the old one said, or did not, counts no more.
  select ghost_repair.end_trouble(p_instance_id)
$$;

revoke all on function public.list_instances(uuid, uuid),
  public.instance_status(uuid, uuid),
  public.list_events(uuid, uuid, bigint, int),
  public.save_instance_credentials(uuid, text, text, text, text)
  from public, anon, authenticated;
grant execute on function public.list_instances(uuid, uuid),
  public.instance_status(uuid, uuid),
  public.list_events(uuid, uuid, bigint, int),
  public.save_instance_credentials(uuid, text, text, text, text)
  to service_role;
