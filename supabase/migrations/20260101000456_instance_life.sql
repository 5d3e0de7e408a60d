-- A number's beginning and end: made, disconnected by hand, deleted.

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
-- p_instance  {id, organization_id, instance_name, display_name, api_url, api_key, webhook_secret}
-- Returns     {result: claimed, token} (the first connect is the caller's) | {result: <refusal>}
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
    p_instance ->> 'display_name', 'disconnected', now())
  on conflict do nothing;
  if found then
    perform public.save_instance_credentials(v_id, p_instance ->> 'api_url',
      p_instance ->> 'api_key', p_instance ->> 'webhook_secret');
    perform private.add_event(v_id, 'created', jsonb_build_object('by', p_user_id));
  elsif not exists (
    select from public.whatsapp_instances i
    join private.instance_credentials k on k.instance_id = i.id
    where i.id = v_id and i.instance_name = p_instance ->> 'instance_name'
      and k.webhook_secret = p_instance ->> 'webhook_secret') then
    return '{"result": "instance_name_taken"}';
  end if;
  return jsonb_build_object('result', 'claimed', 'token', private.lease_connect(v_id, 40, true));
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
  select a.* into v_found from private.authorize_instance(p_user_id, p_instance_id, true) a;
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  end if;
  v_again := (v_found.instance).manual_disconnect and (v_found.instance).last_disconnected_at
    > now() - (select s.repair_window from private.ghost_repair_settings s);
  if v_again is not true then
    update public.whatsapp_instances set
      manual_disconnect = true, status = 'disconnected',
      disconnected_since = coalesce(disconnected_since, now()), last_disconnected_at = now()
    where id = p_instance_id;
    perform private.add_event(p_instance_id, 'manual_disconnect',
      jsonb_build_object('by', p_user_id));
  end if;
  delete from private.instance_qr_codes where instance_id = p_instance_id;
  update private.reconnect_leases set expires_at = now() where instance_id = p_instance_id;
  return jsonb_build_object('result', 'disconnected', 'logout', v_again is not true,
    'instance', private.instance_connection(p_instance_id));
end $$;

-- A logout that a person asked for, on the timeline.
create or replace function public.record_logout(p_instance_id uuid, p_outcome jsonb) returns void
language sql security definer set search_path = '' as $$
  select private.add_event(p_instance_id, 'logout', p_outcome || '{"source": "user"}')
$$;

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
  select a.* into v_found from private.authorize_instance(p_user_id, p_instance_id, true) a;
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  elsif (v_found.instance).instance_name is distinct from p_confirm_name then
    return '{"result": "confirmation_mismatch"}';
  end if;
  -- The deletion logs out itself: a repair under way lets go, and none begins in the window.
  delete from private.ghost_repair_claims c where c.instance_id = p_instance_id;
  update public.whatsapp_instances set last_disconnected_at = now() where id = p_instance_id;
  return jsonb_build_object('result', 'claimed',
    'token', private.lease_connect(p_instance_id, 120, true),
    'instance', private.instance_connection(p_instance_id));
end $$;

-- The end of a deletion. Gone at the gateway: the row goes too, conversations and messages stay
-- without a number. Not gone: the timeline says why. Returns whether the row went.
create or replace function public.finish_delete(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  -- The number before its lease, as everywhere: in the other order two would wait for each other.
  perform from public.whatsapp_instances i where i.id = p_instance_id for update;
  update private.reconnect_leases l set expires_at = now()
  where l.instance_id = p_instance_id and l.token = p_token;
  if not found then
    return false;
  elsif (p_outcome ->> 'deleted')::boolean then
    delete from public.whatsapp_instances where id = p_instance_id;
    return true;
  end if;
  perform private.add_event(p_instance_id, 'delete_failed', p_outcome - 'deleted');
  return false;
end $$;

revoke all on function public.check_new_instance(uuid, uuid, text)
  from public, anon, authenticated;
revoke all on function public.store_new_instance(uuid, jsonb) from public, anon, authenticated;
revoke all on function public.begin_disconnect(uuid, uuid) from public, anon, authenticated;
revoke all on function public.record_logout(uuid, jsonb) from public, anon, authenticated;
revoke all on function public.begin_delete(uuid, uuid, text) from public, anon, authenticated;
revoke all on function public.finish_delete(uuid, uuid, jsonb) from public, anon, authenticated;
grant execute on function public.check_new_instance(uuid, uuid, text) to service_role;
grant execute on function public.store_new_instance(uuid, jsonb) to service_role;
grant execute on function public.begin_disconnect(uuid, uuid) to service_role;
grant execute on function public.record_logout(uuid, jsonb) to service_role;
grant execute on function public.begin_delete(uuid, uuid, text) to service_role;
grant execute on function public.finish_delete(uuid, uuid, jsonb) to service_role;
