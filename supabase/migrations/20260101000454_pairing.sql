-- Connecting by a person's wish: a QR code to scan, a number brought back, a new number.
--
-- Whoever asks, one connect at a time: the QR page of ten browsers, the one who clicks reconnect
-- and the scheduler share the lease of `private.reconnect_leases`. A connect into a running one
-- could start a second socket for the same device, and the two would throw each other out for ever.
--
--   request_qr_code | begin_reconnect | store_new_instance ── claimed (token)
--        │                                                        │
--   answered: the QR, or when to ask again          registry, connect at the gateway
--                                                                 │
--                                                record_connect ── connected | awaiting_qr | …

-- A lease, if nobody has it. `p_by_force`: also then; what the other one found counts no more.
create or replace function private.lease_connect(
  p_instance_id uuid, p_seconds int, p_by_force boolean default false
) returns uuid
language sql security definer set search_path = '' as $$
  insert into private.reconnect_leases as l (instance_id, token, leased_at, expires_at)
  values (p_instance_id, gen_random_uuid(), now(), now() + make_interval(secs => p_seconds))
  on conflict (instance_id) do update set
    token = excluded.token, leased_at = excluded.leased_at, expires_at = excluded.expires_at
    where l.expires_at <= now() or p_by_force
  returning l.token
$$;
revoke all on function private.lease_connect(uuid, int, boolean) from public, anon, authenticated;

-- How long until somebody else's lease ends: asked again sooner, as it usually ends sooner.
create or replace function private.lease_retry_seconds(p_instance_id uuid) returns int
language sql stable security definer set search_path = '' as $$
  select greatest(1, least(3, ceil(extract(epoch from l.expires_at - now()))))::int
  from private.reconnect_leases l where l.instance_id = p_instance_id
$$;
revoke all on function private.lease_retry_seconds(uuid) from public, anon, authenticated;

-- The QR to scan, or a claim to ask the gateway for one. Polled by every open QR page.
--
-- Returns  {result: answered, status, qr, reason, retry_after_seconds}
--          {result: claimed, token, instance: {…}}
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
  select a.* into v_found from private.authorize_instance(p_user_id, p_instance_id, true) a;
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  end if;
  v_instance := v_found.instance;
  v_qr := private.fresh_qr_code(p_instance_id);
  v_reason := case
    when v_qr is not null then null
    when v_instance.status = 'connected' then 'connected'
    -- An open page is no wish to reconnect: that is an action of its own.
    when v_instance.manual_disconnect then 'manual_disconnect'
    when private.has_open_repair(p_instance_id)
      then private.not_connected_reason(v_instance)
  end;
  if v_qr is not null or v_reason is not null then
    return jsonb_build_object('result', 'answered', 'status', v_instance.status, 'qr', v_qr,
      'reason', v_reason, 'retry_after_seconds', case
        when v_qr is not null then 3
        when v_reason in ('connected', 'manual_disconnect') then 0
        else 15 end);
  end if;

  v_connection := private.instance_connection(p_instance_id);
  if v_connection is null then
    return '{"result": "instance_without_gateway"}';
  end if;
  -- Longer than the three calls to the gateway may take: 8, 8 and 20 seconds.
  v_token := private.lease_connect(p_instance_id, 40);
  if v_token is null then
    return jsonb_build_object('result', 'answered', 'status', v_instance.status, 'qr', null,
      'reason', 'asking', 'retry_after_seconds', private.lease_retry_seconds(p_instance_id));
  end if;
  return jsonb_build_object('result', 'claimed', 'token', v_token, 'instance', v_connection);
end $$;

-- A person wants the number back: by hand no more, its attempts begin anew.
--
-- Returns  {result: claimed, token, instance: {…}} | {result: connected}
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
  select a.* into v_found from private.authorize_instance(p_user_id, p_instance_id, true) a;
  v_connection := private.instance_connection(p_instance_id);
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  elsif private.has_open_repair(p_instance_id) then
    return (
      select jsonb_build_object('result', 'repair_in_progress',
        'reason', case when r.state = 'needs_operator' then 'needs_operator' else 'repairing' end)
      from public.ghost_repairs r
      where r.instance_id = p_instance_id and r.closed_at is null);
  elsif (v_found.instance).status = 'connected' and not (v_found.instance).manual_disconnect then
    return '{"result": "connected"}';
  elsif private.fresh_qr_code(p_instance_id) is not null then
    return '{"result": "qr_pending"}';
  elsif v_connection is null then
    return '{"result": "instance_without_gateway"}';
  end if;
  v_token := private.lease_connect(p_instance_id, 40);
  if v_token is null then
    return '{"result": "reconnect_in_progress"}';
  end if;
  update public.whatsapp_instances set
    manual_disconnect = false, reconnect_attempts_count = 0, last_reconnect_attempt_at = now()
  where id = p_instance_id;
  return jsonb_build_object('result', 'claimed', 'token', v_token, 'instance', v_connection);
end $$;

-- What a claimed connect found out. `p_outcome` is as in `record_reconnect`, with the same meaning;
-- what it says is written only while the claim holds and nobody disconnected by hand meanwhile.
--
-- Returns {status, qr}: as they are afterwards.
create or replace function public.record_connect(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_result text := p_outcome ->> 'result';
  v_detail jsonb := jsonb_build_object('outcome', p_outcome ->> 'result', 'source', 'user')
    || (p_outcome - 'qr' - 'result');
begin
  select i.* into v_instance from public.whatsapp_instances i
  where i.id = p_instance_id for update;
  -- Without a QR to show, the next one asks 20 seconds after this one, not at the next poll.
  update private.reconnect_leases l set
    expires_at = case when v_result in ('registry_open', 'open', 'qr') then now()
      else least(l.expires_at, l.leased_at + interval '20 seconds') end
  where l.instance_id = p_instance_id and l.token = p_token and l.expires_at > now();
  if found and v_instance.status <> 'connected' and not v_instance.manual_disconnect
    and not private.has_open_repair(p_instance_id) then
    case
      when v_result in ('registry_open', 'open') then
        perform private.mark_connected(p_instance_id, v_detail);
      when v_result = 'qr' then
        perform private.mark_awaiting_qr(p_instance_id, p_outcome -> 'qr', v_detail);
      else
        if v_result = 'no_qr_yet' then
          update public.whatsapp_instances set status = 'connecting'
          where id = p_instance_id and status = 'disconnected';
        end if;
        perform private.add_reconnect_event(p_instance_id,
          case when v_result = 'not_found' then v_result else 'reconnect' end, v_detail);
    end case;
  end if;
  return (
    select jsonb_build_object('status', i.status, 'qr', private.fresh_qr_code(p_instance_id))
    from public.whatsapp_instances i where i.id = p_instance_id);
end $$;

revoke all on function public.request_qr_code(uuid, uuid) from public, anon, authenticated;
revoke all on function public.begin_reconnect(uuid, uuid) from public, anon, authenticated;
revoke all on function public.record_connect(uuid, uuid, jsonb) from public, anon, authenticated;
grant execute on function public.request_qr_code(uuid, uuid) to service_role;
grant execute on function public.begin_reconnect(uuid, uuid) to service_role;
grant execute on function public.record_connect(uuid, uuid, jsonb) to service_role;
