-- What the gateway reports. Events come twice, late and out of order: each function says what the
-- newest one means and leaves everything alone for the rest.

-- What this instance's webhooks must be signed with: two rows during a rotation. No row: no such
-- instance.
create or replace function public.webhook_keys(p_instance_id uuid)
returns table (webhook_secret text, webhook_token text)
language sql stable security definer set search_path = '' as $$
  select k.webhook_secret, k.webhook_token
  from private.instance_credentials k where k.instance_id = p_instance_id
  union all
  select k.previous_webhook_secret, k.previous_webhook_token
  from private.instance_credentials k
  where k.instance_id = p_instance_id and k.previous_valid_until > ghost_repair.now()
$$;

-- A new key for an instance's webhooks; the old one stays valid for the overlap.
create or replace function public.rotate_webhook_secret(
  p_instance_id uuid, p_webhook_secret text, p_overlap interval default interval '1 day'
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update private.instance_credentials k set
    previous_webhook_secret = k.webhook_secret, previous_webhook_token = k.webhook_token,
    previous_valid_until = ghost_repair.now() + p_overlap, webhook_secret = p_webhook_secret
  where k.instance_id = p_instance_id;
  return found;
end $$;

-- Locks the instance and says whether a connection event of `p_at` (the gateway's clock, compared
-- with itself only) is news: newer than the newest one, or another one of the same instant.
create or replace function ghost_repair.is_connection_news(
  p_instance_id uuid, p_event text, p_at timestamptz, out instance public.whatsapp_instances
)
language plpgsql security definer set search_path = '' as $$
begin
  update public.whatsapp_instances i set
    last_connection_event = case when i.last_connection_event_at = p_at
      then i.last_connection_event || ' ' || p_event else p_event end,
    last_connection_event_at = p_at,
    last_webhook_event = p_event, last_webhook_at = ghost_repair.now()
  where i.id = p_instance_id
    and (i.last_connection_event_at is null or i.last_connection_event_at < p_at
      or (i.last_connection_event_at = p_at
        and p_event <> all (string_to_array(i.last_connection_event, ' '))))
  returning i.* into instance;
end $$;

-- `connection.update`, `logout.instance` and `status.instance`.
--
-- p_state  open | close | connecting | refused
-- Returns: applied | ignored
create or replace function public.apply_connection_event(
  p_instance_id uuid, p_state text, p_at timestamptz,
  p_reason int default null, p_own_number text default null
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
begin
  -- `connecting` alone says nothing about whether the session lives, and a live loop says it five
  -- times a second: only an open repair counts them.
  if p_state not in ('open', 'close', 'refused') then
    return case when ghost_repair.note_connecting(p_instance_id) then 'applied' else 'ignored' end;
  end if;
  v_instance := ghost_repair.is_connection_news(p_instance_id, 'connection.update:' || p_state, p_at);
  if v_instance.id is null then
    return 'ignored';
  end if;
  if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) then
    return 'applied';
  end if;
  case p_state
    when 'open' then
      update public.whatsapp_instances set phone_number = coalesce(p_own_number, phone_number)
      where id = p_instance_id;
      if ghost_repair.hasten_repair(p_instance_id) then
        perform ghost_repair.note_open(p_instance_id);
      else
        perform ghost_repair.mark_connected(p_instance_id, '{"source": "webhook"}');
      end if;
    when 'close' then
      -- Waiting for a scan is already not connected, and a close does not make the QR go away.
      if v_instance.status in ('connected', 'connecting') then
        update public.whatsapp_instances set
          status = 'disconnected', disconnected_since = ghost_repair.now(), last_disconnected_at = ghost_repair.now()
        where id = p_instance_id;
        perform ghost_repair.add_event(p_instance_id, 'webhook_close',
          jsonb_strip_nulls(jsonb_build_object('reason', p_reason)));
      end if;
    when 'refused' then
      -- The gateway stopped making QR codes. The next tick asks for a fresh one, as long as this
      -- disconnection has attempts left; then a person has to ask.
      delete from private.instance_qr_codes where instance_id = p_instance_id;
      update public.whatsapp_instances set
        status = case when reconnect_attempts_count
            < (select s.reconnect_attempts from ghost_repair.settings s)
          then 'disconnected' else 'awaiting_qr' end,
        disconnected_since = coalesce(disconnected_since, ghost_repair.now())
      where id = p_instance_id;
      perform ghost_repair.add_event(p_instance_id, 'qr_required',
        jsonb_strip_nulls(jsonb_build_object('qr_limit', true, 'reason', p_reason)));
  end case;
  return 'applied';
end $$;

-- `qrcode.updated`: a fresh QR is the proof that the device must be paired again.
create or replace function public.apply_qr_code(
  p_instance_id uuid, p_qr jsonb, p_at timestamptz
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
begin
  v_instance := ghost_repair.is_connection_news(p_instance_id, 'qrcode.updated', p_at);
  if v_instance.id is null then
    return 'ignored';
  end if;
  if not ghost_repair.doubts_qr_code(p_instance_id) then
    perform ghost_repair.mark_awaiting_qr(p_instance_id, p_qr, '{"source": "webhook"}');
  end if;
  return 'applied';
end $$;

-- `messages.upsert` and `send.message`: a message that came in, or that was sent from the phone.
-- p_message  {whatsapp_message_id, remote_jid, from_me, type, content, media_url, media_mime_type,
--             file_name, caption, sent_at, contact_name}
-- Returns: stored | ignored
create or replace function public.apply_message(p_instance_id uuid, p_message jsonb) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_conversation_id uuid;
  v_from_me boolean := (p_message ->> 'from_me')::boolean;
  v_early text;
begin
  select i.* into v_instance from public.whatsapp_instances i
  where i.id = p_instance_id for no key update;
  if not found then
    return 'ignored';
  end if;
  perform ghost_repair.note_webhook(p_instance_id);
  perform ghost_repair.lock_whatsapp_message(p_instance_id, p_message ->> 'whatsapp_message_id');
  insert into public.conversations as c
    (organization_id, whatsapp_instance_id, remote_jid, contact_name)
  values (v_instance.organization_id, p_instance_id, p_message ->> 'remote_jid',
    case when not v_from_me then p_message ->> 'contact_name' end)
  on conflict (whatsapp_instance_id, remote_jid) do update set
    contact_name = coalesce(c.contact_name, excluded.contact_name)
  returning c.id into v_conversation_id;

  insert into public.messages (
    organization_id, conversation_id, whatsapp_instance_id, whatsapp_message_id, is_from_me,
    message_type, content, media_url, media_mime_type, file_name, caption, status, sent_at)
  values (v_instance.organization_id, v_conversation_id, p_instance_id,
    p_message ->> 'whatsapp_message_id', v_from_me, p_message ->> 'type', p_message ->> 'content',
    p_message ->> 'media_url', p_message ->> 'media_mime_type', p_message ->> 'file_name',
    p_message ->> 'caption', case when v_from_me then 'sent' else 'received' end,
    (p_message ->> 'sent_at')::timestamptz)
  on conflict (whatsapp_instance_id, whatsapp_message_id) where whatsapp_message_id is not null
    do nothing;
  if not found then
    return 'ignored';
  end if;
  update public.conversations set last_message_at = ghost_repair.now() where id = v_conversation_id;
  if v_from_me then
    -- The acknowledgement may have been faster.
    delete from private.early_acknowledgements a
    where a.instance_id = p_instance_id
      and a.whatsapp_message_id = p_message ->> 'whatsapp_message_id'
    returning a.status into v_early;
    if found then
      perform public.apply_acknowledgement(
        p_instance_id, p_message ->> 'whatsapp_message_id', v_early);
    end if;
  else
    update public.whatsapp_instances set
      last_received_at = ghost_repair.now(), last_webhook_event = 'messages.upsert', last_webhook_at = ghost_repair.now()
    where id = p_instance_id;
  end if;
  return 'stored';
end $$;

-- `messages.update`: sent → delivered → read, never backwards. An acknowledgement that came before
-- the answer to its send is kept for it. Returns: applied | kept | ignored
create or replace function public.apply_acknowledgement(
  p_instance_id uuid, p_whatsapp_message_id text, p_status text
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_rank constant jsonb := '{"sending": 0, "failed": 0, "sent": 1, "delivered": 2, "read": 3}';
  v_message public.messages;
begin
  perform ghost_repair.note_webhook(p_instance_id);
  perform ghost_repair.lock_whatsapp_message(p_instance_id, p_whatsapp_message_id);
  select m.* into v_message from public.messages m
  where m.whatsapp_instance_id = p_instance_id
    and m.whatsapp_message_id = p_whatsapp_message_id
  for update;
  if not found then
    insert into private.early_acknowledgements as a (instance_id, whatsapp_message_id, status)
    select i.id, p_whatsapp_message_id, p_status
    from public.whatsapp_instances i where i.id = p_instance_id
    on conflict (instance_id, whatsapp_message_id) do update set status = excluded.status
      where (v_rank ->> excluded.status)::int > (v_rank ->> a.status)::int;
    return 'kept';
  end if;
  if not v_message.is_from_me
    or (v_rank ->> p_status)::int <= (v_rank ->> v_message.status)::int then
    return 'ignored';
  end if;
  update public.messages set
    status = p_status,
    sent_at = coalesce(sent_at, ghost_repair.now()),
    delivered_at = case when p_status in ('delivered', 'read')
      then coalesce(delivered_at, ghost_repair.now()) else delivered_at end,
    read_at = case when p_status = 'read' then coalesce(read_at, ghost_repair.now()) else read_at end,
    failed_at = null, error_code = null, error_message = null
  where id = v_message.id;
  return 'applied';
end $$;

revoke all on function public.webhook_keys(uuid),
  public.rotate_webhook_secret(uuid, text, interval),
  public.apply_connection_event(uuid, text, timestamptz, int, text),
  public.apply_qr_code(uuid, jsonb, timestamptz),
  public.apply_message(uuid, jsonb),
  public.apply_acknowledgement(uuid, text, text)
  from public, anon, authenticated;
grant execute on function public.webhook_keys(uuid),
  public.rotate_webhook_secret(uuid, text, interval),
  public.apply_connection_event(uuid, text, timestamptz, int, text),
  public.apply_qr_code(uuid, jsonb, timestamptz),
  public.apply_message(uuid, jsonb),
  public.apply_acknowledgement(uuid, text, text)
  to service_role;
