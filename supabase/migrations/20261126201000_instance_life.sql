-- What a person may do with a number: make one, show its QR code, bring it back, disconnect it,
-- delete it.

-- The lease to connect, if nobody has it. `p_by_force`: also then.
create or replace function ghost_repair.lease_connect(
  p_instance_id uuid, p_by_force boolean default false
) returns uuid
language sql security definer set search_path = '' as $$
  select ghost_repair.take_lease('reconnect', p_instance_id,
    (select s.connect_time from ghost_repair.settings s), null, p_by_force)
$$;

-- How long until somebody else's lease, or the pause after it, ends: asked again sooner, as it usually
-- ends sooner.
create or replace function ghost_repair.lease_retry_seconds(p_instance_id uuid) returns int
language sql stable security definer set search_path = '' as $$
  select greatest(1, least(3, ceil(extract(epoch from
    greatest(l.expires_at, l.leased_at + s.connect_pause) - ghost_repair.now()))))::int
  from ghost_repair.leases l, ghost_repair.settings s
  where l.kind = 'reconnect' and l.subject = p_instance_id
$$;

-- Whether the gateway was asked to connect the number within the pause, by whomever.
create or replace function ghost_repair.was_asked_lately(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from ghost_repair.leases l, ghost_repair.settings s
    where l.kind = 'reconnect' and l.subject = p_instance_id
      and l.leased_at > ghost_repair.now() - s.connect_pause)
$$;

-- The QR to scan, or a claim to ask the gateway for one. Polled by every open QR page.
--
-- Returns  {result: answered, status, qr, reason, retry_after_seconds}
--          {result: claimed, token, epoch, instance: {…}, shown}: `shown` is the code that was
--          shown last, fresh no more; the gateway may still have nothing else
--          {result: <refusal>}
create or replace function public.request_qr_code(p_user_id uuid, p_instance_id uuid)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_found record;
  v_instance public.whatsapp_instances;
  v_qr jsonb;
  v_reason text;
  v_connection jsonb;
  v_token uuid;
begin
  select a.* into v_found from ghost_repair.authorize_instance(p_user_id, p_instance_id, true) a;
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  end if;
  v_instance := v_found.instance;
  v_qr := ghost_repair.fresh_qr_code(p_instance_id);
  v_reason := case
    when v_qr is not null then null
    when v_instance.status = 'connected' then 'connected'
    -- An open page is no wish to reconnect: that is an action of its own.
    when v_instance.manual_disconnect then 'manual_disconnect'
    when ghost_repair.has_open_repair(p_instance_id)
      then ghost_repair.not_connected_reason(v_instance)
  end;
  if v_qr is not null or v_reason is not null then
    return jsonb_build_object('result', 'answered', 'status', v_instance.status, 'qr', v_qr,
      'reason', v_reason, 'retry_after_seconds', case
        when v_qr is not null then 3
        when v_reason in ('connected', 'manual_disconnect') then 0
        else 15 end);
  end if;

  v_connection := ghost_repair.instance_connection(p_instance_id);
  if v_connection is null then
    return '{"result": "instance_without_gateway"}';
  end if;
  -- However the last ask ended, the next comes after the pause: pages poll.
  if not ghost_repair.was_asked_lately(p_instance_id) then
    v_token := ghost_repair.lease_connect(p_instance_id);
  end if;
  if v_token is null then
    return jsonb_build_object('result', 'answered', 'status', v_instance.status, 'qr', null,
      'reason', 'asking', 'retry_after_seconds', ghost_repair.lease_retry_seconds(p_instance_id));
  end if;
  return jsonb_build_object('result', 'claimed', 'token', v_token,
    'epoch', v_instance.connection_epoch, 'instance', v_connection, 'shown', (
      select q.code from private.instance_qr_codes q where q.instance_id = p_instance_id));
end $$;

-- A person wants the number back: by hand no more, its attempts begin anew, and a logout that was
-- owed is wanted no more.
--
-- Returns  {result: claimed, token, epoch, instance: {…}, shown} | {result: connected}
--          {result: repair_in_progress, reason} | {result: qr_pending}
--          {result: reconnect_in_progress} | {result: <refusal>}
create or replace function public.begin_reconnect(p_user_id uuid, p_instance_id uuid)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_found record;
  v_connection jsonb;
  v_token uuid;
begin
  select a.* into v_found from ghost_repair.authorize_instance(p_user_id, p_instance_id, true) a;
  v_connection := ghost_repair.instance_connection(p_instance_id);
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  elsif ghost_repair.has_open_repair(p_instance_id) then
    return jsonb_build_object('result', 'repair_in_progress',
      'reason', case (ghost_repair.open_repair(p_instance_id)).state
        when 'needs_operator' then 'needs_operator' else 'repairing' end);
  elsif (v_found.instance).status = 'connected' then
    return '{"result": "connected"}';
  elsif ghost_repair.fresh_qr_code(p_instance_id) is not null then
    return '{"result": "qr_pending"}';
  elsif v_connection is null then
    return '{"result": "instance_without_gateway"}';
  end if;
  v_token := ghost_repair.lease_connect(p_instance_id);
  if v_token is null then
    return '{"result": "reconnect_in_progress"}';
  end if;
  update public.whatsapp_instances set
    manual_disconnect = false, reconnect_attempts_count = 0, last_reconnect_attempt_at = ghost_repair.now()
  where id = p_instance_id;
  perform ghost_repair.end_owed_logout(p_instance_id);
  return jsonb_build_object('result', 'claimed', 'token', v_token,
    'epoch', (v_found.instance).connection_epoch, 'instance', v_connection, 'shown', (
      select q.code from private.instance_qr_codes q where q.instance_id = p_instance_id));
end $$;

-- Whether a user may make a number of this name. Asked before the gateway is, so that a request that
-- cannot succeed leaves nothing there.
create or replace function public.check_new_instance(
  p_user_id uuid, p_organization_id uuid, p_instance_name text
) returns text
language sql stable security definer set search_path = '' as $$
  select case coalesce((
      select m.role from public.organization_members m
      where m.organization_id = p_organization_id and m.user_id = p_user_id), '')
    when '' then 'organization_not_found'
    when 'agent' then 'forbidden'
    else case when exists (
        select from public.whatsapp_instances i where i.instance_name = p_instance_name)
      then 'instance_name_taken' else 'ok' end
  end
$$;

-- Stores a number that the gateway has just made, with its key and its webhook's secret. The id is
-- the caller's: the same call again, after an answer that was lost, finds its own row.
--
-- p_instance  {id, organization_id, instance_name, display_name, api_url, api_key, webhook_secret,
--             webhook_token}
-- Returns     {result: claimed, token, epoch} (the first connect is the caller's) | {result: <refusal>}
create or replace function public.store_new_instance(p_user_id uuid, p_instance jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := (p_instance ->> 'id')::uuid;
  v_check text := public.check_new_instance(p_user_id,
    (p_instance ->> 'organization_id')::uuid, p_instance ->> 'instance_name');
begin
  if v_check in ('organization_not_found', 'forbidden') then
    return jsonb_build_object('result', v_check);
  end if;
  insert into public.whatsapp_instances
    (id, organization_id, instance_name, display_name, status, disconnected_since)
  values (v_id, (p_instance ->> 'organization_id')::uuid, p_instance ->> 'instance_name',
    p_instance ->> 'display_name', 'disconnected', ghost_repair.now())
  on conflict do nothing;
  if found then
    perform public.save_instance_credentials(v_id, p_instance ->> 'api_url',
      p_instance ->> 'api_key', p_instance ->> 'webhook_secret', p_instance ->> 'webhook_token');
    perform ghost_repair.add_event(v_id, 'created', jsonb_build_object('by', p_user_id));
  elsif not exists (
    select from public.whatsapp_instances i
    join private.instance_credentials k on k.instance_id = i.id
    where i.id = v_id and i.instance_name = p_instance ->> 'instance_name'
      and k.webhook_secret = p_instance ->> 'webhook_secret') then
    return '{"result": "instance_name_taken"}';
  end if;
  return jsonb_build_object('result', 'claimed', 'token', ghost_repair.lease_connect(v_id, true),
    'epoch', (ghost_repair.read_session(v_id)).connection_epoch);
end $$;

-- Disconnected by hand, from this moment on: the scheduler, the repair and every connect that is
-- under way leave the number alone. `logout`: whether to log out; a second click does not do it
-- again, as nothing could have reconnected it.
create or replace function public.begin_disconnect(p_user_id uuid, p_instance_id uuid)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_found record;
  v_again boolean;
begin
  select a.* into v_found from ghost_repair.authorize_instance(p_user_id, p_instance_id, true) a;
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  end if;
  v_again := (v_found.instance).manual_disconnect and (v_found.instance).last_disconnected_at
    > ghost_repair.now() - (select s.repair_window from ghost_repair.settings s);
  if v_again is not true then
    update public.whatsapp_instances set
      manual_disconnect = true, status = 'disconnected',
      disconnected_since = coalesce(disconnected_since, ghost_repair.now()), last_disconnected_at = ghost_repair.now()
    where id = p_instance_id;
    perform ghost_repair.add_event(p_instance_id, 'manual_disconnect',
      jsonb_build_object('by', p_user_id));
  end if;
  delete from private.instance_qr_codes where instance_id = p_instance_id;
  perform ghost_repair.end_lease('reconnect', p_instance_id, null);
  return jsonb_build_object('result', 'disconnected', 'logout', v_again is not true,
    -- Null: its logout does no harm.
    'unsafe_version', (select g.version from private.instance_credentials k
      join private.gateways g on g.api_url = k.api_url
      where k.instance_id = p_instance_id and not g.logout_safe),
    'instance', ghost_repair.instance_connection(p_instance_id));
end $$;

-- A logout that a person asked for, on the timeline: {logout, registry, ms}. Where the registry does not
-- say that the session is gone, and the person still wants that, the logout is owed.
create or replace function public.record_logout(p_instance_id uuid, p_outcome jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_registry text := p_outcome ->> 'registry';
begin
  perform ghost_repair.add_event(p_instance_id, 'logout', p_outcome || '{"source": "user"}');
  if v_registry in ('close', 'not_found') then
    perform ghost_repair.end_owed_logout(p_instance_id);
  elsif v_session.manual_disconnect then
    perform ghost_repair.owe_logout(p_instance_id, jsonb_build_object('registry', v_registry));
  end if;
end $$;

-- The right to delete a number, for as long as the gateway may take; nobody connects it meanwhile.
--
-- Returns {result: claimed, token, instance: {…} or null without a gateway} | {result: <refusal>}
create or replace function public.begin_delete(
  p_user_id uuid, p_instance_id uuid, p_confirm_name text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_found record;
begin
  select a.* into v_found from ghost_repair.authorize_instance(p_user_id, p_instance_id, true) a;
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  elsif (v_found.instance).instance_name is distinct from p_confirm_name then
    return '{"result": "confirmation_mismatch"}';
  end if;
  -- The deletion logs out itself: a repair under way lets go, and none begins, nor does the ladder log
  -- out, in the window.
  insert into ghost_repair.claims as c
    (instance_id, token, connection_epoch, expires_at, finished_at, outcome)
  values (p_instance_id, gen_random_uuid(), (v_found.instance).connection_epoch, ghost_repair.now(),
    ghost_repair.now(), '{"logout": "deletion"}')
  on conflict (instance_id) do update set
    token = excluded.token, connection_epoch = excluded.connection_epoch,
    claimed_at = excluded.claimed_at, expires_at = excluded.expires_at,
    finished_at = excluded.finished_at, outcome = excluded.outcome;
  update public.whatsapp_instances set last_disconnected_at = ghost_repair.now() where id = p_instance_id;
  return jsonb_build_object('result', 'claimed',
    'token', ghost_repair.take_lease('reconnect', p_instance_id, p_by_force => true),
    'instance', ghost_repair.instance_connection(p_instance_id));
end $$;

-- The end of a deletion. Gone at the gateway: from this moment on the number is gone for everybody,
-- however much it leaves behind; its name is free. Not gone: the timeline says why. Returns whether
-- it is gone.
create or replace function public.finish_delete(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  -- The number before its lease, as everywhere: in the other order two would wait for each other.
  perform from public.whatsapp_instances i where i.id = p_instance_id for update;
  if not exists (
    select from ghost_repair.leases l
    where l.kind = 'reconnect' and l.subject = p_instance_id and l.token = p_token) then
    return false;
  end if;
  perform ghost_repair.end_lease('reconnect', p_instance_id, p_token);
  if (p_outcome ->> 'deleted')::boolean then
    delete from private.instance_credentials where instance_id = p_instance_id;
    delete from private.instance_qr_codes where instance_id = p_instance_id;
    -- By hand: nothing connects, repairs or releases it meanwhile.
    update public.whatsapp_instances set
      deleted_at = ghost_repair.now(), instance_name = 'deleted:' || id, manual_disconnect = true,
      status = 'disconnected', disconnected_since = coalesce(disconnected_since, ghost_repair.now())
    where id = p_instance_id;
    return true;
  end if;
  perform ghost_repair.add_event(p_instance_id, 'delete_failed', p_outcome - 'deleted');
  return false;
end $$;

-- Takes deleted numbers apart, a batch of each kind of row a minute: conversations and messages stay
-- without a number, its timeline goes, and with the last of them its row. Returns how many rows
-- were changed.
create or replace function ghost_repair.detach_deleted_numbers() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_batch int := (select s.sweep_batch from ghost_repair.settings s);
  v_changed bigint := 0;
  v_count bigint;
begin
  for v_id in
    select i.id from public.whatsapp_instances i where i.deleted_at is not null
    order by i.deleted_at limit 10
  loop
    continue when v_changed >= v_batch
      or (ghost_repair.lock_session(v_id, true)).instance_id is null;
    with batch as (
      select c.id from public.conversations c where c.whatsapp_instance_id = v_id
      order by c.id limit v_batch for no key update skip locked
    )
    update public.conversations c set whatsapp_instance_id = null from batch where c.id = batch.id;
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;
    with batch as (
      select m.id from public.messages m where m.whatsapp_instance_id = v_id
      limit v_batch for no key update skip locked
    )
    update public.messages m set whatsapp_instance_id = null from batch where m.id = batch.id;
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;
    delete from public.instance_events e where e.id = any (array(
      select e.id from public.instance_events e where e.instance_id = v_id limit v_batch));
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;
    -- A request that began before the deletion may still store what it found: it has come to its end
    -- long before the row goes.
    delete from public.whatsapp_instances i
    where i.id = v_id
      and i.deleted_at < ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)
      and not exists (select from public.conversations c where c.whatsapp_instance_id = v_id)
      and not exists (select from public.messages m where m.whatsapp_instance_id = v_id)
      and not exists (select from public.instance_events e where e.instance_id = v_id);
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;
  end loop;
  return v_changed;
end $$;

-- What a number's webhook is to be set to, for owners and admins. `p_webhook_token`: its gateway cannot
-- sign, and this is what it sends where there is no token yet; from now on it is accepted. Without a
-- token it may have been sent the secret itself, with every webhook, in clear: that signs nothing any
-- more, and `p_webhook_secret` takes its place.
--
-- Returns {result: ok, instance, webhook_secret, webhook_token} | {result: <refusal>}
create or replace function public.read_webhook_setting(
  p_user_id uuid, p_instance_id uuid, p_webhook_token text default null,
  p_webhook_secret text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_refusal text := (
    select a.refusal from ghost_repair.authorize_instance(p_user_id, p_instance_id, true) a);
begin
  if v_refusal is not null then
    return jsonb_build_object('result', v_refusal);
  end if;
  update private.instance_credentials k set
    webhook_token = p_webhook_token, webhook_secret = coalesce(p_webhook_secret, k.webhook_secret),
    previous_webhook_secret = null, previous_webhook_token = null, previous_valid_until = null
  where k.instance_id = p_instance_id and k.webhook_token is null and p_webhook_token is not null;
  return coalesce((
      select jsonb_build_object('result', 'ok', 'webhook_secret', k.webhook_secret,
        'webhook_token', k.webhook_token,
        'instance', ghost_repair.instance_connection(p_instance_id))
      from private.instance_credentials k where k.instance_id = p_instance_id),
      '{"result": "instance_without_gateway"}');
end $$;

revoke all on function public.request_qr_code(uuid, uuid),
  public.begin_reconnect(uuid, uuid),
  public.check_new_instance(uuid, uuid, text),
  public.store_new_instance(uuid, jsonb),
  public.begin_disconnect(uuid, uuid),
  public.record_logout(uuid, jsonb),
  public.begin_delete(uuid, uuid, text),
  public.finish_delete(uuid, uuid, jsonb),
  public.read_webhook_setting(uuid, uuid, text, text)
  from public, anon, authenticated;
grant execute on function public.request_qr_code(uuid, uuid),
  public.begin_reconnect(uuid, uuid),
  public.check_new_instance(uuid, uuid, text),
  public.store_new_instance(uuid, jsonb),
  public.begin_disconnect(uuid, uuid),
  public.record_logout(uuid, jsonb),
  public.begin_delete(uuid, uuid, text),
  public.finish_delete(uuid, uuid, jsonb),
  public.read_webhook_setting(uuid, uuid, text, text)
  to service_role;
