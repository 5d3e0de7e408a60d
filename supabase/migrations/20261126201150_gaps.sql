-- Gaps: times in which a number may not have heard everything, to be compared with what its gateway
-- has stored. A number that is away opens one, `connected` closes it; late webhooks, a gateway that
-- was silent and the daily check make closed ones. Here it is decided which there are; what is done
-- about them is in `recovery`.
--
--   connected ──▶ away ──▶ open ──▶ connected ──▶ due ──▶ done
--                                                  └─────▶ given_up   nobody could compare
--
-- Switching it off for an organization is one statement:
--   insert into private.message_settings (organization_id, recover_messages)
--   values ('<organization>', false)
--   on conflict (organization_id) do update set recover_messages = excluded.recover_messages;

alter table ghost_repair.settings
  -- Off: no gap is opened or closed, no gateway is asked, no history is taken.
  add column if not exists recover_messages boolean not null default true,
  -- Nothing older is brought in.
  add column if not exists recover_at_most interval not null default interval '7 days',
  -- WhatsApp hands over within so long what it kept: up to 22 s after a login, measured.
  add column if not exists recover_settle interval not null default interval '35 seconds',
  -- What may be a false alarm is compared no sooner than so long after the number's last comparison.
  add column if not exists recover_again_after interval not null default interval '10 minutes',
  -- So far beyond a gap's ends is looked: clocks differ.
  add column if not exists recover_margin interval not null default interval '2 minutes',
  -- What a number heard is written down so often at the most: delivery reports come by the dozen.
  add column if not exists heard_noted_every interval not null default interval '30 seconds',
  -- A connected number is compared so often, and up to a fifth later: not all at once.
  add column if not exists recover_check_every interval not null default interval '1 day',
  -- A gateway that was silent may only have had nothing to say: for that reason a number is compared
  -- so often at the most.
  add column if not exists recover_silence_every interval not null default interval '1 hour',
  -- Of one gateway's numbers, in one tick.
  add column if not exists recover_numbers int not null default 20,
  -- Messages that are read of one number between two checks, and how long the rest waits then.
  add column if not exists recover_messages_a_day int not null default 20000,
  add column if not exists recover_wait interval not null default interval '1 hour',
  -- A gateway that did not answer is asked again after so long, then after twice that, and so on.
  add column if not exists recover_retry_after interval not null default interval '1 minute',
  add column if not exists recover_retry_most interval not null default interval '10 minutes',
  -- A send of ours that has no WhatsApp id yet may be a message of the gateway's that is up to so much
  -- younger.
  add column if not exists recover_own_within interval not null default interval '1 hour',
  -- Numbers that are looked at by one statement of the sweep.
  add column if not exists recover_batch int not null default 500,
  -- After so long without an answer a gap is given up, and that is told.
  add column if not exists recover_patience interval not null default interval '1 day',
  -- So long after a pairing its history may still be told.
  add column if not exists history_within interval not null default interval '1 hour';

alter table private.message_settings
  add column if not exists recover_messages boolean not null default true;

-- Of what came in: since when a number hears here, and up to when it certainly has. Before
-- `heard_since` lies somebody's private history: nothing of it is ever brought in.
create table if not exists ghost_repair.hearing (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  -- In whole seconds, as WhatsApp gives a message its time.
  heard_since timestamptz not null default date_trunc('second', ghost_repair.now()),
  -- The newest thing that WhatsApp handed over (a message, a delivery report), by its own time: what
  -- comes late proves no more. Our own sends prove nothing.
  last_heard_at timestamptz not null default ghost_repair.now(),
  next_check_at timestamptz not null
);
create index if not exists hearing_check on ghost_repair.hearing (next_check_at);
alter table ghost_repair.hearing enable row level security;

create table if not exists public.message_gaps (
  id uuid primary key default gen_random_uuid(),
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  organization_id uuid,
  reason text not null check (reason in
    ('away', 'late_webhooks', 'refused_webhook', 'reopened', 'silent_gateway', 'daily', 'unheard')),
  state text not null check (state in ('open', 'due', 'done', 'given_up')),
  gap_from timestamptz not null,
  -- Null while it is open.
  gap_until timestamptz check ((gap_until is null) = (state = 'open')),
  -- When its turn comes, and since when it waits.
  due_at timestamptz,
  waits_since timestamptz,
  -- Compared from the newest message on: what is newer than this second is here. Null: not begun.
  compared_down_to timestamptz,
  -- Within that second, and how many messages are asked for at once.
  page int not null default 1 check (page > 0),
  page_size int not null default 100 check (page_size > 0),
  attempts int not null default 0,
  last_outcome text,
  -- Messages: read of the gateway, stored, not stored because their sender deleted them, and such as
  -- the gateway has and nobody can read.
  read int not null default 0,
  stored int not null default 0,
  deleted int not null default 0,
  missing int not null default 0,
  created_at timestamptz not null default ghost_repair.now(),
  ended_at timestamptz
);
create index if not exists message_gaps_instance on public.message_gaps (instance_id, created_at desc);
create unique index if not exists message_gaps_open
  on public.message_gaps (instance_id) where state = 'open';
create index if not exists message_gaps_due on public.message_gaps (due_at) where state = 'due';
create index if not exists message_gaps_ended on public.message_gaps (ended_at)
  where ended_at is not null;
alter table public.message_gaps enable row level security;
revoke all on public.message_gaps from anon, authenticated;
grant select on public.message_gaps to authenticated, service_role;
drop policy if exists "members read their gaps" on public.message_gaps;
create policy "members read their gaps" on public.message_gaps
  for select to authenticated using (organization_id in (select ghost_repair.my_organizations()));

-- What was deleted here is not brought back. No longer than a gap can reach.
create table if not exists ghost_repair.deleted_messages (
  instance_id uuid not null,
  whatsapp_message_id text not null,
  deleted_at timestamptz not null default ghost_repair.now(),
  primary key (instance_id, whatsapp_message_id)
);
create index if not exists deleted_messages_age on ghost_repair.deleted_messages (deleted_at);
alter table ghost_repair.deleted_messages enable row level security;

create or replace function ghost_repair.remember_deleted_messages() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into ghost_repair.deleted_messages (instance_id, whatsapp_message_id)
  select d.whatsapp_instance_id, d.whatsapp_message_id
  from deleted d, ghost_repair.settings s
  where d.whatsapp_instance_id is not null and d.whatsapp_message_id is not null
    and coalesce(d.sent_at, d.created_at)
      > ghost_repair.now() - s.recover_at_most - s.recover_check_every
  on conflict do nothing;
  return null;
end $$;
create or replace trigger messages_deleted
  after delete on public.messages
  referencing old table as deleted
  for each statement execute function ghost_repair.remember_deleted_messages();

-- The same of people: what somebody wrote before their conversation was deleted is not brought in,
-- whether it was here or not. Who it was is not kept, only what tells them again.
create table if not exists ghost_repair.deleted_people (
  instance_id uuid not null,
  person text not null,
  deleted_at timestamptz not null default ghost_repair.now(),
  primary key (instance_id, person)
);
create index if not exists deleted_people_age on ghost_repair.deleted_people (deleted_at);
alter table ghost_repair.deleted_people enable row level security;

create or replace function ghost_repair.person_digest(p_instance_id uuid, p_jid text) returns text
language sql immutable set search_path = '' as $$
  select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    p_instance_id::text || ' ' || ghost_repair.person_key(p_jid), 'UTF8')), 'hex')
$$;

-- `ghost_repair.deleted_as_of`: whoever deletes what is old says how old.
create or replace function ghost_repair.remember_deleted_people() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into ghost_repair.deleted_people as p (instance_id, person, deleted_at)
  select distinct d.whatsapp_instance_id, ghost_repair.person_digest(d.whatsapp_instance_id, a.jid),
    coalesce(nullif(pg_catalog.current_setting('ghost_repair.deleted_as_of', true), '')::timestamptz,
      ghost_repair.now())
  from deleted d cross join lateral (values (d.remote_jid), (d.hidden_jid)) a (jid)
  where d.whatsapp_instance_id is not null and a.jid is not null
  on conflict (instance_id, person) do update set
    deleted_at = greatest(p.deleted_at, excluded.deleted_at);
  return null;
end $$;
create or replace trigger conversations_deleted
  after delete on public.conversations
  referencing old table as deleted
  for each statement execute function ghost_repair.remember_deleted_people();

-- Whether a message was deleted here, or its writer was, after it was written.
create or replace function ghost_repair.was_deleted_here(p_instance_id uuid, p_message jsonb)
returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from ghost_repair.deleted_messages d
    where d.instance_id = p_instance_id
      and d.whatsapp_message_id = p_message ->> 'whatsapp_message_id')
  or exists (
    select from ghost_repair.deleted_people p
    where p.instance_id = p_instance_id
      and p.person in (ghost_repair.person_digest(p_instance_id, p_message ->> 'remote_jid'),
        ghost_repair.person_digest(p_instance_id, p_message ->> 'hidden_jid'))
      and p.deleted_at >= (p_message ->> 'sent_at')::timestamptz)
$$;

-- Whether a number's messages are brought in: by its organization, and at all.
create or replace function ghost_repair.recovers_messages(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select (select s.recover_messages from ghost_repair.settings s) and not exists (
    select from public.whatsapp_instances i
    join private.message_settings o on o.organization_id = i.organization_id
    where i.id = p_instance_id and not o.recover_messages)
$$;

create or replace function ghost_repair.next_check() returns timestamptz
language sql volatile security definer set search_path = '' as $$
  select ghost_repair.now() + ghost_repair.stagger(s.recover_check_every)
  from ghost_repair.settings s
$$;

-- A number hears here from now on, where it did not before.
create or replace function ghost_repair.begin_hearing(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  insert into ghost_repair.hearing (instance_id, next_check_at)
  values (p_instance_id, ghost_repair.next_check())
  on conflict do nothing
$$;

-- WhatsApp handed over what is of `p_at`, and hands over in order: the number has heard everything until
-- then. That it is said to be connected, or was compared with its gateway, proves nothing of the kind.
-- Now and then is enough (`heard_noted_every`): what lies in between is known again by its id.
create or replace function ghost_repair.note_heard(p_instance_id uuid, p_at timestamptz)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_last timestamptz := (
    select h.last_heard_at from ghost_repair.hearing h where h.instance_id = p_instance_id);
begin
  if v_last is null then
    perform ghost_repair.begin_hearing(p_instance_id);
  elsif v_last < least(p_at, ghost_repair.now())
      - (select s.heard_noted_every from ghost_repair.settings s) then
    update ghost_repair.hearing h set
      last_heard_at = greatest(h.last_heard_at, least(p_at, ghost_repair.now()))
    where h.instance_id = p_instance_id;
  end if;
end $$;

-- A gap; `p_until` null: it stays open until the number is connected. What has not begun to be
-- compared is one gap, however many reasons it has. Its caller holds the number's row.
create or replace function ghost_repair.add_gap(
  p_instance_id uuid, p_reason text, p_from timestamptz, p_until timestamptz default null
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_since timestamptz := (
    select h.heard_since from ghost_repair.hearing h where h.instance_id = p_instance_id);
  v_from timestamptz := greatest(p_from, v_since);
begin
  if v_since is null or v_from > p_until or not ghost_repair.recovers_messages(p_instance_id) then
    return;
  end if;
  update public.message_gaps g set
    gap_from = least(g.gap_from, v_from),
    reason = case when p_until is null then p_reason else g.reason end,
    state = case when p_until is null then 'open' else g.state end,
    gap_until = case when p_until is not null and g.state <> 'open'
      then greatest(g.gap_until, p_until) end,
    due_at = case when p_until is not null then g.due_at end,
    waits_since = case when p_until is not null then g.waits_since end
  where g.id = (
    select o.id from public.message_gaps o
    where o.instance_id = p_instance_id
      and (o.state = 'open' or (o.state = 'due' and o.compared_down_to is null and o.attempts = 0))
    order by o.state = 'open' desc, o.created_at desc limit 1);
  if not found then
    insert into public.message_gaps
      (instance_id, organization_id, reason, state, gap_from, gap_until, due_at, waits_since)
    select i.id, i.organization_id, p_reason, case when p_until is null then 'open' else 'due' end,
      v_from, p_until,
      case when p_until is not null then greatest(ghost_repair.now() + v_settings.recover_settle, (
        select max(g.ended_at) from public.message_gaps g where g.instance_id = p_instance_id)
        + v_settings.recover_again_after) end,
      case when p_until is not null then ghost_repair.now() end
    from public.whatsapp_instances i where i.id = p_instance_id and i.deleted_at is null;
  end if;
end $$;

-- What may be missing, for people: `messages` null where nobody knows how many.
create or replace function ghost_repair.tell_missing(
  p_instance_id uuid, p_messages int, p_from timestamptz, p_until timestamptz, p_reason text
) returns void
language sql security definer set search_path = '' as $$
  select ghost_repair.add_event(p_instance_id, 'messages_may_be_missing', jsonb_build_object(
    'messages', p_messages, 'from', p_from, 'until', p_until, 'reason', p_reason))
$$;

-- The number is connected: its gap ends here. What is too old to be brought in is told.
create or replace function ghost_repair.close_gap(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_oldest timestamptz := ghost_repair.now() - v_settings.recover_at_most;
  v_gap public.message_gaps;
begin
  select g.* into v_gap from public.message_gaps g
  where g.instance_id = p_instance_id and g.state = 'open' for update;
  if not found then
    return;
  end if;
  if v_gap.gap_from < v_oldest then
    perform ghost_repair.tell_missing(p_instance_id, null, v_gap.gap_from, v_oldest, 'too_old');
  end if;
  update public.message_gaps g set
    state = 'due', gap_until = ghost_repair.now(), gap_from = greatest(g.gap_from, v_oldest),
    due_at = ghost_repair.now() + v_settings.recover_settle, waits_since = ghost_repair.now()
  where g.id = v_gap.id;
end $$;

-- Follows the number's row, whoever writes it. Another phone that pairs is another person: what it
-- wrote and heard before is nobody's business here.
create or replace function ghost_repair.follow_hearing() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and old.phone_number is not null and new.phone_number is not null
    and ghost_repair.person_key(old.phone_number || '@s.whatsapp.net')
      <> ghost_repair.person_key(new.phone_number || '@s.whatsapp.net') then
    delete from public.message_gaps g where g.instance_id = new.id and g.state in ('open', 'due');
    delete from ghost_repair.hearing h where h.instance_id = new.id;
    if new.status = 'connected' then
      perform ghost_repair.begin_hearing(new.id);
    end if;
  end if;
  if new.status = 'connected' then
    if tg_op = 'INSERT' or old.status <> 'connected' then
      perform ghost_repair.begin_hearing(new.id);
      perform ghost_repair.close_gap(new.id);
    end if;
  elsif tg_op = 'UPDATE' and old.status = 'connected' then
    perform ghost_repair.add_gap(new.id, 'away', (
      select h.last_heard_at from ghost_repair.hearing h where h.instance_id = new.id));
  end if;
  return null;
end $$;
create or replace trigger whatsapp_instances_hearing
  after insert or update of status, phone_number on public.whatsapp_instances
  for each row execute function ghost_repair.follow_hearing();

-- Numbers that were there before this part.
insert into ghost_repair.hearing (instance_id, next_check_at)
select i.id, ghost_repair.next_check() from public.whatsapp_instances i
where i.status = 'connected' and i.deleted_at is null
on conflict do nothing;

-- Of a gateway that was silent and speaks again: a gap for each of its connected numbers, a batch at
-- a time. Returns how many numbers were looked at.
create or replace function ghost_repair.add_silence_gaps() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_gateway private.gateways;
  v_id uuid;
  v_looked bigint := 0;
  v_left int := v_settings.recover_batch;
  v_last uuid;
begin
  for v_gateway in
    select g.* from private.gateways g where g.silent_until is not null
    order by g.silent_until limit 20 for no key update skip locked
  loop
    v_last := null;
    for v_id in
      select k.instance_id from private.instance_credentials k
      join public.whatsapp_instances i on i.id = k.instance_id and i.status = 'connected'
      where k.api_url = v_gateway.api_url
        and k.instance_id > coalesce(v_gateway.silence_told_to, '00000000-0000-0000-0000-000000000000')
      order by k.instance_id limit v_left
    loop
      v_looked := v_looked + 1;
      v_left := v_left - 1;
      v_last := v_id;
      continue when exists (
          select from public.message_gaps g
          where g.instance_id = v_id and g.created_at > ghost_repair.now() - v_settings.recover_silence_every
            and g.state = 'done' and g.reason = 'silent_gateway')
        or (ghost_repair.lock_session(v_id, true)).instance_id is null;
      perform ghost_repair.add_gap(
        v_id, 'silent_gateway', v_gateway.silent_from, v_gateway.silent_until);
    end loop;
    update private.gateways g set
      silence_told_to = case when v_left = 0 then v_last end,
      silent_from = case when v_left = 0 then g.silent_from end,
      silent_until = case when v_left = 0 then g.silent_until end
    where g.api_url = v_gateway.api_url;
    exit when v_left = 0;
  end loop;
  return v_looked;
end $$;

-- A number's webhooks may have been refused until now, for a wrong key or by a wrong setting: nothing
-- tells which. It is compared as for the day, but at once.
create or replace function ghost_repair.hasten_check(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  update ghost_repair.hearing h set next_check_at = ghost_repair.now()
  where h.instance_id = p_instance_id and h.next_check_at > ghost_repair.now()
$$;

create or replace function ghost_repair.follow_webhook_keys() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.hasten_check(new.instance_id);
  return null;
end $$;
create or replace trigger instance_credentials_hearing
  after update on private.instance_credentials for each row
  when ((old.webhook_secret, old.webhook_token) is distinct from (new.webhook_secret, new.webhook_token))
  execute function ghost_repair.follow_webhook_keys();

-- Connected numbers that nobody compared for a day. Returns how many.
create or replace function ghost_repair.add_daily_gaps() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_hearing ghost_repair.hearing;
  v_added bigint := 0;
begin
  for v_hearing in
    select h.* from ghost_repair.hearing h where h.next_check_at <= ghost_repair.now()
    order by h.next_check_at limit v_settings.recover_batch
  loop
    continue when (ghost_repair.lock_session(v_hearing.instance_id, true)).instance_id is null;
    update ghost_repair.hearing h set next_check_at = ghost_repair.next_check()
    where h.instance_id = v_hearing.instance_id;
    if (ghost_repair.read_session(v_hearing.instance_id)).status = 'connected' then
      perform ghost_repair.add_gap(v_hearing.instance_id, 'daily',
        ghost_repair.now() - v_settings.recover_check_every * 1.25, ghost_repair.now());
      v_added := v_added + 1;
    end if;
  end loop;
  return v_added;
end $$;
