-- People's data: one customer is erased by an owner or admin, with a receipt; and what is older than an
-- organization keeps goes by itself.
--
--   erase_customer ── the conversation is nobody's from this moment on ── erase_batch ── … ── done
--       queued and held messages never leave     being sent: waited for     what WhatsApp sends later
--       begins anew, what was written before is not brought in again (`was_deleted_here`)

alter table private.message_settings
  -- Messages older than this go. Null: all are kept. One statement:
  --   insert into private.message_settings (organization_id, keep_messages)
  --   values ('<organization>', '365 days')
  --   on conflict (organization_id) do update set keep_messages = excluded.keep_messages;
  add column if not exists keep_messages interval check (keep_messages >= interval '1 day');

-- A customer of an organization's, by any of its numbers.
create index if not exists conversations_organization_person
  on public.conversations (organization_id, ghost_repair.person_key(remote_jid));

-- The receipts. Nothing in one says who it was once it is done; it is kept for good.
create table if not exists ghost_repair.erasures (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  requested_by uuid not null,
  requested_at timestamptz not null default ghost_repair.now(),
  done_at timestamptz,
  conversation_ids uuid[] not null,
  -- Who it is and whose reports are looked through, until it is done.
  people text[],
  instance_ids uuid[],
  messages int not null default 0,
  files int not null default 0,
  -- Messages that were on their way when it was asked for, and reach the customer all the same.
  in_flight int not null default 0,
  check ((done_at is null) = (people is not null))
);
create index if not exists erasures_open on ghost_repair.erasures (requested_at)
  where done_at is null;
create index if not exists erasures_conversations
  on ghost_repair.erasures using gin (conversation_ids);
alter table ghost_repair.erasures enable row level security;

-- The conversations of the same person as in this one, with all of the organization's numbers, whichever
-- address they came by.
create or replace function ghost_repair.customer_conversations(p_conversation public.conversations)
returns setof public.conversations
language plpgsql stable security definer set search_path = '' as $$
declare
  v_jids text[] := array_remove(array[p_conversation.remote_jid, p_conversation.hidden_jid], null);
  v_ids uuid[] := '{}';
  v_found uuid[] := array[p_conversation.id];
begin
  -- A number's address leads to a hidden one, and that to another conversation.
  while cardinality(v_found) > cardinality(v_ids) loop
    v_ids := v_found;
    select array_agg(distinct c.id), array_agg(distinct j.jid) filter (where j.jid is not null)
    into v_found, v_jids
    from public.conversations c
    cross join lateral (values (c.remote_jid), (c.hidden_jid)) j (jid)
    where c.organization_id = p_conversation.organization_id and (c.id = any (v_ids)
      or ghost_repair.person_key(c.remote_jid)
        = any (array(select ghost_repair.person_key(a) from unnest(v_jids) a))
      or c.hidden_jid = any (v_jids));
  end loop;
  return query select c.* from public.conversations c where c.id = any (v_ids) order by c.id;
end $$;

create or replace function ghost_repair.erasure_view(p_erasure ghost_repair.erasures) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', p_erasure.id, 'state',
    case when p_erasure.done_at is null then 'erasing' else 'done' end,
    'requestedAt', p_erasure.requested_at, 'doneAt', p_erasure.done_at,
    'conversations', cardinality(p_erasure.conversation_ids), 'messages', p_erasure.messages,
    'files', p_erasure.files, 'inFlight', p_erasure.in_flight)
$$;

-- Erases the customer of a conversation, for owners and admins. Asked again it answers the same receipt,
-- as far as it has come. Returns {receipt} | {result: <refusal>}
create or replace function public.erase_customer(p_user_id uuid, p_conversation_id uuid)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation public.conversations;
  v_erasure ghost_repair.erasures;
  v_organization uuid;
  v_role text;
  v_ids uuid[];
  v_numbers uuid[];
begin
  select e.* into v_erasure from ghost_repair.erasures e
  where e.conversation_ids @> array[p_conversation_id];
  select c.* into v_conversation from public.conversations c where c.id = p_conversation_id;
  v_organization := coalesce(v_erasure.organization_id, v_conversation.organization_id);
  select m.role into v_role from public.organization_members m
  where m.organization_id = v_organization and m.user_id = p_user_id;
  if v_role is null then
    return '{"result": "conversation_not_found"}';
  elsif v_role = 'agent' then
    return '{"result": "forbidden"}';
  elsif v_erasure.id is not null then
    return jsonb_build_object('receipt', ghost_repair.erasure_view(v_erasure));
  end if;

  -- Every number is locked first, so that no webhook is in the middle of storing something.
  v_numbers := array(
    select distinct c.whatsapp_instance_id from ghost_repair.customer_conversations(v_conversation) c
    where c.whatsapp_instance_id is not null order by 1);
  perform ghost_repair.lock_session(n.id) from unnest(v_numbers) n (id);
  v_ids := array(select c.id from ghost_repair.customer_conversations(v_conversation) c order by c.id);
  perform from public.conversations c where c.id = any (v_ids) order by c.id for update;
  select c.* into v_conversation from public.conversations c where c.id = p_conversation_id;
  -- Somebody else was first.
  if v_conversation.id is null or v_conversation.remote_jid = 'erased' then
    return public.erase_customer(p_user_id, p_conversation_id);
  end if;
  insert into ghost_repair.deleted_people as p (instance_id, person)
  select distinct c.whatsapp_instance_id, ghost_repair.person_digest(c.whatsapp_instance_id, j.jid)
  from public.conversations c
  cross join lateral (values (c.remote_jid), (c.hidden_jid)) j (jid)
  where c.id = any (v_ids) and c.whatsapp_instance_id is not null and j.jid is not null
  order by 1, 2
  on conflict (instance_id, person) do update set deleted_at = excluded.deleted_at;
  insert into ghost_repair.erasures as e
    (organization_id, requested_by, conversation_ids, people, instance_ids, in_flight)
  select v_organization, p_user_id, v_ids, array(
      select distinct ghost_repair.person_key(j.jid) from public.conversations c
      cross join lateral (values (c.remote_jid), (c.hidden_jid)) j (jid)
      where c.id = any (v_ids) and j.jid is not null), v_numbers, (
      select count(*) from public.messages m
      where m.conversation_id = any (v_ids) and m.status = 'sending' and m.sending_since is not null)
  returning e.* into v_erasure;
  -- Nobody finds it any more: what is asked to be sent there is refused, what comes begins anew.
  update public.conversations c set
    remote_jid = 'erased', hidden_jid = null, contact_name = null, whatsapp_instance_id = null
  where c.id = any (v_ids);
  perform ghost_repair.erase_batch(v_erasure.id);
  select e.* into v_erasure from ghost_repair.erasures e where e.id = v_erasure.id;
  return jsonb_build_object('receipt', ghost_repair.erasure_view(v_erasure));
end $$;

-- A batch of an erasure's messages goes, and with the last of them all the rest. What is being sent is
-- left until its end is known. Returns how many messages went.
create or replace function ghost_repair.erase_batch(p_erasure_id uuid) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_erasure ghost_repair.erasures;
  v_batch uuid[];
  v_files bigint;
begin
  select e.* into v_erasure from ghost_repair.erasures e
  where e.id = p_erasure_id and e.done_at is null for update skip locked;
  if not found then
    return 0;
  end if;
  v_batch := array(
    select m.id from public.messages m
    where m.conversation_id = any (v_erasure.conversation_ids)
      and not (m.status = 'sending' and m.sending_since is not null)
    limit (select s.sweep_batch from ghost_repair.settings s) for update skip locked);
  delete from private.message_media d where d.message_id = any (v_batch);
  get diagnostics v_files = row_count;
  delete from private.sent_answers a where a.message_id = any (v_batch);
  delete from public.messages m where m.id = any (v_batch);
  -- After the messages, and none is waited for: whoever stores an answer has its message and comes for
  -- its report.
  delete from private.early_acknowledgements a where a.ctid = any (array(
    select r.ctid from private.early_acknowledgements r
    where r.instance_id = any (v_erasure.instance_ids)
      and (ghost_repair.person_key(r.remote_jid) = any (v_erasure.people)
        or ghost_repair.person_key(r.hidden_jid) = any (v_erasure.people))
    for update skip locked));
  update ghost_repair.erasures e set
    messages = e.messages + cardinality(v_batch), files = e.files + v_files
  where e.id = p_erasure_id;
  if not exists (
    select from public.messages m where m.conversation_id = any (v_erasure.conversation_ids)) then
    delete from public.conversations c where c.id = any (v_erasure.conversation_ids);
    update ghost_repair.erasures e set
      done_at = ghost_repair.now(), people = null, instance_ids = null
    where e.id = p_erasure_id;
  end if;
  return cardinality(v_batch);
end $$;

-- The sweep's part: one batch for all that is to be erased, oldest request first. Returns how many
-- messages went.
create or replace function ghost_repair.erase_customers() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_batch constant int := (select s.sweep_batch from ghost_repair.settings s);
  v_id uuid;
  v_gone bigint := 0;
begin
  for v_id in
    select e.id from ghost_repair.erasures e where e.done_at is null order by e.requested_at
  loop
    v_gone := v_gone + ghost_repair.erase_batch(v_id);
    exit when v_gone >= v_batch;
  end loop;
  return v_gone;
end $$;

-- Messages that are older than their organization keeps them, and conversations of which nothing is left;
-- a batch a minute. What waits to be sent stays. Returns how many messages went.
create or replace function ghost_repair.forget_old_messages() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_batch constant int := (select s.sweep_batch from ghost_repair.settings s);
  v_kept record;
  v_rows bigint;
  v_gone bigint := 0;
begin
  for v_kept in
    select o.organization_id, ghost_repair.now() - o.keep_messages as since
    from private.message_settings o where o.keep_messages is not null
  loop
    delete from public.messages m where m.id = any (array(
      select o.id from public.messages o
      where o.organization_id = v_kept.organization_id and o.created_at < v_kept.since
        and o.status not in ('sending', 'held')
      order by o.created_at limit v_batch - v_gone for update skip locked));
    get diagnostics v_rows = row_count;
    v_gone := v_gone + v_rows;
    -- What was missed and is younger may still be brought in.
    perform pg_catalog.set_config('ghost_repair.deleted_as_of', v_kept.since::text, true);
    delete from public.conversations c where c.id = any (array(
      select o.id from public.conversations o
      where o.organization_id = v_kept.organization_id
        and o.last_message_at < v_kept.since and o.remote_jid <> 'erased'
        and not exists (select from public.messages m where m.conversation_id = o.id)
      order by o.last_message_at limit v_batch for update skip locked));
    perform pg_catalog.set_config('ghost_repair.deleted_as_of', '', true);
    exit when v_gone >= v_batch;
  end loop;
  return v_gone;
end $$;

revoke all on function public.erase_customer(uuid, uuid) from public, anon, authenticated;
grant execute on function public.erase_customer(uuid, uuid) to service_role;
