-- What was missed is brought in: from the history that a pairing tells (`messages.set`), and from what
-- the gateway has stored (`findMessages`), a page at a time, from the newest message back.
--
--   lease_gaps ── findMessages ── record_gap_page ── more ──▶ the next page, in this turn or a later one
--                                       │            later ─▶ the gateway did not answer, or enough for today
--                                       ├──────────▶ done      everything that it has is here
--                                       └──────────▶ given_up  told: something may be missing
--
-- Nothing is stored twice: WhatsApp's id is the key of every way in (`store_message`).

-- Gaps whose turn it is, whoever asks. The window is wider than the gap: clocks differ.
create or replace view ghost_repair.due_gaps as
select
  g.id, g.instance_id, i.instance_name, k.api_url, k.api_key, w.version, g.due_at, g.page, g.page_size,
  greatest(g.gap_from - s.recover_margin, h.heard_since) as window_from,
  coalesce(g.compared_down_to, g.gap_until + s.recover_margin) as window_until
from public.message_gaps g
cross join ghost_repair.settings s
join public.whatsapp_instances i on i.id = g.instance_id and i.deleted_at is null
join private.instance_credentials k on k.instance_id = g.instance_id
join ghost_repair.hearing h on h.instance_id = g.instance_id
left join private.gateways w on w.api_url = k.api_url
-- As `recovers_messages`: asked of each gap, a function costs more than all the rest.
where g.state = 'due' and s.recover_messages and not exists (
  select from private.message_settings o
  where o.organization_id = i.organization_id and not o.recover_messages);

-- Those of them that are due, of each number the one that waits longest. `p_tick_started` as in
-- `lease_due_repairs`.
create or replace function public.lease_gaps(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default null
) returns table (
  gap_id uuid, instance_id uuid, token uuid, instance_name text, api_url text, api_key text,
  version text, window_from timestamptz, window_until timestamptz, page int, page_size int,
  tick_started timestamptz
)
language plpgsql security definer set search_path = '' as $$
-- The columns are meant wherever a name is an output's, too.
#variable_conflict use_column
begin
  return query with due as (
    select distinct on (g.instance_id) g.* from ghost_repair.due_gaps g
    where g.due_at <= ghost_repair.now()
    order by g.instance_id, g.due_at, g.id
  )
  select d.id, d.instance_id, l.token, d.instance_name, d.api_url, d.api_key, d.version,
    d.window_from, d.window_until, d.page, d.page_size, coalesce(p_tick_started, ghost_repair.now())
  from ghost_repair.lease_by_share('recover',
    array(select d.instance_id from due d order by d.due_at, d.id),
    (select s.recover_numbers from ghost_repair.settings s),
    p_limit, p_tick_started, p_lease_seconds) l
  join due d on d.instance_id = l.instance_id
  order by d.due_at, d.id;
end $$;

-- What the gateway knows of a message that is here already: how far one of ours got, and that its sender
-- changed it.
--
-- p_message  as in `store_message`; of one that was edited `sent_at` is when
create or replace function ghost_repair.take_over(
  p_instance public.whatsapp_instances, p_message jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_whatsapp_id constant text := p_message ->> 'whatsapp_message_id';
  v_text constant text := coalesce(p_message ->> 'content', p_message ->> 'caption');
begin
  if p_message ->> 'status' is not null and exists (
    select from public.messages m
    where m.whatsapp_instance_id = p_instance.id and m.is_from_me
      and m.whatsapp_message_id = v_whatsapp_id) then
    perform ghost_repair.acknowledge_message(
      p_instance.id, v_whatsapp_id, p_message ->> 'status');
  end if;
  if (p_message ->> 'edited')::boolean and v_text is not null then
    -- Of a file the words below it change, never the file.
    update public.messages m set
      content = case when m.message_type = 'text' then v_text else m.content end,
      caption = case when m.message_type = 'text' then m.caption else v_text end,
      edited_at = (p_message ->> 'sent_at')::timestamptz
    where m.whatsapp_instance_id = p_instance.id and m.whatsapp_message_id = v_whatsapp_id
      and m.deleted_at is null
      and (m.edited_at is null or m.edited_at < (p_message ->> 'sent_at')::timestamptz)
      and case when m.message_type = 'text' then m.content else m.caption end
        is distinct from v_text;
  end if;
end $$;

-- Their senders deleted them for everybody: of what they held nothing is left here.
create or replace function ghost_repair.empty_messages(p_instance_id uuid, p_whatsapp_ids text[])
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  for v_id in
    select m.id from public.messages m
    where m.whatsapp_instance_id = p_instance_id and m.whatsapp_message_id = any (p_whatsapp_ids)
      and m.deleted_at is null
    order by m.whatsapp_message_id for update
  loop
    delete from private.message_media d where d.message_id = v_id;
    update public.messages m set
      deleted_at = ghost_repair.now(), content = null, caption = null, media_url = null,
      file_name = null
    where m.id = v_id;
  end loop;
end $$;

-- Stores messages of a window, and takes over what became of those that are here. `refused`: what the
-- database can never take. Its caller holds the number's row.
create or replace function ghost_repair.store_missed(
  p_instance public.whatsapp_instances, p_messages jsonb, p_from timestamptz, p_until timestamptz,
  out stored int, out refused int
)
language plpgsql security definer set search_path = '' as $$
declare
  v_message jsonb;
  v_known jsonb := '[]';
begin
  stored := 0;
  refused := 0;
  -- One order for everybody who locks several: WhatsApp's ids before conversations, these before
  -- messages that others have.
  perform ghost_repair.lock_whatsapp_message(p_instance.id, i.id) from (
    select e.message ->> 'whatsapp_message_id' as id from jsonb_array_elements(p_messages) e (message)
    order by 1) i;
  for v_message in
    select e.message from jsonb_array_elements(p_messages) e (message)
    where (e.message ->> 'sent_at')::timestamptz between p_from and p_until
    order by e.message ->> 'whatsapp_message_id'
  loop
    begin
      if ghost_repair.store_message(p_instance, v_message, true) then
        stored := stored + 1;
      else
        v_known := v_known || v_message;
      end if;
    exception when data_exception or integrity_constraint_violation then
      -- One of a page never loses the others, nor stops what comes after it.
      refused := refused + 1;
    end;
  end loop;
  for v_message in select e.message from jsonb_array_elements(v_known) e (message) loop
    perform ghost_repair.take_over(p_instance, v_message);
  end loop;
end $$;

-- A gap has come to its end, and the timeline says what came of it. `p_missing` null: nobody knows how
-- many.
create or replace function ghost_repair.end_gap(
  p_gap public.message_gaps, p_state text, p_outcome text, p_missing int
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.message_gaps g set
    state = p_state, last_outcome = p_outcome, ended_at = ghost_repair.now()
  where g.id = p_gap.id;
  if p_gap.stored > 0 then
    perform ghost_repair.add_event(p_gap.instance_id, 'messages_recovered', jsonb_build_object(
      'messages', p_gap.stored, 'from', p_gap.gap_from, 'until', p_gap.gap_until,
      'reason', p_gap.reason));
  end if;
  if p_missing is distinct from 0 then
    perform ghost_repair.tell_missing(p_gap.instance_id, p_missing, p_gap.gap_from,
      p_gap.gap_until, case when p_state = 'done' then 'unreadable' else p_outcome end);
  end if;
end $$;

-- What a look at one page came to; stores what was missed.
--
-- p_page  {outcome: page, messages: [as in `store_message`], withdrawn: [WhatsApp's ids], read,
--          unreadable, deleted, full, oldest}
--         full: there may be more; oldest: the page's oldest second. `read`, `unreadable` and `deleted`
--         count what is not asked for again. withdrawn: such as their senders deleted for certain
--         {outcome: too_large | unsupported | unreachable | timeout | …}
--         {outcome: pause}   the turn is over: the next one goes on
-- Returns {next, window_until, page, page_size}. next:
--         more       ask again, from there
--         later      the turn is over
--         done       everything is here
--         given_up   nobody could compare, and that was told
--         overtaken  the lease is gone, or the number: nothing was written
create or replace function public.record_gap_page(p_gap_id uuid, p_token uuid, p_page jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_gap public.message_gaps;
  v_instance public.whatsapp_instances;
  v_due ghost_repair.due_gaps;
  v_outcome text := p_page ->> 'outcome';
  v_oldest timestamptz := (p_page ->> 'oldest')::timestamptz;
  v_read_today int;
  v_came record;
begin
  select i.* into v_instance from public.whatsapp_instances i
  join public.message_gaps g on g.instance_id = i.id
  where g.id = p_gap_id and i.deleted_at is null
  for no key update of i;
  select d.* into v_due from ghost_repair.due_gaps d where d.id = p_gap_id;
  if v_instance.id is null or v_due.id is null
    or not ghost_repair.holds_lease('recover', v_instance.id, p_token) then
    return '{"next": "overtaken"}';
  end if;

  if v_outcome = 'page' then
    select * into v_came from ghost_repair.store_missed(
      v_instance, p_page -> 'messages', v_due.window_from, v_due.window_until);
    perform ghost_repair.empty_messages(v_instance.id,
      array(select jsonb_array_elements_text(p_page -> 'withdrawn')));
    update public.message_gaps g set
      stored = g.stored + v_came.stored,
      read = g.read + (p_page ->> 'read')::int,
      missing = g.missing + (p_page ->> 'unreadable')::int + v_came.refused,
      deleted = g.deleted + (p_page ->> 'deleted')::int,
      -- The oldest second is asked for again: it may hold more than the page did. Where it was all
      -- that the page held, its next page.
      page = case when v_oldest < date_trunc('second', v_due.window_until) then 1 else g.page + 1 end,
      compared_down_to = least(v_due.window_until, v_oldest),
      -- Past what was too large.
      page_size = case when v_oldest < date_trunc('second', v_due.window_until)
        then greatest(g.page_size, least(20, g.page_size * 5)) else g.page_size end,
      attempts = 0, last_outcome = v_outcome
    where g.id = p_gap_id
    returning g.* into v_gap;
    -- What is older is not of this gap, whatever a gateway hands out that does not know bounds.
    if not (p_page ->> 'full')::boolean or v_oldest < v_due.window_from - interval '1 second' then
      perform ghost_repair.end_lease('recover', v_instance.id, p_token);
      if v_gap.read = 0 and exists (
        select from public.messages m
        where m.whatsapp_instance_id = v_instance.id and m.whatsapp_message_id is not null
          and m.sent_at between v_gap.gap_from and v_gap.gap_until) then
        -- A gateway that stores no messages has nothing to compare with.
        perform ghost_repair.end_gap(v_gap, 'given_up', 'not_kept',
          case when v_gap.reason in ('away', 'late_webhooks') then null else 0 end);
        return '{"next": "given_up"}';
      end if;
      perform ghost_repair.end_gap(v_gap, 'done', v_outcome, v_gap.missing);
      return '{"next": "done"}';
    end if;
    select coalesce(sum(g.read), 0) into v_read_today from public.message_gaps g
    where g.instance_id = v_instance.id
      and (g.ended_at is null or g.ended_at > ghost_repair.now() - v_settings.recover_check_every);
    if v_read_today >= v_settings.recover_messages_a_day then
      v_outcome := 'enough_today';
    end if;
  elsif v_outcome = 'too_large' then
    -- A message that is too large alone is passed over, and counted.
    update public.message_gaps g set
      page_size = greatest(1, g.page_size / 5),
      page = case when g.page_size = 1 then g.page + 1 else 1 end,
      missing = g.missing + case when g.page_size = 1 then 1 else 0 end,
      compared_down_to = v_due.window_until, last_outcome = v_outcome
    where g.id = p_gap_id
    returning g.* into v_gap;
  else
    update public.message_gaps g set
      attempts = g.attempts + case when v_outcome = 'pause' then 0 else 1 end,
      last_outcome = case when v_outcome = 'pause' then g.last_outcome else v_outcome end
    where g.id = p_gap_id
    returning g.* into v_gap;
  end if;

  if v_outcome in ('page', 'too_large') then
    return jsonb_build_object('next', 'more', 'window_until', v_gap.compared_down_to,
      'page', v_gap.page, 'page_size', v_gap.page_size);
  end if;
  perform ghost_repair.end_lease('recover', v_instance.id, p_token);
  if v_outcome = 'unsupported' or (v_outcome not in ('pause', 'enough_today')
    and v_gap.waits_since <= ghost_repair.now() - v_settings.recover_patience) then
    perform ghost_repair.end_gap(v_gap, 'given_up', v_outcome, null);
    return '{"next": "given_up"}';
  end if;
  update public.message_gaps g set due_at = ghost_repair.now() + case v_outcome
      when 'pause' then interval '0'
      when 'enough_today' then v_settings.recover_wait
      else least(v_settings.recover_retry_most,
        v_settings.recover_retry_after * power(2, least(g.attempts - 1, 10))) end
  where g.id = p_gap_id;
  return '{"next": "later"}';
end $$;

-- Which part of a history belongs here: between the last proof of hearing and the `open` that followed.
-- Null: none of it, as after a first pairing.
create or replace function public.history_window(p_instance_id uuid)
returns table (window_from timestamptz, window_until timestamptz)
language sql stable security definer set search_path = '' as $$
  select greatest(min(g.gap_from) - min(s.recover_margin), min(h.heard_since)),
    max(g.gap_until) + min(s.recover_margin)
  from public.message_gaps g
  cross join ghost_repair.settings s
  join ghost_repair.hearing h on h.instance_id = g.instance_id
  where g.instance_id = p_instance_id and g.reason = 'away'
    and g.gap_until > ghost_repair.now() - s.history_within
    and ghost_repair.recovers_messages(g.instance_id)
  having min(g.gap_from) is not null
$$;

-- `messages.set`: stores what lies in that window. One that comes empty was too large to be read: what
-- the gateway made of it is compared, once more. Returns: stored | ignored
create or replace function public.apply_history(p_instance_id uuid, p_messages jsonb) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_window record;
  v_came record;
  v_gap public.message_gaps;
begin
  select i.* into v_instance from public.whatsapp_instances i
  where i.id = p_instance_id and i.deleted_at is null for no key update;
  if not found then
    return 'ignored';
  end if;
  perform ghost_repair.webhook_delivered(p_instance_id);
  select w.* into v_window from public.history_window(p_instance_id) w;
  if not found then
    return 'ignored';
  end if;
  if p_messages = '[]' then
    perform ghost_repair.add_gap(
      p_instance_id, 'away', v_window.window_from, v_window.window_until);
    return 'ignored';
  end if;
  select * into v_came from ghost_repair.store_missed(
    v_instance, p_messages, v_window.window_from, v_window.window_until);
  if v_came.stored = 0 then
    return 'ignored';
  end if;
  update public.message_gaps g set stored = g.stored + v_came.stored
  where g.id = (
    select o.id from public.message_gaps o
    where o.instance_id = p_instance_id and o.reason = 'away' and o.state <> 'open'
    order by o.gap_until desc limit 1)
  returning g.* into v_gap;
  -- A gap that was compared already has told its own count.
  if v_gap.state <> 'due' then
    perform ghost_repair.add_event(p_instance_id, 'messages_recovered', jsonb_build_object(
      'messages', v_came.stored, 'from', v_gap.gap_from, 'until', v_gap.gap_until,
      'reason', v_gap.reason));
  end if;
  return 'stored';
end $$;

-- Gaps that nobody could begin to compare: no gateway, no key, or nobody called. And what nobody wants
-- to have compared any more. Returns how many.
create or replace function ghost_repair.give_up_gaps() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_gap public.message_gaps;
  v_ended bigint := 0;
begin
  for v_gap in
    select g.* from public.message_gaps g
    where g.state = 'due' and g.waits_since <= ghost_repair.now() - v_settings.recover_patience * 2
    order by g.waits_since limit v_settings.recover_batch
  loop
    continue when (ghost_repair.lock_session(v_gap.instance_id, true)).instance_id is null
      or ghost_repair.is_leased('recover', v_gap.instance_id);
    select g.* into v_gap from public.message_gaps g where g.id = v_gap.id and g.state = 'due';
    continue when not found;
    if ghost_repair.recovers_messages(v_gap.instance_id) then
      perform ghost_repair.end_gap(v_gap, 'given_up', coalesce(v_gap.last_outcome, 'not_asked'), null);
    else
      delete from public.message_gaps g where g.id = v_gap.id;
    end if;
    v_ended := v_ended + 1;
  end loop;
  return v_ended;
end $$;

-- What the scheduler does for the gaps, every minute. Returns how many were touched.
create or replace function ghost_repair.tend_gaps() returns bigint
language sql security definer set search_path = '' as $$
  select ghost_repair.add_silence_gaps() + ghost_repair.add_daily_gaps() + ghost_repair.give_up_gaps()
$$;

-- Whether there is anything to call `recover-messages` for.
create or replace function ghost_repair.is_recovery_due() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (select from ghost_repair.due_gaps d where d.due_at <= ghost_repair.now());
end $$;

revoke all on function public.lease_gaps(int, timestamptz, int),
  public.record_gap_page(uuid, uuid, jsonb),
  public.history_window(uuid),
  public.apply_history(uuid, jsonb)
  from public, anon, authenticated;
grant execute on function public.lease_gaps(int, timestamptz, int),
  public.record_gap_page(uuid, uuid, jsonb),
  public.history_window(uuid),
  public.apply_history(uuid, jsonb)
  to service_role;
