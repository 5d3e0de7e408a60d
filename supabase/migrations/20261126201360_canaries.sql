-- Canaries: messages between an organization's own numbers, or of a number to itself, that show whether
-- a number hears whose session lives. What they say is judged in `watch-instances/judge-canaries.ts`.
--
--   begin_trial ── lease_due_trials ── begin_canary ── sent ── record_trial ── again, until it is known:
--     hears ──────────▶ closed                                    meet_canary: what came of it, by webhook
--     unproven, dead ─▶ closed; a dead one is the ladder's
--     webhook_mute, suspected_deaf ─▶ a person is told            lagging ─▶ said; asked again
--     deaf ── presence, restart or patience, its process ── heard of again ─▶ healed
--                                        └── in vain ─▶ a person is told
--
-- Never a logout: it costs the pairing and cures nothing.

alter table ghost_repair.settings
  -- Sent by one number in a day.
  add column if not exists canaries_a_day int not null default 4 check (canaries_a_day > 0),
  add column if not exists canary_day interval not null default interval '24 hours',
  -- So long after it was sent WhatsApp lets a message be taken back.
  add column if not exists canary_removed_within interval not null default interval '48 hours',
  -- A number that nobody can hear of, or that a person is told of, is tried again after so long.
  add column if not exists canary_again interval not null default interval '6 hours',
  -- An answer to an own canary counts for so long: with the own phone off there is none.
  add column if not exists own_canary_counts interval not null default interval '30 days';

-- When a `presence.update` came last, while it was on trial.
alter table ghost_repair.hearing add column if not exists presence_at timestamptz;

-- Whether a number hears, being found out; or, once it is known that it does not, being mended.
create table if not exists ghost_repair.canary_trials (
  id uuid primary key default gen_random_uuid(),
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  organization_id uuid not null,
  -- silence   its habit is broken
  -- partner   it sent a canary that was heard, and was told nothing of it
  -- baseline  it hears: whether its own phone answers is to be known before it is needed
  reason text not null check (reason in ('silence', 'partner', 'baseline')),
  -- From when on nothing is known to have been heard.
  silent_since timestamptz not null,
  phase text not null default 'listen' check (phase in ('listen', 'cure', 'told')),
  opened_at timestamptz not null default ghost_repair.now(),
  next_step_at timestamptz not null default ghost_repair.now(),
  -- Of the cure: since when, and its calls, written before they are made.
  cure_since timestamptz,
  presence_called_at timestamptz,
  restart_called_at timestamptz,
  -- Of the newest word that only its process is left.
  process_at timestamptz,
  closed_at timestamptz,
  verdict text
);
create unique index if not exists canary_trials_open on ghost_repair.canary_trials (instance_id)
  where closed_at is null;
create index if not exists canary_trials_due on ghost_repair.canary_trials (next_step_at)
  where closed_at is null;
create index if not exists canary_trials_age on ghost_repair.canary_trials (closed_at);
alter table ghost_repair.canary_trials enable row level security;

create table if not exists ghost_repair.canaries (
  -- Stands in its text, so that it is known again before its WhatsApp id is.
  id uuid primary key default gen_random_uuid(),
  trial_id uuid not null references ghost_repair.canary_trials (id) on delete cascade,
  -- Seen from the number on trial: to it, from it, or from it to itself.
  way text not null check (way in ('to', 'from', 'own')),
  sender_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  recipient_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  begun_at timestamptz not null default ghost_repair.now(),
  whatsapp_message_id text,
  -- Of its send: sent, not_sent, or why it is not known; null: under way.
  outcome text,
  -- When webhooks told of it: `send.message`, the first `messages.update`, and its arrival.
  announced_at timestamptz,
  reported_at timestamptz,
  received_at timestamptz,
  -- Whether the recipient's gateway has it although nobody told; null: not asked.
  stored boolean,
  removed_at timestamptz,
  check ((way = 'own') = (sender_id = recipient_id))
);
create index if not exists canaries_trial on ghost_repair.canaries (trial_id, begun_at);
create index if not exists canaries_message on ghost_repair.canaries (whatsapp_message_id);
create index if not exists canaries_sender on ghost_repair.canaries (sender_id, begun_at);
create index if not exists canaries_recipient on ghost_repair.canaries (recipient_id);
create index if not exists canaries_unremoved on ghost_repair.canaries (begun_at)
  where removed_at is null and whatsapp_message_id is not null;
alter table ghost_repair.canaries enable row level security;

-- The open case of a number whose session lives, as canaries see it; all null: there is none.
create or replace function ghost_repair.open_hearing_repair(p_instance_id uuid)
returns public.ghost_repairs
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select r from public.ghost_repairs r
    where r.instance_id = p_instance_id and r.closed_at is null and r.hearing is not null);
end $$;

-- Whether a number may send one more. One that certainly did not leave counts for nothing.
create or replace function ghost_repair.may_send_canary(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select (select s.canaries_a_day from ghost_repair.settings s) > (
    select count(*) from ghost_repair.canaries c
    where c.sender_id = p_instance_id and c.outcome is distinct from 'not_sent'
      and c.begun_at > ghost_repair.now() - (select s.canary_day from ghost_repair.settings s))
$$;

-- Who may take part in a number's trial: another number of the same organization, with another phone,
-- whose own session is not in doubt. Who was not asked yet is asked before who was, at another gateway
-- before at the same, and who was heard of last first. `p_sends`: it is to send.
create or replace function ghost_repair.canary_partner(
  p_trial ghost_repair.canary_trials, p_sends boolean
) returns uuid
language sql stable security definer set search_path = '' as $$
  select i.id
  from public.whatsapp_instances me
  join public.whatsapp_instances i on i.organization_id = me.organization_id and i.id <> me.id
  join private.instance_credentials k on k.instance_id = i.id
  where me.id = p_trial.instance_id and i.status = 'connected' and i.deleted_at is null
    and not i.manual_disconnect
    and ghost_repair.person_key(i.phone_number || '@s.whatsapp.net')
      <> ghost_repair.person_key(me.phone_number || '@s.whatsapp.net')
    and not ghost_repair.has_open_repair(i.id)
    and (ghost_repair.open_hearing_repair(i.id)).id is null
    and (not p_sends or ghost_repair.may_send_canary(i.id))
  order by (
      select count(*) from ghost_repair.canaries c
      where c.trial_id = p_trial.id and i.id in (c.sender_id, c.recipient_id)),
    k.api_url = ghost_repair.gateway_of(me.id), i.last_received_at desc nulls last, i.id
  limit 1
$$;

-- Whether a number that can only write to itself is to show, while it hears, that its own phone answers:
-- until it did, and then now and then.
create or replace function ghost_repair.needs_baseline(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select ghost_repair.canary_partner(jsonb_populate_record(null::ghost_repair.canary_trials,
      jsonb_build_object('instance_id', p_instance_id)), false) is null
    and not exists (
      select from ghost_repair.canaries c
      where c.sender_id = p_instance_id and c.way = 'own' and c.begun_at > ghost_repair.now()
        - case when c.reported_at is null then s.canary_day else s.own_canary_counts / 2 end)
  from ghost_repair.settings s
$$;

-- The habit's place for it; the number is locked. Returns whether one was begun.
create or replace function ghost_repair.begin_trial(
  p_instance_id uuid, p_reason text, p_silent_since timestamptz
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into ghost_repair.canary_trials (instance_id, organization_id, reason, silent_since)
  select i.id, i.organization_id, p_reason, p_silent_since from public.whatsapp_instances i
  where i.id = p_instance_id and ghost_repair.wants_canaries(i.organization_id)
    and i.phone_number is not null
    and exists (select from private.instance_credentials k where k.instance_id = i.id)
    and (p_reason <> 'baseline' or ghost_repair.needs_baseline(i.id))
  on conflict (instance_id) where closed_at is null do nothing;
  if found and p_reason <> 'baseline' then
    perform ghost_repair.add_event(p_instance_id, 'silence',
      jsonb_build_object('reason', p_reason, 'since', p_silent_since));
  end if;
  return found;
end $$;

-- The number that took part last: it is written to by the one on trial, and, once that is deaf, again.
create or replace function ghost_repair.last_partner(p_trial_id uuid) returns uuid
language sql stable security definer set search_path = '' as $$
  select c.sender_id from ghost_repair.canaries c
  where c.trial_id = p_trial_id and c.way = 'to' order by c.begun_at desc, c.id limit 1
$$;

-- Trials whose turn it is, whoever asks.
create or replace view ghost_repair.due_trials as
select t.id, t.instance_id, t.next_step_at
from ghost_repair.canary_trials t
where t.closed_at is null and t.next_step_at <= ghost_repair.now()
  and ghost_repair.wants_canaries(t.organization_id);

-- Each to one caller, with all that is known of it. `p_tick_started` as in `lease_due_repairs`.
--
-- known  {reason, phase, heard, reports, open_seconds, may_send, partner, answered_before,
--         cure: {seconds, presence, came, restart, reopened, asked, state, restarted},
--         canaries: [{id, way, outcome, age, announced, reported, received, stored, whatsapp_id}]}
--        ages and delays in seconds, each canary's from its own beginning
create or replace function public.lease_due_trials(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default null
) returns table (
  trial_id uuid, token uuid, instance_id uuid, instance_name text, api_url text, api_key text,
  known jsonb, presence_to text, tick_started timestamptz
)
language sql security definer set search_path = '' as $$
  with due as (
    select d.id from ghost_repair.due_trials d
    where not ghost_repair.is_leased('canary', d.instance_id, p_tick_started)
    order by d.next_step_at limit p_limit
  ), leased as (
    select t.*, ghost_repair.take_lease('canary', t.instance_id,
      make_interval(secs => p_lease_seconds), p_tick_started) as token
    from due d join ghost_repair.canary_trials t on t.id = d.id
  )
  select l.id, l.token, l.instance_id, i.instance_name, k.api_url, k.api_key,
    jsonb_build_object(
      'reason', l.reason, 'phase', l.phase,
      'heard', coalesce(i.last_received_at > greatest(l.cure_since, l.opened_at), false),
      'reports', coalesce(h.last_heard_at > l.opened_at, false),
      'open_seconds', extract(epoch from ghost_repair.now() - h.opened_at),
      'may_send', ghost_repair.may_send_canary(l.instance_id),
      'partner', ghost_repair.canary_partner(
        (select t from ghost_repair.canary_trials t where t.id = l.id), true) is not null,
      'answered_before', exists (
        select from ghost_repair.canaries c
        where c.sender_id = l.instance_id and c.way = 'own' and c.reported_at is not null
          and c.trial_id <> l.id and c.begun_at > ghost_repair.now() - s.own_canary_counts),
      'cure', jsonb_build_object(
        'seconds', extract(epoch from ghost_repair.now() - l.cure_since),
        'presence', extract(epoch from ghost_repair.now() - l.presence_called_at),
        'came', coalesce(h.presence_at >= l.presence_called_at, false),
        'restart', extract(epoch from ghost_repair.now() - l.restart_called_at),
        'reopened', coalesce(h.opened_at >= l.restart_called_at, false),
        'asked', l.process_at is not null,
        'state', r.state,
        'restarted', case when r.state = 'restarted' then
          extract(epoch from ghost_repair.now() - r.process_restarted_at) end),
      'canaries', (
        select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'way', c.way,
          'outcome', c.outcome, 'age', extract(epoch from ghost_repair.now() - c.begun_at),
          'announced', extract(epoch from c.announced_at - c.begun_at),
          'reported', extract(epoch from c.reported_at - c.begun_at),
          'received', extract(epoch from c.received_at - c.begun_at),
          'stored', c.stored, 'whatsapp_id', c.whatsapp_message_id) order by c.begun_at, c.id), '[]')
        from ghost_repair.canaries c where c.trial_id = l.id)),
    coalesce((select p.phone_number from public.whatsapp_instances p
      where p.id = ghost_repair.last_partner(l.id)), i.phone_number),
    coalesce(p_tick_started, ghost_repair.now())
  from leased l
  join public.whatsapp_instances i on i.id = l.instance_id
  join private.instance_credentials k on k.instance_id = l.instance_id
  cross join ghost_repair.settings s
  left join ghost_repair.hearing h on h.instance_id = l.instance_id
  left join public.ghost_repairs r
    on r.instance_id = l.instance_id and r.closed_at is null and r.hearing is not null
  where l.token is not null
  order by l.next_step_at
$$;

-- The trial, if the caller's lease still holds; the number is locked before it.
create or replace function ghost_repair.lock_leased_trial(p_trial_id uuid, p_token uuid)
returns ghost_repair.canary_trials
language plpgsql security definer set search_path = '' as $$
declare
  v_instance_id constant uuid := (
    select t.instance_id from ghost_repair.canary_trials t where t.id = p_trial_id);
  v_trial ghost_repair.canary_trials;
begin
  if (ghost_repair.lock_session(v_instance_id)).instance_id is not null
    and ghost_repair.holds_lease('canary', v_instance_id, p_token) then
    select t.* into v_trial from ghost_repair.canary_trials t
    where t.id = p_trial_id and t.closed_at is null for no key update;
  end if;
  return v_trial;
end $$;

-- Called right before a canary is sent: who writes to whom, of one organization, within the budget of
-- each. Null: none is to be sent.
create or replace function public.begin_canary(p_trial_id uuid, p_token uuid, p_way text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_trial ghost_repair.canary_trials := ghost_repair.lock_leased_trial(p_trial_id, p_token);
  v_other uuid;
  v_sender uuid;
  v_recipient uuid;
  v_canary_id uuid;
begin
  if v_trial.id is null or not ghost_repair.wants_canaries(v_trial.organization_id) then
    return null;
  end if;
  v_other := case
    when p_way = 'own' then v_trial.instance_id
    when p_way = 'from' or v_trial.phase <> 'listen' then coalesce(
      ghost_repair.last_partner(v_trial.id), ghost_repair.canary_partner(v_trial, p_way = 'to'))
    else ghost_repair.canary_partner(v_trial, true) end;
  v_sender := case when p_way = 'to' then v_other else v_trial.instance_id end;
  v_recipient := case when p_way = 'to' then v_trial.instance_id else v_other end;
  if p_way = 'to' and not ghost_repair.may_send_canary(v_sender) then
    v_sender := ghost_repair.canary_partner(v_trial, true);
  end if;
  -- Its count is decided for one caller at a time: a partner may be many trials'.
  perform from ghost_repair.hearing h where h.instance_id = v_sender for no key update;
  if v_sender is null or v_recipient is null or not ghost_repair.may_send_canary(v_sender)
    or (select count(distinct i.organization_id) from public.whatsapp_instances i
      where i.id in (v_sender, v_recipient)) <> 1 then
    return null;
  end if;
  insert into ghost_repair.canaries (trial_id, way, sender_id, recipient_id)
  values (v_trial.id, p_way, v_sender, v_recipient) returning id into v_canary_id;
  return (
    select jsonb_build_object('id', v_canary_id,
      'sender', jsonb_build_object(
        'instance_name', s.instance_name, 'api_url', s.api_url, 'api_key', s.api_key),
      'recipient', jsonb_build_object('instance_name', r.instance_name, 'api_url', r.api_url,
        'api_key', r.api_key, 'phone_number', r.phone_number))
    from ghost_repair.read_address(v_sender) s, ghost_repair.read_address(v_recipient) r);
end $$;

-- Its WhatsApp id is known; a report that was faster is taken up.
create or replace function ghost_repair.name_canary(p_canary_id uuid, p_whatsapp_id text)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_sender constant uuid := (
    select c.sender_id from ghost_repair.canaries c where c.id = p_canary_id);
begin
  delete from private.early_acknowledgements a
  where a.instance_id = v_sender and a.whatsapp_message_id = p_whatsapp_id;
  update ghost_repair.canaries c set
    whatsapp_message_id = p_whatsapp_id,
    reported_at = case when found then coalesce(c.reported_at, ghost_repair.now())
      else c.reported_at end
  where c.id = p_canary_id;
end $$;

-- What its send came to: {outcome, whatsapp_id}.
create or replace function public.record_canary(p_canary_id uuid, p_sent jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.canaries c set outcome = p_sent ->> 'outcome' where c.id = p_canary_id;
  if p_sent ->> 'whatsapp_id' is not null then
    perform ghost_repair.name_canary(p_canary_id, p_sent ->> 'whatsapp_id');
  end if;
end $$;

-- The webhooks' place for it. One that is brought in later was heard by nobody.
create or replace function ghost_repair.meet_canary(
  p_instance_id uuid, p_whatsapp_message_id text, p_what text, p_message jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_mark constant uuid := substring(p_message ->> 'content'
    from '\[canary ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\]')::uuid;
  v_canary ghost_repair.canaries;
begin
  -- Asked of every message: nearly all of them are none, and told so by one index.
  if v_mark is null and not exists (
    select from ghost_repair.canaries c where c.whatsapp_message_id = p_whatsapp_message_id) then
    return false;
  end if;
  select c.* into v_canary from ghost_repair.canaries c
  where (c.whatsapp_message_id = p_whatsapp_message_id or c.id = v_mark)
    and p_instance_id in (c.sender_id, c.recipient_id)
  limit 1 for update;
  if not found then
    return false;
  end if;
  if v_canary.whatsapp_message_id is null then
    perform ghost_repair.name_canary(v_canary.id, p_whatsapp_message_id);
  end if;
  update ghost_repair.canaries c set
    announced_at = case when p_what = 'sent' and p_message is not null
      then coalesce(c.announced_at, ghost_repair.now()) else c.announced_at end,
    reported_at = case
      when p_what in ('sent', 'delivered', 'read') and p_message is null
        and p_instance_id = c.sender_id
      then coalesce(c.reported_at, ghost_repair.now()) else c.reported_at end,
    received_at = case
      when p_what = 'message' and p_instance_id = c.recipient_id and c.way <> 'own'
      then coalesce(c.received_at, ghost_repair.now()) else c.received_at end
  where c.id = v_canary.id;
  return true;
end $$;

-- `presence.update`: the queue of the number's events moves.
create or replace function ghost_repair.note_presence(p_instance_id uuid) returns text
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.webhook_delivered(p_instance_id);
  update ghost_repair.hearing h set presence_at = ghost_repair.now()
  where h.instance_id = p_instance_id and exists (
    select from ghost_repair.canary_trials t
    where t.instance_id = p_instance_id and t.closed_at is null);
  return case when found then 'applied' else 'ignored' end;
end $$;

-- Called right before a call of the cure: each is made once. False: do not call.
create or replace function public.begin_cure_step(p_trial_id uuid, p_token uuid, p_step text)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_trial ghost_repair.canary_trials := ghost_repair.lock_leased_trial(p_trial_id, p_token);
begin
  if v_trial.id is null or v_trial.phase <> 'cure'
    or (ghost_repair.open_hearing_repair(v_trial.instance_id)).hearing is distinct from 'deaf'
    or (case p_step when 'presence' then v_trial.presence_called_at
      when 'restart' then v_trial.restart_called_at else ghost_repair.now() end) is not null then
    return false;
  end if;
  update ghost_repair.canary_trials t set
    presence_called_at = case p_step when 'presence' then ghost_repair.now()
      else t.presence_called_at end,
    restart_called_at = case p_step when 'restart' then ghost_repair.now()
      else t.restart_called_at end
  where t.id = v_trial.id;
  if p_step = 'restart' then
    update public.ghost_repairs r set
      restart_called_at = ghost_repair.now(), step = p_step, attempts = r.attempts + 1
    where r.instance_id = v_trial.instance_id and r.closed_at is null and r.hearing = 'deaf';
  end if;
  perform ghost_repair.add_event(
    v_trial.instance_id, 'hearing_step', jsonb_build_object('step', p_step));
  return true;
end $$;

create or replace function ghost_repair.close_trial(p_instance_id uuid, p_verdict text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.canary_trials t set closed_at = ghost_repair.now(), verdict = p_verdict
  where t.instance_id = p_instance_id and t.closed_at is null;
end $$;

-- A number hears again, as a message or a canary (`p_by`) says; it is locked. What it missed is compared
-- with its gateway.
create or replace function ghost_repair.hear_again(p_instance_id uuid, p_by text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_repair constant public.ghost_repairs := ghost_repair.open_hearing_repair(p_instance_id);
begin
  if v_repair.id is null then
    return false;
  end if;
  if v_repair.state = 'restarted' then
    perform ghost_repair.after_restart(p_instance_id, true);
  end if;
  perform ghost_repair.close_ghost_repair(p_instance_id, 'healed');
  perform ghost_repair.close_trial(p_instance_id, 'healed');
  perform ghost_repair.add_gap(p_instance_id, 'unheard',
    (v_repair.evidence ->> 'silent_since')::timestamptz, ghost_repair.now());
  perform ghost_repair.add_event(p_instance_id, 'healed', jsonb_build_object(
    'hearing', v_repair.hearing, 'by', p_by, 'after_seconds',
    round(extract(epoch from ghost_repair.now() - v_repair.opened_at))));
  return true;
end $$;

-- A message that came soon after it was written. Its caller holds the number's row.
create or replace function ghost_repair.heard_message() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (
    select from public.ghost_repairs r
    where r.instance_id = new.whatsapp_instance_id and r.closed_at is null
      and r.hearing is not null and r.opened_at < new.sent_at) then
    perform ghost_repair.hear_again(new.whatsapp_instance_id, 'message');
  end if;
  return null;
end $$;
create or replace trigger messages_heard
  after insert on public.messages
  for each row when (not new.is_from_me and new.recovered_at is null
    and new.whatsapp_instance_id is not null
    and new.created_at < new.sent_at + interval '90 seconds')
  execute function ghost_repair.heard_message();

-- The canaries say that a number whose session lives does not hear, or not all of it; it is locked.
create or replace function ghost_repair.open_hearing_case(
  p_trial ghost_repair.canary_trials, p_verdict text
) returns public.ghost_repairs
language plpgsql security definer set search_path = '' as $$
declare
  v_repair public.ghost_repairs;
begin
  insert into public.ghost_repairs as r (instance_id, organization_id, hearing, evidence, next_step_at)
  values (p_trial.instance_id, p_trial.organization_id, p_verdict, jsonb_build_object(
    'reason', p_verdict, 'silent_since', p_trial.silent_since), p_trial.next_step_at)
  -- One whose session is doubted by now is the ladder's.
  on conflict (instance_id) where closed_at is null do update set
    hearing = excluded.hearing, evidence = r.evidence || excluded.evidence
    where r.hearing is not null
  returning r.* into v_repair;
  if v_repair.id is not null then
    perform ghost_repair.add_event(p_trial.instance_id, 'hearing', jsonb_build_object(
      'verdict', p_verdict, 'since', p_trial.silent_since));
  end if;
  return v_repair;
end $$;

-- What a turn came to; ends its lease. Returns whether the trial was still the caller's.
--
-- p_result  {next, seconds, stored: {<canary>: boolean}, partner_silent}
--   wait           looked at again in so many seconds
--   hears          it does; so a case that was open is healed
--   unproven       nobody can tell now
--   dead           its send met a closed connection: the ladder's
--   webhook_mute, suspected_deaf, lagging, deaf   see the head
--   process        only a restart of its gateway's process is left, or a person
--   not_helped     that was in vain
create or replace function public.record_trial(p_trial_id uuid, p_token uuid, p_result jsonb)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_trial ghost_repair.canary_trials := ghost_repair.lock_leased_trial(p_trial_id, p_token);
  v_next constant text := p_result ->> 'next';
  v_seconds constant float8 := coalesce((p_result ->> 'seconds')::float8, 0);
  v_id constant uuid := v_trial.instance_id;
  v_repair public.ghost_repairs;
  v_partner uuid;
begin
  if v_trial.id is null then
    return false;
  end if;
  perform ghost_repair.end_lease('canary', v_id, p_token);
  update ghost_repair.canaries c set stored = (p_result -> 'stored' ->> c.id::text)::boolean
  where c.trial_id = v_trial.id and p_result -> 'stored' ? c.id::text;
  case v_next
    when 'wait' then
      update ghost_repair.canary_trials t set
        next_step_at = ghost_repair.now() + make_interval(secs => v_seconds)
      where t.id = v_trial.id;
    when 'hears' then
      update ghost_repair.hearing h set
        canary_heard_at = ghost_repair.now(),
        habit_stretch = least(h.habit_stretch * 2, v_settings.habit_stretch_most)
      where h.instance_id = v_id and v_trial.reason <> 'baseline';
      if not ghost_repair.hear_again(v_id, 'canary') then
        perform ghost_repair.close_trial(v_id, v_next);
        if v_trial.reason <> 'baseline' then
          perform ghost_repair.add_event(v_id, 'hearing', jsonb_build_object('verdict', v_next));
        end if;
      end if;
    when 'unproven', 'dead' then
      if v_trial.phase = 'listen' then
        perform ghost_repair.close_trial(v_id, v_next);
        update ghost_repair.hearing h set
          habit_check_at = ghost_repair.now() + v_settings.habit_look
        where h.instance_id = v_id;
      else
        update ghost_repair.canary_trials t set
          next_step_at = ghost_repair.now() + v_settings.canary_again
        where t.id = v_trial.id;
      end if;
      if v_next = 'dead' then
        perform public.suspect_session(v_id, 'canary');
      end if;
    when 'process', 'not_helped' then
      v_repair := ghost_repair.open_hearing_repair(v_id);
      if v_next = 'not_helped' and v_repair.id is not null then
        perform ghost_repair.after_restart(v_id, false);
        update public.ghost_repairs r set process_restarts = r.process_restarts + 1
        where r.id = v_repair.id returning r.* into v_repair;
      end if;
      if v_repair.id is not null then
        perform ghost_repair.end_steps(v_repair, 'deaf', '{}');
      end if;
      update ghost_repair.canary_trials t set
        process_at = ghost_repair.now(), next_step_at = ghost_repair.now() + interval '30 seconds'
      where t.id = v_trial.id;
    else
      v_repair := ghost_repair.open_hearing_case(v_trial, v_next);
      if v_repair.id is null then
        perform ghost_repair.close_trial(v_id, 'unproven');
        return true;
      end if;
      update ghost_repair.canary_trials t set
        phase = case v_next when 'deaf' then 'cure' else 'told' end,
        cure_since = ghost_repair.now(),
        next_step_at = ghost_repair.now()
          + case when v_next <> 'deaf' then v_settings.canary_again else '0' end
      where t.id = v_trial.id;
      if v_next = 'webhook_mute' then
        perform ghost_repair.add_gap(v_id, 'unheard', v_trial.silent_since, ghost_repair.now());
      end if;
      if v_next in ('webhook_mute', 'suspected_deaf') and v_repair.state = 'open' then
        update public.ghost_repairs r set state = 'needs_operator', step = 'needs_operator'
        where r.id = v_repair.id;
        perform ghost_repair.add_event(
          v_id, 'needs_operator', jsonb_build_object('reason', v_next));
      end if;
  end case;
  update public.ghost_repairs r set next_step_at = t.next_step_at
  from ghost_repair.canary_trials t
  where t.id = v_trial.id and t.closed_at is null and r.instance_id = v_id and r.closed_at is null
    and r.hearing is not null;
  if (p_result ->> 'partner_silent')::boolean then
    v_partner := ghost_repair.last_partner(v_trial.id);
    if (ghost_repair.lock_session(v_partner, true)).instance_id is not null then
      perform ghost_repair.begin_trial(v_partner, 'partner', ghost_repair.now());
    end if;
  end if;
  return true;
end $$;

-- Canaries that left, of trials that are over.
create or replace view ghost_repair.unremoved_canaries as
select c.id from ghost_repair.canaries c
join ghost_repair.canary_trials t on t.id = c.trial_id
where t.closed_at is not null and c.removed_at is null and c.whatsapp_message_id is not null
  and c.begun_at
    > ghost_repair.now() - (select s.canary_removed_within from ghost_repair.settings s);

-- Whether there is anything to do: no more is asked where no organization wants canaries.
create or replace function public.is_hearing_due() returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
      select from ghost_repair.due_trials d
      where not ghost_repair.is_leased('canary', d.instance_id))
    or exists (select from ghost_repair.unremoved_canaries)
$$;

-- They are to be taken back at their senders' gateways, each to one caller: for
-- everybody, where WhatsApp still lets them.
create or replace function public.claim_sent_canaries(p_limit int)
returns table (
  canary_id uuid, whatsapp_message_id text, phone_number text, instance_name text, api_url text,
  api_key text
)
language sql security definer set search_path = '' as $$
  with due as (
    select c.id from ghost_repair.unremoved_canaries c limit p_limit
  ), claimed as (
    update ghost_repair.canaries c set removed_at = ghost_repair.now()
    from due d where c.id = d.id and c.removed_at is null returning c.*
  )
  select c.id, c.whatsapp_message_id, r.phone_number, s.instance_name, s.api_url, s.api_key
  from claimed c
  cross join lateral ghost_repair.read_address(c.sender_id) s
  cross join lateral ghost_repair.read_address(c.recipient_id) r
  where s.api_url is not null and r.phone_number is not null
$$;

-- A number that is not connected any more, or that another phone pairs with, is on trial no more.
create or replace function ghost_repair.withdraw_trial() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.close_trial(new.id, 'withdrawn');
  if (ghost_repair.open_hearing_repair(new.id)).id is not null then
    perform ghost_repair.close_ghost_repair(new.id, 'invalidated');
  end if;
  return null;
end $$;
create or replace trigger whatsapp_instances_trial
  after update of status, manual_disconnect, phone_number on public.whatsapp_instances
  for each row when (new.manual_disconnect or new.status in ('awaiting_qr', 'disconnected')
    or new.phone_number is distinct from old.phone_number)
  execute function ghost_repair.withdraw_trial();

revoke all on function public.is_hearing_due(),
  public.lease_due_trials(int, timestamptz, int),
  public.begin_canary(uuid, uuid, text),
  public.record_canary(uuid, jsonb),
  public.begin_cure_step(uuid, uuid, text),
  public.record_trial(uuid, uuid, jsonb),
  public.claim_sent_canaries(int)
  from public, anon, authenticated;
grant execute on function public.is_hearing_due(),
  public.lease_due_trials(int, timestamptz, int),
  public.begin_canary(uuid, uuid, text),
  public.record_canary(uuid, jsonb),
  public.begin_cure_step(uuid, uuid, text),
  public.record_trial(uuid, uuid, jsonb),
  public.claim_sent_canaries(int)
  to service_role;
