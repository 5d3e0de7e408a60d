-- Reconnecting: what the scheduler does for disconnected numbers, and a person for one. Whoever
-- connects, one at a time: the QR page of ten browsers, the one who clicks reconnect and the
-- scheduler share the lease `reconnect`. A connect into a running one could start a second socket for
-- the same device, and the two would throw each other out for ever.
--
--   lease_due_reconnects ── begin_reconnect_attempt ─┐
--                                                    ├─ registry, connect at the gateway
--   request_qr_code, begin_reconnect, … ── claimed ──┘       │
--                                                     record_connect ── connected | awaiting_qr | …

alter table ghost_repair.settings
  -- In one disconnection; then a person is told.
  add column if not exists reconnect_attempts int not null default 3,
  -- So long `connecting` is left alone.
  add column if not exists connecting_patience interval not null default interval '1 minute',
  -- Longer than a person's connect may take: 28 seconds, a second look, and 20 once more.
  add column if not exists connect_time interval not null default interval '60 seconds',
  -- The next one who asks for a QR asks the gateway so long after this one, at the earliest.
  add column if not exists connect_pause interval not null default interval '30 seconds',
  -- A code at the gateway lives about so long.
  add column if not exists qr_time interval not null default interval '45 seconds',
  -- The gateway gave the same code again: the first of a pairing lives a minute.
  add column if not exists qr_repeat_time interval not null default interval '15 seconds';

-- Numbers that are away and left to the reconnection, whoever asks: not by hand, not waiting for a
-- QR, not under repair. `due_at`: from when on.
create or replace view ghost_repair.left_to_reconnect as
select i.id, i.instance_name, i.connection_epoch, i.disconnected_since,
  i.reconnect_attempts_count as attempts, case when i.status = 'connecting'
    then coalesce(i.last_reconnect_attempt_at, i.updated_at)
      + (select s.connecting_patience from ghost_repair.settings s)
    else '-infinity' end as due_at
from public.whatsapp_instances i
where i.status in ('disconnected', 'connecting') and not i.manual_disconnect
  -- As `has_open_repair`: of thousands, each by its key.
  and (select true from public.ghost_repairs r
    where r.instance_id = i.id and r.closed_at is null and r.hearing is null) is null;

-- Those with attempts left in this disconnection: the scheduler reconnects them by itself.
create or replace view ghost_repair.reconnectable as
select l.* from ghost_repair.left_to_reconnect l
where not ghost_repair.is_paused()
  and l.attempts < (select s.reconnect_attempts from ghost_repair.settings s);

-- Those of them that are due and whose gateway is known, each to one caller, oldest first.
-- `p_tick_started` as in `lease_due_repairs`.
create or replace function public.lease_due_reconnects(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default null
) returns table (
  instance_id uuid, token uuid, connection_epoch bigint, instance_name text, api_url text,
  api_key text, tick_started timestamptz
)
language sql security definer set search_path = '' as $$
  with due as (
    select d.id, d.connection_epoch, d.instance_name, d.disconnected_since
    from ghost_repair.reconnectable d
    where d.due_at <= ghost_repair.now()
      -- Of thousands, here and below: each by its key. As `is_leased`.
      and (select true from private.instance_credentials k where k.instance_id = d.id)
      and (select true from ghost_repair.leases l
        where l.kind = 'reconnect' and l.subject = d.id and (l.expires_at > ghost_repair.now()
          or l.leased_at >= coalesce(p_tick_started, ghost_repair.now()))) is null
    order by d.disconnected_since nulls first
    limit p_limit
    for no key update skip locked
  ), leased as (
    select d.*, ghost_repair.take_lease('reconnect', d.id,
      make_interval(secs => p_lease_seconds), p_tick_started) as token
    from due d
  )
  select l.id, l.token, l.connection_epoch, l.instance_name, k.api_url, k.api_key,
    coalesce(p_tick_started, ghost_repair.now())
  from leased l
  join private.instance_credentials k on k.instance_id = l.id
  where l.token is not null
  order by l.disconnected_since nulls first
$$;

-- Called right before `/instance/connect`: counts the attempt first, so that a crash in the middle
-- is an attempt too. Read again under the row's lock: the user may have disconnected by hand, or the
-- session may have come back, since the lease. False: do not connect.
create or replace function public.begin_reconnect_attempt(p_instance_id uuid, p_token uuid)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_most int := (select s.reconnect_attempts from ghost_repair.settings s);
  v_attempt int;
begin
  perform ghost_repair.lock_session(p_instance_id);
  if not ghost_repair.holds_lease('reconnect', p_instance_id, p_token)
    or not exists (select from ghost_repair.reconnectable d where d.id = p_instance_id) then
    return false;
  end if;
  update public.whatsapp_instances set
    reconnect_attempts_count = reconnect_attempts_count + 1,
    last_reconnect_attempt_at = ghost_repair.now()
  where id = p_instance_id
  returning reconnect_attempts_count into v_attempt;
  if v_attempt >= v_most then
    update ghost_repair.leases l set gives_up_at = l.expires_at
    where l.kind = 'reconnect' and l.subject = p_instance_id;
  end if;
  return true;
end $$;

-- The one way to `connected`: from the registry, a connect, the watch, or the webhook. What a person
-- disconnected does not come back by it: the session lives against a person's wish, and its logout
-- is owed.
create or replace function ghost_repair.mark_connected(p_instance_id uuid, p_detail jsonb)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.end_trouble(p_instance_id);
  if (ghost_repair.read_session(p_instance_id)).manual_disconnect then
    perform ghost_repair.owe_logout(p_instance_id, p_detail);
    return;
  end if;
  perform ghost_repair.end_owed_logout(p_instance_id);
  perform ghost_repair.write_connected(p_instance_id);
  delete from private.instance_qr_codes where instance_id = p_instance_id;
  perform ghost_repair.add_event(p_instance_id, 'connected', p_detail);
end $$;

-- A QR waits for the phone. `p_qr` {code, base64, pairing_code}. A number that a person disconnected
-- waits for nobody.
create or replace function ghost_repair.mark_awaiting_qr(
  p_instance_id uuid, p_qr jsonb, p_detail jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if (ghost_repair.read_session(p_instance_id)).manual_disconnect then
    return;
  end if;
  perform ghost_repair.end_trouble(p_instance_id);
  insert into private.instance_qr_codes as q
    (instance_id, code, base64, pairing_code, created_at, expires_at)
  values (p_instance_id, p_qr ->> 'code', p_qr ->> 'base64', p_qr ->> 'pairing_code',
    ghost_repair.now(),
    ghost_repair.now() + (select s.qr_time from ghost_repair.settings s))
  on conflict (instance_id) do update set
    code = excluded.code, base64 = excluded.base64, pairing_code = excluded.pairing_code,
    created_at = excluded.created_at,
    connect_called = q.connect_called and q.code is not distinct from excluded.code,
    expires_at = case when q.code = excluded.code
      then greatest(q.expires_at,
        ghost_repair.now() + (select s.qr_repeat_time from ghost_repair.settings s))
      else excluded.expires_at end;
  update public.whatsapp_instances set
    status = 'awaiting_qr', disconnected_since = coalesce(disconnected_since, ghost_repair.now())
  where id = p_instance_id and status <> 'awaiting_qr';
  if found then
    perform ghost_repair.add_event(p_instance_id, 'qr_required', p_detail);
  end if;
end $$;

-- The QR that may be scanned now. It is for those who may pair a phone, nobody else.
create or replace function ghost_repair.fresh_qr_code(p_instance_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select jsonb_build_object('code', q.code, 'base64', q.base64, 'pairingCode', q.pairing_code,
      'expiresAt', q.expires_at)
    from private.instance_qr_codes q
    join public.whatsapp_instances i on i.id = q.instance_id and i.status = 'awaiting_qr'
    where q.instance_id = p_instance_id and q.expires_at > ghost_repair.now());
end $$;

-- The same finding again is one event in ten minutes, not one a tick: an outage would fill the
-- timeline. Attempts are always written.
create or replace function ghost_repair.add_reconnect_event(
  p_instance_id uuid, p_kind text, p_detail jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_last constant public.instance_events := ghost_repair.recent_event(p_instance_id, p_kind);
begin
  if v_last.detail ->> 'outcome' = p_detail ->> 'outcome'
    and p_detail ->> 'outcome' not in ('refused', 'no_qr_yet') then
    return;
  end if;
  perform ghost_repair.add_event(p_instance_id, p_kind, p_detail);
end $$;

-- This disconnection has no attempt left.
create or replace function ghost_repair.tell_attempts_exhausted(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  select ghost_repair.add_event(p_instance_id, 'needs_operator',
    '{"reason": "reconnect_attempts_exhausted"}')
$$;

-- What a leased connect found out; ends the lease. It is written only while the lease holds, nobody
-- disconnected by hand, no repair has begun and (`p_epoch`: as of the lease) nobody reported the
-- session open meanwhile: what was found is then older than what the row says. `p_source`: tick |
-- user | scan; a tick's finding is late where a QR is waiting already, and the code that follows a scan
-- is the one that was scanned.
--
-- p_outcome  {result: registry_open | open}    connected
--            {result: qr, qr: {…}}             awaiting_qr
--            {result: no_qr_yet}               connecting
--            {result: refused}                 stays; the attempt was counted
--            {result: not_found}               event not_found
--            {result: unknown, outcome: …}     nothing but the event: unknown is not disconnected.
--                                              Both reach a person where they stay so (`troubles`)
--            Other keys go into the event.
-- Returns    {recorded, status, qr}: whether it was written, and how the number is afterwards; null
--            where it is gone. A tick, which shows it to nobody, gets no `qr`
create or replace function public.record_connect(
  p_instance_id uuid, p_token uuid, p_source text, p_outcome jsonb, p_epoch bigint default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_result text := p_outcome ->> 'result';
  v_detail jsonb := jsonb_build_object('outcome', v_result)
    || case when p_source <> 'tick' then jsonb_build_object('source', p_source) else '{}' end
    || (p_outcome - 'qr' - 'result');
  v_held constant boolean := ghost_repair.end_lease('reconnect', p_instance_id, p_token,
    case when p_source = 'user' and v_result not in ('registry_open', 'open', 'qr')
      then (
        select l.leased_at + s.connect_pause from ghost_repair.leases l, ghost_repair.settings s
        where l.kind = 'reconnect' and l.subject = p_instance_id) end);
  v_recorded boolean;
  v_last boolean;
begin
  v_recorded := v_held and v_session.connection_epoch = coalesce(p_epoch, v_session.connection_epoch)
    and v_session.status <> 'connected' and not v_session.manual_disconnect
    and (p_source <> 'tick' or v_session.status <> 'awaiting_qr')
    and not ghost_repair.has_open_repair(p_instance_id);
  if v_recorded then
    update ghost_repair.leases l set gives_up_at = null
    where l.kind = 'reconnect' and l.subject = p_instance_id and l.gives_up_at is not null;
    v_last := found and exists (
      select from public.whatsapp_instances i, ghost_repair.settings s
      where i.id = p_instance_id and i.reconnect_attempts_count >= s.reconnect_attempts);
    case
      when v_result in ('registry_open', 'open') then
        perform ghost_repair.mark_connected(p_instance_id, v_detail);
      when v_result = 'qr' and p_source <> 'scan' then
        perform ghost_repair.mark_awaiting_qr(p_instance_id, p_outcome -> 'qr', v_detail);
      else
        if v_result = 'no_qr_yet' then
          update public.whatsapp_instances set status = 'connecting'
          where id = p_instance_id and status = 'disconnected';
        end if;
        perform ghost_repair.add_reconnect_event(p_instance_id,
          case when v_result = 'not_found' then v_result else 'reconnect' end, v_detail);
        if v_result in ('not_found', 'unknown') then
          perform ghost_repair.note_trouble(p_instance_id,
            ghost_repair.trouble_reason(v_detail ->> 'outcome'));
        else
          perform ghost_repair.end_trouble(p_instance_id);
        end if;
        -- Whatever the last one came to, also no answer.
        if v_last then
          perform ghost_repair.tell_attempts_exhausted(p_instance_id);
        end if;
    end case;
  end if;
  return (
    select jsonb_build_object('recorded', v_recorded, 'status', i.status,
      'qr', case when p_source <> 'tick' then ghost_repair.fresh_qr_code(p_instance_id) end)
    from public.whatsapp_instances i where i.id = p_instance_id);
end $$;

-- A function that died in the last attempt, or came back after its lease was over, left a number
-- that is never due again: a person is told all the same. An open repair tells for itself; the
-- number's turn comes when it is closed. Who has the row locked may be bringing the number back: the
-- next minute knows. Returns how many were told of.
create or replace function ghost_repair.report_lost_attempts() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_session ghost_repair.session;
  v_told bigint := 0;
begin
  for v_id in
    select l.subject from ghost_repair.leases l
    where l.kind = 'reconnect' and l.gives_up_at <= ghost_repair.now()
      and not ghost_repair.has_open_repair(l.subject)
    order by l.gives_up_at
  loop
    v_session := ghost_repair.lock_session(v_id, true);
    continue when v_session.instance_id is null or ghost_repair.has_open_repair(v_id);
    update ghost_repair.leases l set gives_up_at = null
    where l.kind = 'reconnect' and l.subject = v_id and l.gives_up_at <= ghost_repair.now();
    if found and exists (
      select from ghost_repair.left_to_reconnect l, ghost_repair.settings s
      where l.id = v_id and l.attempts >= s.reconnect_attempts) then
      perform ghost_repair.tell_attempts_exhausted(v_id);
      v_told := v_told + 1;
    end if;
  end loop;
  return v_told;
end $$;

revoke all on function public.lease_due_reconnects(int, timestamptz, int),
  public.begin_reconnect_attempt(uuid, uuid),
  public.record_connect(uuid, uuid, text, jsonb, bigint)
  from public, anon, authenticated;
grant execute on function public.lease_due_reconnects(int, timestamptz, int),
  public.begin_reconnect_attempt(uuid, uuid),
  public.record_connect(uuid, uuid, text, jsonb, bigint)
  to service_role;
