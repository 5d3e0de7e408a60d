-- A number that nothing else mends is deleted at its gateway and made anew, where its organization
-- allowed that (`allow_recreate`) and its gateway's version can: a zombie, or one that a logout made
-- deaf, where nothing can restart the process. The price is its pairing: a QR code has to be scanned.
--
--   end_steps ── may_recreate ──▶ repair: recreating
--                                    │ lease_due_recreations ── looked at once more: alive ──▶ the ladder's
--                                    │ begin_recreation ── refused: what could not be given back ──▶ a person
--                                 delete, create with its webhook
--                                    │ record_recreation
--                                 closed: recreated ── auto-reconnect ──▶ the QR code
--
-- Between the two calls the number is nowhere: whoever dies there is followed by another, for
-- `recreate_patience`; then a person is told.

alter table ghost_repair.settings
  add column if not exists recreate_patience interval not null default interval '15 minutes',
  -- What did not help is not done again for so long.
  add column if not exists recreate_again interval not null default interval '1 day';

-- Whether its organization allows it.
create or replace function ghost_repair.allows_recreate(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select coalesce(
    (select p.allow_recreate from ghost_repair.policies p
      where p.organization_id = (ghost_repair.read_session(p_instance_id)).organization_id),
    (select s.allow_recreate from ghost_repair.settings s))
$$;

-- The ladder's place for it.
create or replace function ghost_repair.may_recreate(p_instance_id uuid, p_reason text)
returns boolean
language sql stable security definer set search_path = '' as $$
  select p_reason in ('steps_used_up', 'restarted_in_vain', 'deaf_after_logout')
    and ghost_repair.allows_recreate(p_instance_id)
    and exists (
      select from private.instance_credentials k
      join private.gateways g on g.api_url = k.api_url
      where k.instance_id = p_instance_id and g.deletes_zombies)
    and not exists (
      select from public.ghost_repairs r, ghost_repair.settings s
      where r.instance_id = p_instance_id
        and r.recreate_called_at > ghost_repair.now() - s.recreate_again)
$$;

-- Numbers that are to be made anew, whoever asks.
create or replace view ghost_repair.due_recreations as
select r.id, r.instance_id, r.next_step_at
from public.ghost_repairs r
where r.closed_at is null and r.state = 'recreating' and r.next_step_at <= ghost_repair.now()
  and exists (select from private.instance_credentials k where k.instance_id = r.instance_id);

-- Each to one caller. `begun`: it may be gone at the gateway; `ask`: whether an answered probe ends it.
-- `p_tick_started` as in `lease_due_repairs`.
create or replace function public.lease_due_recreations(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default null
) returns table (
  repair_id uuid, token uuid, instance_id uuid, instance_name text, phone_number text, api_url text,
  api_key text, begun boolean, ask boolean, webhook_url text, tick_started timestamptz
)
language sql security definer set search_path = '' as $$
  with due as (
    select d.id from ghost_repair.due_recreations d
    where not ghost_repair.is_leased('repair', d.id, p_tick_started)
    order by d.next_step_at limit p_limit for no key update skip locked
  ), leased as (
    select d.id, ghost_repair.take_lease('repair', d.id,
      make_interval(secs => p_lease_seconds), p_tick_started) as token
    from due d
  )
  select r.id, l.token, r.instance_id, a.instance_name, a.phone_number, a.api_url, a.api_key,
    r.recreate_called_at is not null, r.evidence ->> 'reason' <> 'deaf_after_logout',
    r.evidence ->> 'webhook_url', coalesce(p_tick_started, ghost_repair.now())
  from leased l
  join public.ghost_repairs r on r.id = l.id
  cross join lateral ghost_repair.read_address(r.instance_id) a
  where l.token is not null
$$;

-- Called right before the delete, with the address that its webhook has: from now on the number is
-- disconnected, and what is deleted is made again. `p_webhook_token`: its gateway cannot sign, and this
-- is what it sends where there is no token yet.
--
-- Returns {webhook_secret, webhook_token}; null: do not call.
create or replace function public.begin_recreation(
  p_repair_id uuid, p_token uuid, p_webhook_url text, p_webhook_token text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_repair public.ghost_repairs := ghost_repair.lock_leased_repair(p_repair_id, p_token);
  v_again constant boolean := v_repair.recreate_called_at is not null;
begin
  if v_repair.id is null or v_repair.state <> 'recreating' or (not v_again and (
    not ghost_repair.may_recreate(v_repair.instance_id, v_repair.evidence ->> 'reason')
    or ghost_repair.is_outage(p_repair_id))) then
    return null;
  end if;
  update public.ghost_repairs r set
    -- No session is left to hear.
    hearing = null, step = 'recreate', attempts = r.attempts + (not v_again)::int,
    recreate_called_at = coalesce(r.recreate_called_at, ghost_repair.now()),
    evidence = r.evidence || jsonb_build_object('webhook_url', p_webhook_url)
  where r.id = p_repair_id;
  if not v_again then
    perform ghost_repair.add_event(
      v_repair.instance_id, 'repair_step', '{"step": "recreate"}');
  end if;
  if (ghost_repair.read_session(v_repair.instance_id)).status <> 'disconnected' then
    perform ghost_repair.mark_disconnected(v_repair.instance_id, '{"source": "recreate"}');
  end if;
  update private.instance_credentials k set webhook_token = p_webhook_token
  where k.instance_id = v_repair.instance_id and k.webhook_token is null
    and p_webhook_token is not null;
  return (
    select jsonb_build_object('webhook_secret', k.webhook_secret, 'webhook_token', k.webhook_token)
    from private.instance_credentials k where k.instance_id = v_repair.instance_id);
end $$;

-- What it came to; ends the lease. `p_result`:
--   {next: recreated}        auto-reconnect connects it, and the QR code follows
--   {next: wait, seconds}    tried again; for long, a person is told
--   {next: alive}            the session answers: the ladder's again
--   {next: refused, why}     nothing was deleted: a person is told, as without it
-- Returns whether it was still the caller's.
create or replace function public.record_recreation(
  p_repair_id uuid, p_token uuid, p_result jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_repair public.ghost_repairs := ghost_repair.lock_leased_repair(p_repair_id, p_token);
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_next text := p_result ->> 'next';
begin
  perform ghost_repair.end_lease('repair', p_repair_id, p_token);
  if v_repair.id is null or v_repair.state <> 'recreating' then
    return false;
  end if;
  if v_next = 'wait' and (
    v_repair.waiting_since < ghost_repair.now() - v_settings.recreate_patience
    or (v_repair.recreate_called_at is null and not ghost_repair.may_recreate(
      v_repair.instance_id, v_repair.evidence ->> 'reason'))) then
    v_next := case when v_repair.recreate_called_at is null then 'refused' else 'failed' end;
  end if;
  case v_next
    when 'recreated' then
      perform ghost_repair.close_ghost_repair(v_repair.instance_id, 'recreated');
      update public.whatsapp_instances i set reconnect_attempts_count = 0
      where i.id = v_repair.instance_id;
      perform ghost_repair.add_event(v_repair.instance_id, 'recreated', '{}');
    when 'wait' then
      update public.ghost_repairs r set
        waiting_since = coalesce(r.waiting_since, ghost_repair.now()),
        next_step_at = ghost_repair.now()
          + make_interval(secs => coalesce((p_result ->> 'seconds')::float8, 0))
      where r.id = p_repair_id;
    when 'alive' then
      update public.ghost_repairs r set state = 'open', next_step_at = ghost_repair.now()
      where r.id = p_repair_id;
    else
      update public.ghost_repairs r set
        state = 'needs_operator', step = 'needs_operator', next_step_at = ghost_repair.now(),
        evidence = case v_next when 'failed'
          then r.evidence || '{"reason": "recreate_failed"}' else r.evidence end
      where r.id = p_repair_id returning r.* into v_repair;
      perform ghost_repair.add_event(v_repair.instance_id, 'needs_operator', jsonb_strip_nulls(
        jsonb_build_object('reason', v_repair.evidence -> 'reason', 'recreate', p_result -> 'why')));
  end case;
  return true;
end $$;

revoke all on function public.lease_due_recreations(int, timestamptz, int),
  public.begin_recreation(uuid, uuid, text, text),
  public.record_recreation(uuid, uuid, jsonb)
  from public, anon, authenticated;
grant execute on function public.lease_due_recreations(int, timestamptz, int),
  public.begin_recreation(uuid, uuid, text, text),
  public.record_recreation(uuid, uuid, jsonb)
  to service_role;
