-- Sending: one round trip stores a request's messages and hands the function all it needs to send
-- them. Each is claimed before it is sent, in its conversation's order, and one more round trip
-- stores how it ended. What nobody tried is the scheduler's to send; what was tried and has lost its
-- sender is swept up.
--
--   status   sending_since
--   sending  null            queued: nobody has tried
--   sending  a time          being sent since then
--   held     any             waits for its number
--
-- Reasons are codes here; the words are in `_shared/messages/sentences.ts`.

alter table ghost_repair.settings
  -- Longer than a send may take: after it a message that is still `sending` has lost its sender.
  add column if not exists send_patience interval not null default interval '3 minutes',
  -- What the platform gives an invocation: so long whoever took a request sends it itself.
  add column if not exists sender_time interval not null default interval '150 seconds',
  -- So long after a send began a report may tell its message: a webhook is tried again for 20 minutes.
  add column if not exists report_patience interval not null default interval '30 minutes',
  -- So long the scheduler tries to send what nobody tried; then it fails as `not_sent`.
  add column if not exists queue_patience interval not null default interval '10 minutes',
  -- What WhatsApp refused for the number of messages waits so long, and so often.
  add column if not exists rate_limit_wait interval not null default interval '2 minutes',
  add column if not exists rate_limit_waits int not null default 3,
  -- So many rows are changed by one statement of a sweep.
  add column if not exists sweep_batch int not null default 5000,
  -- What nobody came back for is forgotten after so long: an acknowledgement of a message that is
  -- not ours, a lease that ended.
  add column if not exists keep_leftovers interval not null default interval '1 day',
  -- The media of a message that failed, for a retry.
  add column if not exists keep_media interval not null default interval '7 days',
  -- Confirmations usually come within seconds; so long without one is a suspicion, looked into
  -- once in `unconfirmed_again`.
  add column if not exists unconfirmed_after interval not null default interval '10 minutes',
  add column if not exists unconfirmed_again interval not null default interval '1 hour';

-- What an organization wants otherwise. Each part that is installed adds its own columns.
create table if not exists private.message_settings (
  organization_id uuid primary key references public.organizations (id) on delete cascade
);
alter table private.message_settings enable row level security;

-- The hidden address (`…@lid`) of the same person, where one was told beside the number's.
alter table public.conversations add column if not exists hidden_jid text;

-- What is the same for every address of one person: without the device (`:12`), `c.us` as
-- `s.whatsapp.net`, and the number as `isSameNumber` compares it (Brazil's ninth digit, of mobile
-- numbers alone; the digit that Mexico and Argentina have between country and area).
create or replace function ghost_repair.person_key(p_jid text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return case when p_jid ~ '@(s\.whatsapp\.net|c\.us)$' then
    regexp_replace(
      regexp_replace(split_part(split_part(p_jid, '@', 1), ':', 1),
        '^(55\d{2})9([6-9]\d{7})$', '\1\2'),
      '^(?:(52)1|(54)9)(\d{10})$', '\1\2\3') || '@s.whatsapp.net'
    else regexp_replace(p_jid, ':\d+@', '@') end;
end $$;
create index if not exists conversations_person
  on public.conversations (whatsapp_instance_id, ghost_repair.person_key(remote_jid));
create index if not exists conversations_hidden
  on public.conversations (whatsapp_instance_id, hidden_jid) where hidden_jid is not null;

-- A person's conversations with a number, whichever address they came by.
create or replace function ghost_repair.person_conversations(
  p_instance_id uuid, p_jid text, p_hidden_jid text
) returns setof public.conversations
-- In PL/pgSQL, which keeps the plan: making one takes longer than the look, and every message looks.
language plpgsql stable security definer set search_path = '' as $$
begin
  return query select c.* from public.conversations c
  where c.whatsapp_instance_id = p_instance_id
    and ghost_repair.person_key(c.remote_jid)
      in (ghost_repair.person_key(p_jid), ghost_repair.person_key(p_hidden_jid))
  union
  select c.* from public.conversations c
  where c.whatsapp_instance_id = p_instance_id and c.hidden_jid in (p_jid, p_hidden_jid);
end $$;

-- The one that goes on; null: there is none. Where there are several, the one with the newest message:
-- they were split before, and stay as they are.
create or replace function ghost_repair.find_conversation(
  p_instance_id uuid, p_jid text, p_hidden_jid text default null
) returns uuid
language sql stable security definer set search_path = '' as $$
  select f.id from ghost_repair.person_conversations(p_instance_id, p_jid, p_hidden_jid) f
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
      when conversation.whatsapp_instance_id is null
        or ghost_repair.is_deleted(conversation.whatsapp_instance_id)
        then 'conversation_without_instance'
      when v_instance_id <> conversation.whatsapp_instance_id then 'instance_mismatch'
    end;
    return;
  end if;

  select i.* into v_instance from public.whatsapp_instances i
  join public.organization_members m
    on m.organization_id = i.organization_id and m.user_id = p_user_id
  where i.id = v_instance_id and i.deleted_at is null;
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

create or replace function ghost_repair.digest_media(p_base64 text) returns text
language sql immutable set search_path = '' as $$
  select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p_base64, 'UTF8')), 'hex')
$$;

-- Where a request differs from the one that had its ids before; null: it is the same one. The base64
-- of a file is let go once it was sent, its digest stays.
create or replace function ghost_repair.find_difference(
  p_parts jsonb, p_reply_id uuid, p_quoted text
) returns text
language sql stable security definer set search_path = '' as $$
  select q.differs from (select p.ordinality, case
      when m.parts <> jsonb_array_length(p_parts) or m.part <> p.ordinality - 1 then 'parts'
      when m.message_type <> p.message_type then 'message_type'
      when m.content is distinct from p.content then 'content'
      when m.media_url is distinct from p.media_url then 'media_url'
      when m.media_digest is distinct from ghost_repair.digest_media(p.base64) then 'base64'
      when m.media_mime_type is distinct from p.media_mime_type then 'media_mime_type'
      when m.file_name is distinct from p.file_name then 'file_name'
      when m.caption is distinct from p.caption then 'caption'
      -- What is answered may have been given its WhatsApp id since.
      when m.reply_to_message_id is distinct from p_reply_id
        or (p_reply_id is null and m.quoted_whatsapp_message_id is distinct from p_quoted)
        then 'reply'
    end as differs
  from rows from (jsonb_to_recordset(p_parts) as (
    id uuid, message_type text, content text, media_url text, media_mime_type text,
    file_name text, caption text, base64 text)) with ordinality as p
  join public.messages m on m.id = p.id) q
  where q.differs is not null order by q.ordinality limit 1
$$;

-- Stores a request's parts as queued and returns what to send. The ids come from the caller: the
-- same ids again change nothing and answer what became of the first, so that only one caller ever
-- sends; with another content they are refused.
--
-- p_target  {conversation_id} or {instance_id, remote_jid}
-- p_parts   [{id, message_type, content, media_url, media_mime_type, file_name, caption, base64}]
-- p_reply   {message_id} or {whatsapp_message_id} or null
-- Returns   {result: queued, conversation_id, remote_jid, quoted_whatsapp_message_id, instance: {…}}
--           {result: duplicate, …the same, parts: [{id, status, error_code}]}: the caller whose first
--             call's answer was lost sends them all the same, once, by their claims
--           {result: message_content_differs, differs}
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
  -- Its place among the conversation's.
  v_position bigint;
  v_differs text;
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
  -- Where one of them was deleted meanwhile it is not there any more.
  perform from public.whatsapp_instances i
  where i.id = v_conversation.whatsapp_instance_id for key share;
  if not found then
    return jsonb_build_object(
      'result', (ghost_repair.resolve_conversation(p_user_id, p_target)).refusal);
  end if;
  if v_conversation.id is not null then
    perform from public.conversations c where c.id = v_conversation.id for no key update;
  else
    v_conversation.id := ghost_repair.begin_conversation(
      v_conversation.whatsapp_instance_id, v_conversation.remote_jid);
    select c.* into v_conversation from public.conversations c
    where c.id = v_conversation.id for no key update;
  end if;
  if not found then
    return '{"result": "conversation_not_found"}';
  end if;

  -- A second caller with the same id waits here until the first one has committed.
  with stored as (
    insert into public.messages (
      id, organization_id, conversation_id, whatsapp_instance_id, is_from_me, message_type, content,
      media_url, media_mime_type, file_name, caption, media_digest, reply_to_message_id,
      quoted_whatsapp_message_id, status, part, parts, sender_until)
    select p.id, v_conversation.organization_id, v_conversation.id,
      v_conversation.whatsapp_instance_id, true, p.message_type, p.content, p.media_url,
      p.media_mime_type, p.file_name, p.caption, ghost_repair.digest_media(p.base64), v_reply_id,
      v_quoted, 'sending', p.ordinality - 1, jsonb_array_length(p_parts),
      ghost_repair.now() + (select s.sender_time from ghost_repair.settings s)
    from rows from (jsonb_to_recordset(p_parts) as (
      id uuid, message_type text, content text, media_url text, media_mime_type text,
      file_name text, caption text, base64 text)) with ordinality as p
    order by p.ordinality
    on conflict (id) do nothing
    returning position
  )
  select count(*), min(s.position) into v_stored, v_position from stored s;

  if v_stored < jsonb_array_length(p_parts) then
    if exists (
      select from jsonb_to_recordset(p_parts) as p (id uuid)
      left join public.messages m
        on m.id = p.id and m.conversation_id = v_conversation.id and m.is_from_me
      where m.id is null
    ) or (select count(distinct p.id) from jsonb_to_recordset(p_parts) as p (id uuid))
      < jsonb_array_length(p_parts)
    then
      -- Somebody else's id: nothing of the request is kept.
      raise exception 'message id is taken' using errcode = 'P0001', hint = 'message_id_taken';
    elsif v_stored > 0 then
      -- A request of ours had fewer parts: nothing of this one is kept.
      raise exception 'message id has another content'
        using errcode = 'P0001', hint = 'message_content_differs';
    end if;
    v_differs := ghost_repair.find_difference(p_parts, v_reply_id, v_quoted);
    if v_differs is not null then
      return jsonb_build_object('result', 'message_content_differs', 'differs', v_differs);
    end if;
    return jsonb_build_object(
      'result', 'duplicate', 'conversation_id', v_conversation.id,
      'position', (select min(m.position) from public.messages m
        where m.id in (select p.id from jsonb_to_recordset(p_parts) as p (id uuid))),
      'remote_jid', v_conversation.remote_jid, 'quoted_whatsapp_message_id', v_quoted,
      'instance', v_connection, 'parts', (
        select jsonb_agg(
          jsonb_build_object('id', m.id, 'status', m.status, 'error_code', m.error_code)
          order by m.part)
        from public.messages m
        where m.id in (select p.id from jsonb_to_recordset(p_parts) as p (id uuid))));
  end if;

  insert into private.message_media (message_id, base64)
  select p.id, p.base64 from jsonb_to_recordset(p_parts) as p (id uuid, base64 text)
  where p.base64 is not null;
  update public.conversations set last_message_at = ghost_repair.now() where id = v_conversation.id;

  return jsonb_build_object(
    'result', 'queued', 'conversation_id', v_conversation.id,
    'position', v_position,
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

-- Whether an earlier message of the same conversation has not left yet. Each of them blocks for a
-- bounded time, also where nobody sweeps: what lost its sender, waits too long or was given up on
-- blocks nobody.
create or replace function ghost_repair.is_behind(p_conversation_id uuid, p_position bigint)
returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.messages e, ghost_repair.settings s
    where e.conversation_id = p_conversation_id and e.position < p_position
      and e.status in ('sending', 'held')
      and case
        when e.status = 'held' then e.held_until > ghost_repair.now()
        when e.sending_since is not null then e.sending_since > ghost_repair.now() - s.send_patience
        else e.sender_until > ghost_repair.now() - s.queue_patience
      end)
$$;

-- The place where held messages join in: whether a message that failed, or that is queued behind
-- one that waits, waits itself. Not `or replace`: applied again, this file leaves such a part in
-- its place.
do $hook$ begin
  create function ghost_repair.hold_message(p_message_id uuid, p_outcome jsonb)
  returns boolean
  language sql security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- A queued message is the caller's to send, once: one statement decides among all who ask. Who asks
-- again with the same token, because the answer was lost, has it still.
--
-- Returns: claimed | behind (an earlier one has not left) | held (it waits for its number now) |
-- taken (somebody else's, or ended)
create or replace function public.claim_message(p_message_id uuid, p_token uuid) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_message public.messages;
begin
  update public.messages m set sending_since = ghost_repair.now(), claim_token = p_token
  where m.id = p_message_id and m.status = 'sending' and m.sending_since is null
    and not ghost_repair.is_behind(m.conversation_id, m.position);
  if found then
    return 'claimed';
  end if;
  select m.* into v_message from public.messages m where m.id = p_message_id;
  if v_message.status = 'sending' and v_message.claim_token = p_token then
    return 'claimed';
  elsif v_message.status = 'sending' and v_message.sending_since is null then
    return case when ghost_repair.hold_message(p_message_id, '{"status": "behind"}')
      then 'held' else 'behind' end;
  end if;
  return case when v_message.status = 'held' then 'held' else 'taken' end;
end $$;

-- Whoever took them has not sent them and will not: from now on the scheduler does. Also what was
-- claimed with this token: its answer may have been lost on the way.
create or replace function public.hand_over_messages(p_message_ids uuid[], p_token uuid) returns void
language sql security definer set search_path = '' as $$
  update public.messages m set
    sender_until = least(m.sender_until, ghost_repair.now()), sending_since = null,
    claim_token = null
  where m.id = any (p_message_ids) and m.status = 'sending'
    and (m.sending_since is null or m.claim_token = p_token)
$$;

-- What the gateway answered, where `finish_message` could not store it: nothing is locked for it, and
-- the sweep stores it where the function does not come to it any more.
create or replace function public.note_sent_answer(p_message_id uuid, p_whatsapp_message_id text)
returns void
language sql security definer set search_path = '' as $$
  insert into private.sent_answers (message_id, whatsapp_message_id)
  values (p_message_id, p_whatsapp_message_id) on conflict (message_id) do nothing
$$;

-- WhatsApp took too many messages from this number: this one goes back to its place and waits. A few
-- times; then it fails. Returns whether it waits.
create or replace function ghost_repair.wait_for_rate_limit(p_message_id uuid, p_outcome jsonb)
returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_outcome ->> 'error_code' is distinct from 'rate_limited_by_whatsapp' then
    return false;
  end if;
  update public.messages m set
    sending_since = null, claim_token = null, attempts = m.attempts + 1,
    sender_until = ghost_repair.now() + s.rate_limit_wait,
    error_code = p_outcome ->> 'error_code', error_message = p_outcome ->> 'error_message'
  from ghost_repair.settings s
  where m.id = p_message_id and m.status = 'sending' and m.attempts <= s.rate_limit_waits;
  return found;
end $$;

-- What a gateway reports of a send that is the same for the message sent: no text, a digest.
create or replace function ghost_repair.digest_content(
  p_type text, p_content text, p_caption text
) returns text
language sql immutable set search_path = '' as $$
  select ghost_repair.digest_media(pg_catalog.jsonb_build_array(p_type,
    pg_catalog.btrim(coalesce(p_content, '')), pg_catalog.btrim(coalesce(p_caption, '')))::text)
$$;

-- The message that a report about a send means, whose answer nobody has: the only one with this
-- content that was being sent to this person then. Null: none, or several.
create or replace function ghost_repair.reported_message(p_report private.early_acknowledgements)
returns uuid
language sql stable security definer set search_path = '' as $$
  select case when count(*) = 1 then min(m.id::text)::uuid end
  from public.messages m
  where p_report.content_digest is not null
    and m.sending_since <= p_report.received_at
    and m.sending_since
      > p_report.received_at - (select s.report_patience from ghost_repair.settings s)
    and (m.status = 'sending' or (m.status = 'failed' and m.may_have_left))
    and m.whatsapp_instance_id = p_report.instance_id
    and ghost_repair.digest_content(m.message_type, m.content, m.caption) = p_report.content_digest
    and m.conversation_id in (
      select c.id from ghost_repair.person_conversations(
        p_report.instance_id, p_report.remote_jid, p_report.hidden_jid) c)
$$;

-- The WhatsApp id that a report tells of a message's send; null: no report does.
create or replace function ghost_repair.reported_id(p_message public.messages) returns text
language sql stable security definer set search_path = '' as $$
  select r.whatsapp_message_id from private.early_acknowledgements r
  where r.instance_id = p_message.whatsapp_instance_id
    and r.received_at >= p_message.sending_since
    and r.content_digest = ghost_repair.digest_content(
      p_message.message_type, p_message.content, p_message.caption)
    and ghost_repair.reported_message(r) = p_message.id
  order by r.received_at limit 1
$$;

-- Messages whose sender is gone without the gateway's answer: about to be given up on, and given up on
-- for as long as a report may still tell.
create or replace view ghost_repair.unanswered_messages as
select m.id, ghost_repair.reported_id(m) as reported_id
from public.messages m
where m.status = 'sending' and m.sending_since
  < ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)
union all
select m.id, ghost_repair.reported_id(m)
from public.messages m
where m.status = 'failed' and m.may_have_left and m.sending_since
  > ghost_repair.now() - 2 * (select s.report_patience from ghost_repair.settings s);

-- How a send ended. `sent` also corrects a row that the sweeper gave up on; `failed` never touches
-- a row that has left `sending`, nor another attempt than its own. Content is not an argument: no
-- failure can overwrite it. Waits for the message's own row and nothing else: the number's may be
-- somebody's for long.
--
-- p_outcome  {status: sent, whatsapp_message_id}
--            {status: failed, error_code, error_message, may_have_left, token, untried}
--            token: of the claim; untried: only where nobody has tried
-- Returns whether the row changed.
create or replace function public.finish_message(p_message_id uuid, p_outcome jsonb)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_message public.messages;
  v_instance_id uuid := (
    select m.whatsapp_instance_id from public.messages m where m.id = p_message_id);
  v_whatsapp_id text := p_outcome ->> 'whatsapp_message_id';
  v_token uuid := (p_outcome ->> 'token')::uuid;
  v_session ghost_repair.session;
  v_early text;
begin
  v_session := ghost_repair.lock_session(v_instance_id, true);
  if v_whatsapp_id is not null then
    perform ghost_repair.lock_whatsapp_message(v_instance_id, v_whatsapp_id);
  end if;
  select m.* into v_message from public.messages m where m.id = p_message_id for update;
  if not found then
    return false;
  end if;

  if p_outcome ->> 'status' = 'failed' then
    if v_message.status <> 'sending' or (v_token is not null and v_message.claim_token is distinct from v_token)
      or (v_message.sending_since is not null and (p_outcome ->> 'untried')::boolean) then
      return false;
    elsif ghost_repair.hold_message(p_message_id, p_outcome)
      or ghost_repair.wait_for_rate_limit(p_message_id, p_outcome) then
      return true;
    end if;
    update public.messages set
      status = 'failed', failed_at = ghost_repair.now(),
      error_code = p_outcome ->> 'error_code', error_message = p_outcome ->> 'error_message',
      may_have_left = coalesce((p_outcome ->> 'may_have_left')::boolean, false)
    where id = p_message_id;
    return true;
  end if;

  delete from private.sent_answers a where a.message_id = p_message_id;
  if v_message.status not in ('sending', 'held', 'failed') then
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
    error_message = null, may_have_left = false
  where id = p_message_id;
  delete from private.message_media where message_id = p_message_id;
  update public.whatsapp_instances set last_sent_at = ghost_repair.now()
  where id = v_session.instance_id;
  return true;
end $$;

-- Takes a failed message back to its place in the queue and hands over what to send. The row's lock decides
-- among clicks: the first one gets `queued`, the next ones `already` and what became of it, and
-- only `queued` sends.
--
-- Returns  {result: queued, conversation_id, remote_jid, quoted_whatsapp_message_id,
--            instance: {…}, part: {id, message_type, content, …, base64}}
--          {result: already, conversation_id, status}
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
    return jsonb_build_object('result', 'already', 'conversation_id', v_message.conversation_id,
      'status', v_message.status);
  elsif not v_message.is_from_me or v_message.status <> 'failed' then
    return jsonb_build_object('result', 'message_not_failed', 'reason', v_message.status);
  elsif v_message.whatsapp_instance_id is null
    or ghost_repair.is_deleted(v_message.whatsapp_instance_id) then
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
  if v_message.may_have_left and not p_confirm_duplicate then
    return '{"result": "may_have_been_sent"}';
  end if;
  -- Its file was let go: there is nothing to send.
  if v_message.media_digest is not null
    and not exists (select from private.message_media b where b.message_id = p_message_id) then
    return '{"result": "media_expired"}';
  end if;

  update public.messages set
    status = 'sending', sending_since = null, claim_token = null, attempts = attempts + 1,
    sender_until = ghost_repair.now() + (select s.sender_time from ghost_repair.settings s),
    may_have_left = false, failed_at = null, error_code = null, error_message = null
  where id = p_message_id;
  return (
    select jsonb_build_object(
      'result', 'queued', 'conversation_id', c.id, 'position', v_message.position,
      'remote_jid', c.remote_jid,
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

-- Answers that could not be stored in their message's row are stored now, and so is what a report told
-- instead of an answer. What is locked has its turn at the next sweep. Returns how many.
create or replace function ghost_repair.store_sent_answers() returns bigint
language plpgsql security definer set search_path = '' set lock_timeout = '500ms' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_answer record;
  v_stored bigint := 0;
begin
  for v_answer in
    (select a.message_id, a.whatsapp_message_id
      from private.sent_answers a
      order by a.noted_at limit v_settings.sweep_batch)
    union all
    (select u.id, u.reported_id from ghost_repair.unanswered_messages u
      where u.reported_id is not null limit v_settings.sweep_batch)
  loop
    begin
      perform public.finish_message(v_answer.message_id, jsonb_build_object(
        'status', 'sent', 'whatsapp_message_id', v_answer.whatsapp_message_id));
      -- Where there is no such message any more, nothing else lets go of it.
      delete from private.sent_answers a where a.message_id = v_answer.message_id;
      v_stored := v_stored + 1;
    exception when lock_not_available then
      continue;
    end;
  end loop;
  return v_stored;
end $$;

-- A function that dies leaves what it was sending. After 3 minutes (a send takes 70 s at most) that is
-- failed as `interrupted`: it may or may not have left, so nothing sends it again by itself. What
-- nobody tried, and what is known to have left, is never among it. Returns how many.
create or replace function ghost_repair.fail_interrupted_messages() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_failed bigint;
begin
  perform ghost_repair.store_sent_answers();
  with stale as (
    select m.id from public.messages m
    where m.status = 'sending' and m.sending_since
      < ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)
      and not exists (select from private.sent_answers a where a.message_id = m.id)
      and ghost_repair.reported_id(m) is null
    order by m.sending_since limit (select s.sweep_batch from ghost_repair.settings s)
    for no key update skip locked
  )
  update public.messages m set
    status = 'failed', failed_at = ghost_repair.now(), error_code = 'interrupted',
    error_message = null, may_have_left = true
  from stale where m.id = stale.id;
  get diagnostics v_failed = row_count;
  delete from private.early_acknowledgements e
  where e.ctid = any (array(
    select o.ctid from private.early_acknowledgements o
    where o.received_at < ghost_repair.now() - (select s.keep_leftovers from ghost_repair.settings s)
    order by o.received_at limit (select s.sweep_batch from ghost_repair.settings s)
    for update skip locked));
  return v_failed;
end $$;

alter table ghost_repair.settings
  -- A reason that nobody has put into words for so long never will be.
  add column if not exists explain_within interval not null default interval '1 day';

-- Puts reasons into words: what failed in SQL has a code alone, and frontends show `error_message`.
-- The one place of the words is the function's, which passes them in. Returns how many rows.
--
-- p_sentences  {<error_code>: <sentence>}
create or replace function public.explain_failures(p_sentences jsonb) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_explained bigint;
begin
  with wordless as (
    select m.id from public.messages m
    where m.status = 'failed' and m.error_message is null and p_sentences ? m.error_code
      and m.failed_at > ghost_repair.now() - (select s.explain_within from ghost_repair.settings s)
    order by m.failed_at desc limit (select s.sweep_batch from ghost_repair.settings s)
    for no key update skip locked
  )
  update public.messages m set error_message = p_sentences ->> m.error_code
  from wordless w where m.id = w.id;
  get diagnostics v_explained = row_count;
  return v_explained;
end $$;

-- The files of messages that ended are kept for a retry, not for ever. Returns how many went.
create or replace function ghost_repair.prune_media() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_pruned bigint;
begin
  delete from private.message_media b
  where b.message_id = any (array(
    select o.message_id from private.message_media o
    join public.messages m on m.id = o.message_id and m.status not in ('sending', 'held')
    where o.created_at < ghost_repair.now() - (select s.keep_media from ghost_repair.settings s)
    order by o.created_at limit (select s.sweep_batch from ghost_repair.settings s)
    for update of o skip locked));
  get diagnostics v_pruned = row_count;
  return v_pruned;
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
  public.claim_message(uuid, uuid),
  public.hand_over_messages(uuid[], uuid),
  public.note_sent_answer(uuid, text),
  public.finish_message(uuid, jsonb),
  public.explain_failures(jsonb),
  public.retry_message(uuid, uuid, boolean)
  from public, anon, authenticated;
grant execute on function public.enqueue_messages(uuid, jsonb, jsonb, jsonb),
  public.claim_message(uuid, uuid),
  public.hand_over_messages(uuid[], uuid),
  public.note_sent_answer(uuid, text),
  public.finish_message(uuid, jsonb),
  public.explain_failures(jsonb),
  public.retry_message(uuid, uuid, boolean)
  to service_role;
