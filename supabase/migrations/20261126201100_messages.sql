-- Sending: one round trip stores a request's messages and hands the function all it needs to send
-- them; one more stores how each ended. What is left behind is swept up.

alter table ghost_repair.settings
  -- Longer than a send may take: after it a message that is still `sending` has lost its sender.
  add column if not exists send_patience interval not null default interval '3 minutes',
  -- So many rows are changed by one statement of a sweep.
  add column if not exists sweep_batch int not null default 5000,
  -- What nobody came back for is forgotten after so long: an acknowledgement of a message that is
  -- not ours, a lease that ended.
  add column if not exists keep_leftovers interval not null default interval '1 day',
  -- Confirmations usually come within seconds; so long without one is a suspicion, looked into
  -- once in `unconfirmed_again`.
  add column if not exists unconfirmed_after interval not null default interval '10 minutes',
  add column if not exists unconfirmed_again interval not null default interval '1 hour';

-- The hidden address (`…@lid`) of the same person, where one was told beside the number's.
alter table public.conversations add column if not exists hidden_jid text;

-- What is the same for every address of one person: without the device (`:12`), `c.us` as
-- `s.whatsapp.net`, and the number as `isSameNumber` compares it (Brazil's ninth digit; the digit
-- that Mexico and Argentina have between country and area).
create or replace function ghost_repair.person_key(p_jid text) returns text
language sql immutable set search_path = '' as $$
  select case when p_jid ~ '@(s\.whatsapp\.net|c\.us)$' then
    regexp_replace(
      regexp_replace(split_part(split_part(p_jid, '@', 1), ':', 1),
        '^(55\d{2})9(\d{8})$', '\1\2'),
      '^(52|54)\d(\d{10})$', '\1\2') || '@s.whatsapp.net'
    else regexp_replace(p_jid, ':\d+@', '@') end
$$;
create index if not exists conversations_person
  on public.conversations (whatsapp_instance_id, ghost_repair.person_key(remote_jid));
create index if not exists conversations_hidden
  on public.conversations (whatsapp_instance_id, hidden_jid) where hidden_jid is not null;

-- A person's conversation with a number, whichever address it came by; null: there is none. Where
-- there are several, the one with the newest message: they were split before, and stay as they are.
create or replace function ghost_repair.find_conversation(
  p_instance_id uuid, p_jid text, p_hidden_jid text default null
) returns uuid
language sql stable security definer set search_path = '' as $$
  select f.id from (
    select c.id, c.last_message_at, c.created_at from public.conversations c
    where c.whatsapp_instance_id = p_instance_id
      and ghost_repair.person_key(c.remote_jid)
        in (ghost_repair.person_key(p_jid), ghost_repair.person_key(p_hidden_jid))
    union
    select c.id, c.last_message_at, c.created_at from public.conversations c
    where c.whatsapp_instance_id = p_instance_id and c.hidden_jid in (p_jid, p_hidden_jid)) f
  order by f.last_message_at desc nulls last, f.created_at, f.id limit 1
$$;

-- The same, begun where there is none. Two who begin it at once, by two addresses of one person, get
-- the same one: the number's row does not keep a send and a webhook apart, this lock does. Taken
-- after the number and before conversations.
create or replace function ghost_repair.begin_conversation(
  p_instance_id uuid, p_jid text, p_hidden_jid text default null
) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := ghost_repair.find_conversation(p_instance_id, p_jid, p_hidden_jid);
begin
  if v_id is null then
    perform pg_advisory_xact_lock(hashtextextended(p_instance_id::text || ' conversations', 0));
    v_id := ghost_repair.find_conversation(p_instance_id, p_jid, p_hidden_jid);
  end if;
  if v_id is null then
    insert into public.conversations as c
      (organization_id, whatsapp_instance_id, remote_jid, hidden_jid)
    select i.organization_id, i.id, p_jid, p_hidden_jid
    from public.whatsapp_instances i where i.id = p_instance_id
    returning c.id into v_id;
  elsif p_hidden_jid is not null then
    update public.conversations c set hidden_jid = p_hidden_jid
    where c.id = v_id and c.hidden_jid is distinct from p_hidden_jid
      and c.remote_jid <> p_hidden_jid;
  end if;
  return v_id;
end $$;

-- The conversation that a request means, or the reason why there is none. What belongs to another
-- organization answers as if it did not exist. Only looks: a conversation that is not there yet
-- comes back without an id, and is stored once nothing else can refuse the request.
create or replace function ghost_repair.resolve_conversation(
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
  where c.id = ghost_repair.find_conversation(v_instance.id, p_target ->> 'remote_jid');
  if not found then
    conversation.organization_id := v_instance.organization_id;
    conversation.whatsapp_instance_id := v_instance.id;
    conversation.remote_jid := p_target ->> 'remote_jid';
  end if;
end $$;

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
  select r.* into v_target from ghost_repair.resolve_conversation(p_user_id, p_target) r;
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

  v_connection := ghost_repair.instance_connection(v_conversation.whatsapp_instance_id);
  if v_connection is null then
    return '{"result": "instance_without_gateway"}';
  end if;

  -- From here on the request is taken, or raises and is undone as a whole. The locks are taken in the
  -- order of everybody: the number, which conversation and messages refer to, before the two.
  perform from public.whatsapp_instances i
  where i.id = v_conversation.whatsapp_instance_id for key share;
  if v_conversation.id is not null then
    perform from public.conversations c where c.id = v_conversation.id for no key update;
  else
    v_conversation.id := ghost_repair.begin_conversation(
      v_conversation.whatsapp_instance_id, v_conversation.remote_jid);
    select c.* into v_conversation from public.conversations c
    where c.id = v_conversation.id for no key update;
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
  update public.conversations set last_message_at = ghost_repair.now() where id = v_conversation.id;

  return jsonb_build_object(
    'result', 'queued', 'conversation_id', v_conversation.id,
    'remote_jid', v_conversation.remote_jid, 'quoted_whatsapp_message_id', v_quoted,
    'instance', v_connection);
end $$;

-- The answer to a send and the webhook about the same message may come at the same moment: whoever
-- writes about a WhatsApp id holds its lock, so that neither overlooks the other.
create or replace function ghost_repair.lock_whatsapp_message(p_instance_id uuid, p_id text) returns void
language sql set search_path = '' as $$
  select pg_catalog.pg_advisory_xact_lock(
    pg_catalog.hashtextextended(p_instance_id::text || ':' || p_id, 0))
$$;

-- What a message says that WhatsApp refused: with a new contact it is usually the limit of new chats.
create or replace function ghost_repair.rejection_words() returns text
language sql immutable set search_path = '' as $$
  select 'O WhatsApp recusou esta mensagem. Conversas novas podem estar limitadas por um tempo; '
    || 'respostas a quem já escreveu costumam passar. / WhatsApp refused this message. New '
    || 'conversations may be limited for a while; replies to people who wrote still pass.'
$$;

-- The place where held messages join in: whether a message that failed waits instead. Not
-- `or replace`: applied again, this file leaves such a part in its place.
do $hook$ begin
  create function ghost_repair.hold_message(p_message_id uuid, p_outcome jsonb)
  returns boolean
  language sql security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

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
  v_instance_id uuid := (
    select m.whatsapp_instance_id from public.messages m where m.id = p_message_id);
  v_whatsapp_id text := p_outcome ->> 'whatsapp_message_id';
  v_early text;
begin
  perform ghost_repair.lock_session(v_instance_id);
  if v_whatsapp_id is not null then
    perform ghost_repair.lock_whatsapp_message(v_instance_id, v_whatsapp_id);
  end if;
  select m.* into v_message from public.messages m where m.id = p_message_id for update;
  if not found then
    return false;
  end if;

  if p_outcome ->> 'status' = 'failed' then
    if ghost_repair.hold_message(p_message_id, p_outcome) then
      return true;
    end if;
    update public.messages set
      status = 'failed', failed_at = ghost_repair.now(),
      error_code = p_outcome ->> 'error_code', error_message = p_outcome ->> 'error_message'
    where id = p_message_id and status = 'sending';
    return found;
  end if;

  if v_message.status not in ('sending', 'failed') then
    return false;
  end if;
  if v_message.error_code = 'rejected_by_whatsapp'
    and v_message.whatsapp_message_id = v_whatsapp_id then
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
    status = case when v_early in ('delivered', 'read', 'failed') then v_early else 'sent' end,
    whatsapp_message_id = coalesce(v_whatsapp_id, whatsapp_message_id),
    sent_at = coalesce(sent_at, ghost_repair.now()),
    delivered_at = case when v_early in ('delivered', 'read') then ghost_repair.now() end,
    read_at = case when v_early = 'read' then ghost_repair.now() end,
    -- WhatsApp may have refused it before its answer came.
    failed_at = case when v_early = 'failed' then ghost_repair.now() end,
    error_code = case when v_early = 'failed' then 'rejected_by_whatsapp' end,
    error_message = case when v_early = 'failed' then ghost_repair.rejection_words() end
  where id = p_message_id;
  delete from private.message_media where message_id = p_message_id;
  update public.whatsapp_instances set last_sent_at = ghost_repair.now()
  where id = v_message.whatsapp_instance_id;
  return true;
end $$;

-- Takes a failed message back to `sending` and hands over what to send. The row's lock decides
-- among clicks: the first one gets `queued`, the next ones `already`, and only `queued` sends.
--
-- Returns  {result: queued, conversation_id, remote_jid, quoted_whatsapp_message_id,
--            instance: {…}, part: {id, message_type, content, …, base64}}
--          {result: already, conversation_id}
--          {result: instance_not_connected, reason}
--          {result: message_not_failed, reason}
--          {result: <refusal>}
create or replace function public.retry_message(
  p_user_id uuid, p_message_id uuid, p_confirm_duplicate boolean default false
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_message public.messages;
  v_reason text;
  v_connection jsonb;
begin
  select m.* into v_message from public.messages m
  join public.organization_members o
    on o.organization_id = m.organization_id and o.user_id = p_user_id
  where m.id = p_message_id
  for update of m;
  if not found then
    return '{"result": "message_not_found"}';
  elsif v_message.is_from_me and (v_message.status = 'sending'
    or (v_message.attempts > 1 and v_message.status <> 'failed')) then
    return jsonb_build_object('result', 'already', 'conversation_id', v_message.conversation_id);
  elsif not v_message.is_from_me or v_message.status <> 'failed' then
    return jsonb_build_object('result', 'message_not_failed', 'reason', v_message.status);
  elsif v_message.whatsapp_instance_id is null then
    return '{"result": "conversation_without_instance"}';
  end if;

  v_connection := ghost_repair.instance_connection(v_message.whatsapp_instance_id);
  if v_connection is null then
    return '{"result": "instance_without_gateway"}';
  end if;
  select ghost_repair.not_connected_reason(i) into v_reason
  from public.whatsapp_instances i where i.id = v_message.whatsapp_instance_id;
  if v_reason is not null then
    return jsonb_build_object('result', 'instance_not_connected', 'reason', v_reason);
  end if;
  -- Nobody knows whether these left: a second one is for the person to risk.
  if v_message.error_code in ('gateway_timeout', 'interrupted') and not p_confirm_duplicate then
    return '{"result": "may_have_been_sent"}';
  end if;

  update public.messages set
    status = 'sending', sending_since = ghost_repair.now(), attempts = attempts + 1,
    failed_at = null, error_code = null, error_message = null
  where id = p_message_id;
  return (
    select jsonb_build_object(
      'result', 'queued', 'conversation_id', c.id, 'remote_jid', c.remote_jid,
      'quoted_whatsapp_message_id', v_message.quoted_whatsapp_message_id,
      'instance', v_connection,
      'part', jsonb_build_object(
        'id', v_message.id, 'message_type', v_message.message_type,
        'content', v_message.content, 'media_url', v_message.media_url,
        'media_mime_type', v_message.media_mime_type, 'file_name', v_message.file_name,
        'caption', v_message.caption,
        'base64', (select b.base64 from private.message_media b where b.message_id = p_message_id)))
    from public.conversations c where c.id = v_message.conversation_id);
end $$;

-- A function that dies leaves its messages `sending`. After 3 minutes (a send takes 70 s at most)
-- they are failed as `interrupted`: they may or may not have left, so nothing sends them again by
-- itself. Returns how many.
create or replace function ghost_repair.fail_interrupted_messages() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_failed bigint;
begin
  with stale as (
    select m.id from public.messages m
    where m.status = 'sending' and m.sending_since
      < ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)
    order by m.sending_since limit (select s.sweep_batch from ghost_repair.settings s)
    for no key update skip locked
  )
  update public.messages m set
    status = 'failed', failed_at = ghost_repair.now(), error_code = 'interrupted',
    error_message = 'O envio foi interrompido; não se sabe se a mensagem saiu. / '
      || 'The send was interrupted; whether the message left is unknown.'
  from stale where m.id = stale.id;
  get diagnostics v_failed = row_count;
  delete from private.early_acknowledgements
  where received_at < ghost_repair.now() - (select s.keep_leftovers from ghost_repair.settings s);
  return v_failed;
end $$;

-- Messages that the gateway accepted 10 minutes ago and nobody confirmed, nor any sent after them,
-- while other numbers of the gateway get their confirmations: a half-open socket looks like this.
-- Said once in an hour and looked into; never sent again. Returns how many numbers.
--
-- It begins at the last hour's unconfirmed messages, few where all is well, and looks each number's
-- newest confirmation up: joining the messages with each other would read the whole table a minute.
create or replace function ghost_repair.suspect_unconfirmed() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  -- As values, not as queries: the planner knows how few rows they mean.
  v_after interval := (select s.unconfirmed_after from ghost_repair.settings s);
  v_again interval := (select s.unconfirmed_again from ghost_repair.settings s);
  v_suspect record;
  v_found bigint := 0;
begin
  for v_suspect in
    with unconfirmed as (
      select m.whatsapp_instance_id as instance_id, array_agg(m.sent_at) as sent_at
      from public.messages m
      where m.is_from_me and m.status = 'sent'
        and m.sent_at between ghost_repair.now() - v_again
          and ghost_repair.now() - v_after
      group by m.whatsapp_instance_id
    ), silent as materialized (
      select u.instance_id, k.api_url, (
          select count(*) from unnest(u.sent_at) as sent (at)
          where sent.at >= coalesce((
            select l.delivered_at from public.messages l
            where l.whatsapp_instance_id = u.instance_id and l.delivered_at is not null
            order by l.delivered_at desc limit 1), '-infinity')) as messages
      from unconfirmed u
      join public.whatsapp_instances i on i.id = u.instance_id and i.status = 'connected'
      join private.instance_credentials k on k.instance_id = u.instance_id
    ), living as materialized (
      select distinct k.api_url from public.messages m
      join private.instance_credentials k on k.instance_id = m.whatsapp_instance_id
      where m.delivered_at
        > ghost_repair.now() - v_after
    )
    select s.instance_id, s.messages from silent s
    where s.messages > 0
      and not exists (
        select from public.instance_events e
        where e.instance_id = s.instance_id and e.kind = 'unconfirmed'
          and e.created_at
            > ghost_repair.now() - v_again)
      -- Its own newest confirmation is older: this is another number's.
      and s.api_url in (select living.api_url from living)
    order by s.instance_id
  loop
    -- Who has the row locked may be at work on it.
    continue when (ghost_repair.lock_session(v_suspect.instance_id, true)).instance_id is null;
    perform ghost_repair.add_event(v_suspect.instance_id, 'unconfirmed',
      jsonb_build_object('messages', v_suspect.messages));
    perform public.suspect_session(v_suspect.instance_id, 'unconfirmed');
    v_found := v_found + 1;
  end loop;
  return v_found;
end $$;

revoke all on function public.enqueue_messages(uuid, jsonb, jsonb, jsonb),
  public.finish_message(uuid, jsonb),
  public.retry_message(uuid, uuid, boolean)
  from public, anon, authenticated;
grant execute on function public.enqueue_messages(uuid, jsonb, jsonb, jsonb),
  public.finish_message(uuid, jsonb),
  public.retry_message(uuid, uuid, boolean)
  to service_role;
