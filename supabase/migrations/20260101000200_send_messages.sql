-- Sending: one round trip stores a request's messages and hands the function all it needs to send
-- them; one more stores how each ended.

-- Sees an instance's events: members of its organization.
drop policy if exists "members read their events" on public.instance_events;
create policy "members read their events" on public.instance_events
  for select to authenticated using (organization_id in (
    select m.organization_id from public.organization_members m
    where m.user_id = (select auth.uid())
  ));
create index if not exists instance_events_organization
  on public.instance_events (organization_id, id desc);

-- The conversation that a request means, or the reason why there is none. What belongs to another
-- organization answers as if it did not exist. Only looks: a conversation that is not there yet
-- comes back without an id, and is stored once nothing else can refuse the request.
create or replace function private.resolve_conversation(
  p_user_id uuid, p_target jsonb,
  out conversation public.conversations, out refusal text
)
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_instance_id uuid := (p_target ->> 'instance_id')::uuid;
begin
  if p_target ->> 'conversation_id' is not null then
    select c.* into conversation from public.conversations c
    join public.organization_members m
      on m.organization_id = c.organization_id and m.user_id = p_user_id
    where c.id = (p_target ->> 'conversation_id')::uuid;
    refusal := case
      when not found then 'conversation_not_found'
      -- Never another connected number: the customer would be answered from a different phone.
      when conversation.whatsapp_instance_id is null then 'conversation_without_instance'
      when v_instance_id <> conversation.whatsapp_instance_id then 'instance_mismatch'
    end;
    return;
  end if;

  select i.* into v_instance from public.whatsapp_instances i
  join public.organization_members m
    on m.organization_id = i.organization_id and m.user_id = p_user_id
  where i.id = v_instance_id;
  if not found then
    refusal := 'instance_not_found';
    return;
  end if;
  select c.* into conversation from public.conversations c
  where c.whatsapp_instance_id = v_instance.id and c.remote_jid = p_target ->> 'remote_jid';
  if not found then
    conversation.organization_id := v_instance.organization_id;
    conversation.whatsapp_instance_id := v_instance.id;
    conversation.remote_jid := p_target ->> 'remote_jid';
  end if;
end $$;
revoke all on function private.resolve_conversation(uuid, jsonb) from public, anon, authenticated;

-- What a send and a repair need to know of an instance: its gateway, its key, its own number.
create or replace function private.instance_connection(p_instance_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'id', i.id, 'instance_name', i.instance_name, 'phone_number', i.phone_number,
    'api_url', k.api_url, 'api_key', k.api_key,
    'confirm_at_ms', (select to_jsonb(s.confirm_at_ms) from private.ghost_repair_settings s),
    'policy', private.repair_policy(i.id))
  from public.whatsapp_instances i
  join private.instance_credentials k on k.instance_id = i.id
  where i.id = p_instance_id
$$;
revoke all on function private.instance_connection(uuid) from public, anon, authenticated;

-- Stores a request's parts as `sending` and returns what to send. The ids come from the caller:
-- the same ids again change nothing and answer `duplicate`, so that only one caller ever sends.
--
-- p_target  {conversation_id} or {instance_id, remote_jid}
-- p_parts   [{id, message_type, content, media_url, media_mime_type, file_name, caption, base64}]
-- p_reply   {message_id} or {whatsapp_message_id} or null
-- Returns   {result: queued, conversation_id, remote_jid, quoted_whatsapp_message_id, instance: {…}}
--           {result: duplicate, conversation_id}
--           {result: <refusal>}
create or replace function public.enqueue_messages(
  p_user_id uuid, p_target jsonb, p_parts jsonb, p_reply jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_target record;
  v_conversation public.conversations;
  v_connection jsonb;
  v_reply_id uuid := (p_reply ->> 'message_id')::uuid;
  v_quoted text := p_reply ->> 'whatsapp_message_id';
  v_stored int;
begin
  select r.* into v_target from private.resolve_conversation(p_user_id, p_target) r;
  if v_target.refusal is not null then
    return jsonb_build_object('result', v_target.refusal);
  end if;
  v_conversation := v_target.conversation;

  if v_reply_id is not null then
    select m.whatsapp_message_id into v_quoted from public.messages m
    where m.id = v_reply_id and m.conversation_id = v_conversation.id;
    if not found then
      return '{"result": "reply_not_found"}';
    end if;
  end if;

  v_connection := private.instance_connection(v_conversation.whatsapp_instance_id);
  if v_connection is null then
    return '{"result": "instance_without_gateway"}';
  end if;

  -- From here on the request is taken, or raises and is undone as a whole. The conversation is locked
  -- before the messages, which lock their number, as webhooks do: in the other order the two would
  -- wait for each other.
  if v_conversation.id is not null then
    perform from public.conversations c where c.id = v_conversation.id for no key update;
  else
    insert into public.conversations as c (organization_id, whatsapp_instance_id, remote_jid)
    values (v_conversation.organization_id, v_conversation.whatsapp_instance_id,
      v_conversation.remote_jid)
    on conflict (whatsapp_instance_id, remote_jid) do update set remote_jid = excluded.remote_jid
    returning c.* into v_conversation;
  end if;

  -- A second caller with the same id waits here until the first one has committed.
  insert into public.messages (
    id, organization_id, conversation_id, whatsapp_instance_id, is_from_me, message_type, content,
    media_url, media_mime_type, file_name, caption, reply_to_message_id,
    quoted_whatsapp_message_id, status, part)
  select p.id, v_conversation.organization_id, v_conversation.id,
    v_conversation.whatsapp_instance_id, true, p.message_type, p.content, p.media_url,
    p.media_mime_type, p.file_name, p.caption, v_reply_id, v_quoted, 'sending', p.ordinality - 1
  from rows from (jsonb_to_recordset(p_parts) as (
    id uuid, message_type text, content text, media_url text, media_mime_type text,
    file_name text, caption text)) with ordinality as p
  on conflict (id) do nothing;
  get diagnostics v_stored = row_count;

  if v_stored < jsonb_array_length(p_parts) then
    if v_stored > 0 or exists (
      select from jsonb_to_recordset(p_parts) as p (id uuid)
      left join public.messages m
        on m.id = p.id and m.conversation_id = v_conversation.id and m.is_from_me
      where m.id is null
    ) then
      -- Somebody else's id, or half a request's: nothing of it is kept.
      raise exception 'message id is taken' using errcode = 'P0001', hint = 'message_id_taken';
    end if;
    return jsonb_build_object('result', 'duplicate', 'conversation_id', v_conversation.id);
  end if;

  insert into private.message_media (message_id, base64)
  select p.id, p.base64 from jsonb_to_recordset(p_parts) as p (id uuid, base64 text)
  where p.base64 is not null;
  update public.conversations set last_message_at = now() where id = v_conversation.id;

  return jsonb_build_object(
    'result', 'queued', 'conversation_id', v_conversation.id,
    'remote_jid', v_conversation.remote_jid, 'quoted_whatsapp_message_id', v_quoted,
    'instance', v_connection);
end $$;

-- The answer to a send and the webhook about the same message may come at the same moment: whoever
-- writes about a WhatsApp id holds its lock, so that neither overlooks the other.
create or replace function private.lock_whatsapp_message(p_instance_id uuid, p_id text) returns void
language sql set search_path = '' as $$
  select pg_catalog.pg_advisory_xact_lock(
    pg_catalog.hashtextextended(p_instance_id::text || ':' || p_id, 0))
$$;
revoke all on function private.lock_whatsapp_message(uuid, text) from public, anon, authenticated;

-- How a send ended. `sent` also corrects a row that the sweeper gave up on; `failed` never touches
-- a row that has left `sending`. Content is not an argument: no failure can overwrite it.
--
-- p_outcome  {status: sent, whatsapp_message_id} or {status: failed, error_code, error_message}
-- Returns whether the row changed.
create or replace function public.finish_message(p_message_id uuid, p_outcome jsonb)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_message public.messages;
  v_whatsapp_id text := p_outcome ->> 'whatsapp_message_id';
  v_early text;
begin
  perform private.lock_whatsapp_message(m.whatsapp_instance_id, v_whatsapp_id)
  from public.messages m where m.id = p_message_id and v_whatsapp_id is not null;
  select m.* into v_message from public.messages m where m.id = p_message_id for update;
  if not found then
    return false;
  end if;

  if p_outcome ->> 'status' = 'failed' then
    if private.hold_message(p_message_id, p_outcome) then
      return true;
    end if;
    update public.messages set
      status = 'failed', failed_at = now(),
      error_code = p_outcome ->> 'error_code', error_message = p_outcome ->> 'error_message'
    where id = p_message_id and status = 'sending';
    return found;
  end if;

  if v_message.status not in ('sending', 'failed') then
    return false;
  end if;
  if v_whatsapp_id is not null then
    -- The webhook may have been faster than the answer: its row, or its acknowledgement, is ours.
    delete from public.messages m
    where m.whatsapp_instance_id = v_message.whatsapp_instance_id
      and m.whatsapp_message_id = v_whatsapp_id and m.id <> p_message_id
    returning m.status into v_early;
    if not found then
      delete from private.early_acknowledgements a
      where a.instance_id = v_message.whatsapp_instance_id
        and a.whatsapp_message_id = v_whatsapp_id
      returning a.status into v_early;
    end if;
  end if;
  update public.messages set
    status = case when v_early in ('delivered', 'read') then v_early else 'sent' end,
    whatsapp_message_id = coalesce(v_whatsapp_id, whatsapp_message_id),
    sent_at = coalesce(sent_at, now()),
    delivered_at = case when v_early in ('delivered', 'read') then now() end,
    read_at = case when v_early = 'read' then now() end,
    failed_at = null, error_code = null, error_message = null
  where id = p_message_id;
  delete from private.message_media where message_id = p_message_id;
  update public.whatsapp_instances set last_sent_at = now()
  where id = v_message.whatsapp_instance_id;
  return true;
end $$;

-- A function that died between the claim of a repair and its end leaves a ghost that nothing else
-- looks at until the next send: the ladder takes it up. Without a claim the next repair is free.
create or replace function private.take_up_abandoned_repairs() returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_abandoned record;
begin
  for v_abandoned in
    delete from private.ghost_repair_claims c
    where c.finished_at is null and c.expires_at <= now()
    returning c.instance_id
  loop
    perform public.suspect_session(v_abandoned.instance_id, 'repair_abandoned');
  end loop;
end $$;
revoke all on function private.take_up_abandoned_repairs() from public, anon, authenticated;

-- A function that dies leaves its messages `sending`. After 3 minutes (a send takes 70 s at most)
-- they are failed as `interrupted`: they may or may not have left, so nothing sends them again by
-- itself. Held messages whose time is up fail with them, repairs that were left are taken up, and
-- reconnections that were left are told of. Returns how many messages.
create or replace function public.sweep_stale_messages() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_swept bigint;
begin
  with stale as (
    select m.id from public.messages m
    where m.status = 'sending' and m.sending_since < now() - interval '3 minutes'
    order by m.sending_since limit 5000 for update skip locked
  )
  update public.messages m set
    status = 'failed', failed_at = now(), error_code = 'interrupted',
    error_message = 'O envio foi interrompido; não se sabe se a mensagem saiu. / '
      || 'The send was interrupted; whether the message left is unknown.'
  from stale where m.id = stale.id;
  get diagnostics v_swept = row_count;
  v_swept := v_swept + private.expire_held_messages();
  delete from private.early_acknowledgements where received_at < now() - interval '1 day';
  perform private.take_up_abandoned_repairs();
  perform private.report_lost_attempts();
  return v_swept;
end $$;

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
    webhook_secret = excluded.webhook_secret, webhook_token = excluded.webhook_token
$$;

revoke all on function public.enqueue_messages(uuid, jsonb, jsonb, jsonb)
  from public, anon, authenticated;
revoke all on function public.finish_message(uuid, jsonb) from public, anon, authenticated;
revoke all on function public.sweep_stale_messages() from public, anon, authenticated;
revoke all on function public.save_instance_credentials(uuid, text, text, text, text)
  from public, anon, authenticated;
grant execute on function public.enqueue_messages(uuid, jsonb, jsonb, jsonb) to service_role;
grant execute on function public.finish_message(uuid, jsonb) to service_role;
grant execute on function public.sweep_stale_messages() to service_role;
grant execute on function public.save_instance_credentials(uuid, text, text, text, text)
  to service_role;
