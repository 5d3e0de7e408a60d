-- What the gateway reports. Events come twice, late and out of order: each function says what the
-- newest one means and leaves everything alone for the rest.

-- What this instance's webhooks must be signed with: two rows during a rotation. No row: no such
-- instance. A reader may remember them, and shows `key_id` with what it verified by them.
create or replace function public.webhook_keys(p_instance_id uuid)
returns table (webhook_secret text, webhook_token text, key_id text)
language sql stable security definer set search_path = '' as $$
  select v.secret, v.token, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    pg_catalog.concat_ws(E'\n', v.secret, v.token), 'UTF8')), 'hex')
  from private.instance_credentials k
  cross join lateral (values
    (k.webhook_secret, k.webhook_token, true),
    (k.previous_webhook_secret, k.previous_webhook_token,
      k.previous_valid_until > ghost_repair.now())) v (secret, token, valid)
  where k.instance_id = p_instance_id and v.valid
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

alter table ghost_repair.settings
  -- A webhook is tried again for 20 minutes: so long the same report is known again.
  add column if not exists retry_horizon interval not null default interval '25 minutes',
  -- Reports remembered for each number: two sockets that fight send fifty a minute.
  add column if not exists reports_kept int not null default 500,
  -- The registry is read by the function that took the report; so long it may take until another
  -- one does, and until the scheduler has to look.
  add column if not exists look_time interval not null default interval '20 seconds',
  add column if not exists look_patience interval not null default interval '2 minutes',
  -- Later than this after it was signed a webhook is a retry: the receiver was away before.
  add column if not exists late_after interval not null default interval '1 minute',
  -- So many messages refused by WhatsApp within so long are told, once.
  add column if not exists rejections_told int not null default 3,
  add column if not exists rejections_within interval not null default interval '10 minutes';

-- By the signature of the newest report that was believed: when it was tried first, in real time.
alter table public.whatsapp_instances
  add column if not exists last_connection_signed_at timestamptz;

-- The connection reports of the last 25 minutes, by what their bodies are.
create table if not exists ghost_repair.connection_reports (
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  digest text not null,
  arrived_at timestamptz not null default ghost_repair.now(),
  primary key (instance_id, digest)
);
create index if not exists connection_reports_age on ghost_repair.connection_reports (arrived_at);
alter table ghost_repair.connection_reports enable row level security;

-- Numbers of which two reports contradict each other: the registry has to be read.
create table if not exists ghost_repair.connection_doubts (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  token uuid not null default gen_random_uuid(),
  -- Whether the report that is doubted was signed after all that were believed.
  is_newest boolean not null,
  connection_epoch bigint not null,
  doubted_at timestamptz not null default ghost_repair.now(),
  look_at timestamptz not null default ghost_repair.now()
);
alter table ghost_repair.connection_doubts enable row level security;

-- A webhook came later than it was tried first: those before and after it may have been given up. For
-- the number alone; where all of the gateway's were late, each says so itself.
create or replace function ghost_repair.note_late_webhook(p_instance_id uuid, p_signed_at timestamptz)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  if (ghost_repair.lock_session(p_instance_id, true)).instance_id is not null then
    perform ghost_repair.add_gap(p_instance_id, 'late_webhooks',
      greatest(p_signed_at, ghost_repair.now() - (select s.retry_horizon from ghost_repair.settings s)),
      ghost_repair.now());
  end if;
end $$;

-- A webhook of the number's own gateway could not be understood, or a message in it, and does not come
-- again: the gateway may have it in a shape that can be, or it is counted.
create or replace function ghost_repair.note_refused_webhook(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.webhook_delivered(p_instance_id);
  if (ghost_repair.lock_session(p_instance_id, true)).instance_id is not null then
    perform ghost_repair.add_gap(
      p_instance_id, 'refused_webhook', ghost_repair.now(), ghost_repair.now());
  end if;
end $$;

-- A number's webhook was set anew: {by, added, removed}.
create or replace function public.note_webhook_updated(p_instance_id uuid, p_detail jsonb)
returns void
language sql security definer set search_path = '' as $$
  select ghost_repair.add_event(p_instance_id, 'webhook_updated', p_detail);
  select ghost_repair.hasten_check(p_instance_id)
$$;

-- Whether a report came late: something newer was believed. Null: its two clocks contradict each
-- other. The signature's is real time, but there is none from gateways that cannot sign; the event's
-- own (`p_at`) is the gateway's local time, called UTC, which moves with zones and daylight saving.
-- No retry is older than the horizon: what seems so was stamped in another zone.
create or replace function ghost_repair.is_report_late(
  p_instance public.whatsapp_instances, p_at timestamptz, p_signed_at timestamptz
) returns boolean
language sql stable security definer set search_path = '' as $$
  select case
    when p_signed_at < p_instance.last_connection_signed_at then true
    when p_instance.last_connection_event_at is null
      or p_at >= p_instance.last_connection_event_at then false
    when p_signed_at > p_instance.last_connection_signed_at then null
    when p_at < p_instance.last_connection_event_at
      - (select s.retry_horizon from ghost_repair.settings s) then null
    else true end
$$;

-- Whether the number's row says already what a report says: then nothing hangs on which of the two
-- is newer.
create or replace function ghost_repair.agrees_with_report(
  p_instance public.whatsapp_instances, p_event text
) returns boolean
language sql stable security definer set search_path = '' as $$
  select case p_event
    when 'connection.update:open' then
      p_instance.status = 'connected' and not ghost_repair.has_open_repair(p_instance.id)
    when 'qrcode.updated' then p_instance.status = 'awaiting_qr'
    else p_instance.status not in ('connected', 'connecting') end
$$;

-- Whether a report is believed. Reports count in the order of their arrival; one that comes a second
-- time is known by its digest; where one that may be late contradicts what the row says, neither is
-- believed and the registry is read. Locks the number.
--
-- p_order  {digest, signed_at, look: {token, registry}}: `look` where the registry was read for it,
--          which says open | close | connecting, or null where nobody knows
-- Returns: believed | ignored | doubted
create or replace function ghost_repair.judge_report(
  p_instance_id uuid, p_event text, p_at timestamptz, p_order jsonb
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_signed_at timestamptz := (p_order ->> 'signed_at')::timestamptz;
  v_late boolean;
begin
  select i.* into v_instance from public.whatsapp_instances i
  where i.id = p_instance_id and i.deleted_at is null for no key update;
  if not found then
    return 'ignored';
  end if;
  if p_order -> 'look' is not null then
    if not ghost_repair.is_report_confirmed(v_instance, p_event, p_order -> 'look') then
      return 'ignored';
    end if;
  else
    perform ghost_repair.webhook_delivered(p_instance_id);
    delete from ghost_repair.connection_reports r
    where r.instance_id = p_instance_id
      and r.arrived_at <= ghost_repair.now() - v_settings.retry_horizon;
    insert into ghost_repair.connection_reports (instance_id, digest)
    values (p_instance_id, coalesce(p_order ->> 'digest', p_event || ' ' || p_at))
    on conflict do nothing;
    if not found then
      return 'ignored';
    end if;
    delete from ghost_repair.connection_reports r using (
      select k.digest from ghost_repair.connection_reports k
      where k.instance_id = p_instance_id
      order by k.arrived_at desc offset v_settings.reports_kept) old
    where r.instance_id = p_instance_id and r.digest = old.digest;

    v_late := ghost_repair.is_report_late(v_instance, p_at, v_signed_at);
    if v_late is not false and not ghost_repair.agrees_with_report(v_instance, p_event) then
      insert into ghost_repair.connection_doubts as d (instance_id, is_newest, connection_epoch)
      values (p_instance_id, v_late is null, v_instance.connection_epoch)
      on conflict (instance_id) do update set
        token = excluded.token, is_newest = excluded.is_newest,
        connection_epoch = excluded.connection_epoch, look_at = excluded.look_at
        -- Whoever is looking looks for this one as well.
        where d.look_at <= ghost_repair.now() or d.connection_epoch <> excluded.connection_epoch;
      return 'doubted';
    elsif v_late then
      return 'ignored';
    end if;
  end if;
  delete from ghost_repair.connection_doubts d where d.instance_id = p_instance_id;
  update public.whatsapp_instances i set
    last_connection_event = p_event, last_connection_event_at = p_at,
    last_connection_signed_at = greatest(v_signed_at, i.last_connection_signed_at),
    last_webhook_event = p_event, last_webhook_at = ghost_repair.now()
  where i.id = p_instance_id;
  return 'believed';
end $$;

-- Whether the registry, read for a report that was doubted, says the same. Only while nothing newer
-- was believed and nobody said since that the session is open. Where the registry cannot be read, a
-- report that was signed after all others stands, and any other leaves its doubt to the next one
-- who looks.
create or replace function ghost_repair.is_report_confirmed(
  p_instance public.whatsapp_instances, p_event text, p_look jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_doubt ghost_repair.connection_doubts;
begin
  select d.* into v_doubt from ghost_repair.connection_doubts d
  where d.instance_id = p_instance.id and d.token = (p_look ->> 'token')::uuid;
  if not found or v_doubt.connection_epoch <> p_instance.connection_epoch then
    return false;
  elsif p_look ->> 'registry' is null then
    return v_doubt.is_newest;
  end if;
  delete from ghost_repair.connection_doubts d where d.instance_id = p_instance.id;
  return case p_event
    when 'connection.update:open' then p_look ->> 'registry' = 'open'
    when 'connection.update:close' then p_look ->> 'registry' = 'close'
    else p_look ->> 'registry' <> 'open' end;
end $$;

-- A number's doubt, and where its registry is: for one caller at a time. No row: nothing to look at.
create or replace function public.begin_registry_look(p_instance_id uuid)
returns table (token uuid, instance_name text, api_url text, api_key text)
language sql security definer set search_path = '' as $$
  with begun as (
    update ghost_repair.connection_doubts d set
      look_at = ghost_repair.now() + (select s.look_time from ghost_repair.settings s)
    where d.instance_id = p_instance_id and d.look_at <= ghost_repair.now()
    returning d.token
  )
  select b.token, a.instance_name, a.api_url, a.api_key
  from begun b, ghost_repair.read_address(p_instance_id) a where a.api_url is not null
$$;

-- Doubts that nobody could settle: the gateway did not answer, or whoever looked is gone. A number
-- that says connected is `connecting` from now on, which the reconnection looks at every minute;
-- every other state is looked at anyway. Returns how many.
create or replace function ghost_repair.settle_lost_doubts() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_id uuid;
  v_session ghost_repair.session;
  v_settled bigint := 0;
begin
  for v_id in
    select d.instance_id from ghost_repair.connection_doubts d
    where d.doubted_at <= ghost_repair.now() - v_settings.look_patience
    limit v_settings.sweep_batch
  loop
    v_session := ghost_repair.lock_session(v_id, true);
    continue when v_session.instance_id is null;
    delete from ghost_repair.connection_doubts d
    where d.instance_id = v_id and d.connection_epoch = v_session.connection_epoch;
    if found then
      update public.whatsapp_instances i set
        status = 'connecting', disconnected_since = ghost_repair.now()
      where i.id = v_id and i.status = 'connected' and not i.manual_disconnect;
      v_settled := v_settled + 1;
    else
      delete from ghost_repair.connection_doubts d where d.instance_id = v_id;
    end if;
  end loop;
  with old as (
    select k.instance_id, k.digest from ghost_repair.connection_reports k
    where k.arrived_at <= ghost_repair.now() - v_settings.retry_horizon
    limit v_settings.sweep_batch for update skip locked
  )
  delete from ghost_repair.connection_reports r using old
  where r.instance_id = old.instance_id and r.digest = old.digest;
  return v_settled;
end $$;

-- `connection.update`, `logout.instance` and `status.instance`.
--
-- p_state  open | close | connecting | refused
-- p_at     the gateway's own time of it
-- p_order  see `judge_report`
-- Returns: applied | ignored | doubted
create or replace function public.apply_connection_event(
  p_instance_id uuid, p_state text, p_at timestamptz,
  p_reason int default null, p_own_number text default null, p_order jsonb default null
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_verdict text;
begin
  -- `connecting` alone says nothing about whether the session lives, and a live loop says it five
  -- times a second: only an open repair counts them.
  if p_state not in ('open', 'close', 'refused') then
    perform ghost_repair.webhook_delivered(p_instance_id);
    return case when ghost_repair.note_connecting(p_instance_id) then 'applied' else 'ignored' end;
  end if;
  v_verdict := ghost_repair.judge_report(
    p_instance_id, 'connection.update:' || p_state, p_at, p_order);
  if v_verdict <> 'believed' then
    return v_verdict;
  end if;
  select i.* into v_instance from public.whatsapp_instances i where i.id = p_instance_id;
  if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) then
    return 'applied';
  end if;
  case p_state
    when 'open' then
      update public.whatsapp_instances set phone_number = coalesce(p_own_number, phone_number)
      where id = p_instance_id;
      -- Of one that says connected it proves no more than that moment: a socket that is half open again
      -- after every opening reports one a minute, and would never be probed.
      if v_instance.status <> 'connected' then
        perform ghost_repair.note_alive(p_instance_id, (p_order ->> 'signed_at')::timestamptz);
      else
        -- It was away and nobody said so: a process that was restarted forgets the webhooks it owes.
        perform ghost_repair.add_gap(p_instance_id, 'reopened', (
          select h.last_heard_at from ghost_repair.hearing h where h.instance_id = p_instance_id),
          ghost_repair.now());
        perform ghost_repair.doubt_version(p_instance_id);
      end if;
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
      where id = p_instance_id and not manual_disconnect;
      if found then
        perform ghost_repair.add_event(p_instance_id, 'qr_required',
          jsonb_strip_nulls(jsonb_build_object('qr_limit', true, 'reason', p_reason)));
      end if;
  end case;
  return 'applied';
end $$;

-- `qrcode.updated`: a fresh QR is the proof that the device must be paired again.
create or replace function public.apply_qr_code(
  p_instance_id uuid, p_qr jsonb, p_at timestamptz, p_order jsonb default null
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_verdict text;
begin
  v_verdict := ghost_repair.judge_report(p_instance_id, 'qrcode.updated', p_at, p_order);
  if v_verdict <> 'believed' then
    return v_verdict;
  end if;
  if not ghost_repair.doubts_qr_code(p_instance_id) then
    perform ghost_repair.mark_awaiting_qr(p_instance_id, p_qr, '{"source": "webhook"}');
  end if;
  return 'applied';
end $$;

-- WhatsApp refused a message. Several in a short time, on a number whose session lives, are told once
-- in that time, with their count: that is no ghost. The number is locked before the message.
create or replace function ghost_repair.tell_sends_rejected(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_since timestamptz := ghost_repair.now() - v_settings.rejections_within;
  v_rejected int;
begin
  if (ghost_repair.read_session(p_instance_id)).status <> 'connected'
    or ghost_repair.has_open_repair(p_instance_id)
    or exists (
      select from public.instance_events e
      where e.instance_id = p_instance_id and e.kind = 'sends_rejected' and e.created_at > v_since)
  then
    return;
  end if;
  select count(*) into v_rejected from public.messages m
  where m.whatsapp_instance_id = p_instance_id and m.status = 'failed' and m.failed_at > v_since
    and m.error_code = 'rejected_by_whatsapp';
  if v_rejected >= v_settings.rejections_told then
    perform ghost_repair.add_event(
      p_instance_id, 'sends_rejected', jsonb_build_object('messages', v_rejected));
  end if;
end $$;

-- Where canaries join in: whether what came is a canary of ours, which is no message of anybody's.
-- `p_what`: message, recovered, or how far one that was sent got (with `p_message`: `send.message`).
-- Not `or replace`: applied again, this file leaves a part that is installed in its place.
do $hook$ begin
  create function ghost_repair.meet_canary(
    p_instance_id uuid, p_whatsapp_message_id text, p_what text, p_message jsonb
  ) returns boolean
  language sql security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- How far one of ours got: sent → delivered → read, never backwards; or `failed`, where WhatsApp refused
-- what it had not delivered. One that came before the answer to its send is kept for it; where that
-- answer is lost, `send.message` tells which message was sent (`p_message`). Where it `failed`, its
-- caller holds the number's row. Returns: applied | kept | ignored
create or replace function ghost_repair.acknowledge_message(
  p_instance_id uuid, p_whatsapp_message_id text, p_status text, p_message jsonb default null
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_rank constant jsonb :=
    '{"sending": 0, "failed": 0, "sent": 1, "rejected": 2, "delivered": 3, "read": 4}';
  v_said int := (v_rank ->> case p_status when 'failed' then 'rejected' else p_status end)::int;
  v_message public.messages;
  v_report private.early_acknowledgements;
  v_unanswered uuid;
begin
  if ghost_repair.meet_canary(p_instance_id, p_whatsapp_message_id, p_status, p_message) then
    return 'applied';
  end if;
  perform ghost_repair.lock_whatsapp_message(p_instance_id, p_whatsapp_message_id);
  select m.* into v_message from public.messages m
  where m.whatsapp_instance_id = p_instance_id
    and m.whatsapp_message_id = p_whatsapp_message_id
  for update;
  if not found then
    insert into private.early_acknowledgements as a (
      instance_id, whatsapp_message_id, status, remote_jid, hidden_jid, content_digest)
    select i.id, p_whatsapp_message_id, p_status, p_message ->> 'remote_jid',
      p_message ->> 'hidden_jid', case when p_message is not null then
        ghost_repair.digest_content(
          p_message ->> 'type', p_message ->> 'content', p_message ->> 'caption') end
    from public.whatsapp_instances i where i.id = p_instance_id for key share
    on conflict (instance_id, whatsapp_message_id) do update set
      status = case when v_said
          > (v_rank ->> case a.status when 'failed' then 'rejected' else a.status end)::int
        then excluded.status else a.status end,
      remote_jid = coalesce(a.remote_jid, excluded.remote_jid),
      hidden_jid = coalesce(a.hidden_jid, excluded.hidden_jid),
      content_digest = coalesce(a.content_digest, excluded.content_digest)
    returning a.* into v_report;
    -- Where its sender is gone no answer will take this up. Where it may live, its answer does.
    v_unanswered := ghost_repair.reported_message(v_report);
    if exists (select from ghost_repair.unanswered_messages u where u.id = v_unanswered)
      and public.finish_message(v_unanswered, jsonb_build_object(
        'status', 'sent', 'whatsapp_message_id', p_whatsapp_message_id)) then
      return 'applied';
    end if;
    return 'kept';
  end if;
  if not v_message.is_from_me
    or v_said <= (v_rank ->> case v_message.error_code when 'rejected_by_whatsapp' then 'rejected'
      else v_message.status end)::int then
    return 'ignored';
  end if;
  if p_status = 'failed' then
    update public.messages set
      status = 'failed', sent_at = coalesce(sent_at, ghost_repair.now()),
      failed_at = ghost_repair.now(), error_code = 'rejected_by_whatsapp', error_message = null,
      may_have_left = false
    where id = v_message.id;
    perform ghost_repair.tell_sends_rejected(p_instance_id);
    return 'applied';
  end if;
  update public.messages set
    status = p_status,
    sent_at = coalesce(sent_at, ghost_repair.now()),
    delivered_at = case when p_status in ('delivered', 'read')
      then coalesce(delivered_at, ghost_repair.now()) else delivered_at end,
    read_at = case when p_status = 'read' then coalesce(read_at, ghost_repair.now()) else read_at end,
    failed_at = null, error_code = null, error_message = null, may_have_left = false
  where id = v_message.id;
  return 'applied';
end $$;

-- `messages.update` and `send.message`; see `acknowledge_message`.
--
-- p_message    {remote_jid, hidden_jid, type, content, caption} of a `send.message`
-- p_signed_at  when its webhook was tried first: so long the session is known to live
-- p_heard_at   when WhatsApp handed it over; null where nobody knows, and of what we sent ourselves
create or replace function ghost_repair.apply_acknowledgement(
  p_instance_id uuid, p_whatsapp_message_id text, p_status text, p_message jsonb default null,
  p_signed_at timestamptz default null, p_heard_at timestamptz default null
) returns text
language plpgsql security definer set search_path = '' as $$
begin
  if p_status = 'failed' then
    perform ghost_repair.lock_session(p_instance_id);
  else
    perform ghost_repair.note_alive(p_instance_id, p_signed_at);
  end if;
  perform ghost_repair.webhook_delivered(p_instance_id);
  if p_heard_at is not null then
    perform ghost_repair.note_heard(p_instance_id, p_heard_at);
  end if;
  return ghost_repair.acknowledge_message(
    p_instance_id, p_whatsapp_message_id, p_status, p_message);
end $$;

-- Whether a message that the gateway has may be one of ours whose answer was lost: it has no WhatsApp id
-- yet, and the same words at about the same time in the same conversation.
create or replace function ghost_repair.may_be_our_send(
  p_conversation_id uuid, p_message jsonb
) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.messages m, ghost_repair.settings s
    where m.conversation_id = p_conversation_id and m.is_from_me and m.whatsapp_message_id is null
      and m.created_at between (p_message ->> 'sent_at')::timestamptz - s.recover_own_within
        and (p_message ->> 'sent_at')::timestamptz + s.recover_margin
      and m.message_type = p_message ->> 'type'
      and coalesce(m.content, m.caption, '')
        = coalesce(p_message ->> 'content', p_message ->> 'caption', ''))
$$;

-- The one way in for a message of WhatsApp's, whichever way it came: it is stored once. Its caller holds
-- the number's row.
--
-- p_message    as in `apply_message`; and `status`, how far one of ours got, and `edited`
-- p_recovered  it came later than it was written: it takes its place, raises nothing that is newer,
--              proves nothing about hearing, and what was deleted here stays deleted
create or replace function ghost_repair.store_message(
  p_instance public.whatsapp_instances, p_message jsonb, p_recovered boolean default false
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation_id uuid;
  v_from_me constant boolean := (p_message ->> 'from_me')::boolean;
  v_whatsapp_id constant text := p_message ->> 'whatsapp_message_id';
  v_sent_at constant timestamptz := (p_message ->> 'sent_at')::timestamptz;
  v_early text;
begin
  if ghost_repair.meet_canary(p_instance.id, v_whatsapp_id,
    case when p_recovered then 'recovered' else 'message' end, p_message) then
    return false;
  end if;
  perform ghost_repair.lock_whatsapp_message(p_instance.id, v_whatsapp_id);
  if p_recovered and (
    exists (
      select from public.messages m
      where m.whatsapp_instance_id = p_instance.id and m.whatsapp_message_id = v_whatsapp_id)
    or ghost_repair.was_deleted_here(p_instance.id, p_message)
    or (v_from_me and ghost_repair.may_be_our_send(ghost_repair.find_conversation(
      p_instance.id, p_message ->> 'remote_jid', p_message ->> 'hidden_jid'), p_message)))
  then
    return false;
  end if;
  v_conversation_id := ghost_repair.begin_conversation(
    p_instance.id, p_message ->> 'remote_jid', p_message ->> 'hidden_jid');
  update public.conversations c set
    contact_name = coalesce(c.contact_name,
      case when not v_from_me then p_message ->> 'contact_name' end)
  where c.id = v_conversation_id;

  insert into public.messages (
    organization_id, conversation_id, whatsapp_instance_id, whatsapp_message_id, is_from_me,
    message_type, content, media_url, media_mime_type, file_name, caption, status, sent_at,
    created_at, recovered_at, edited_at)
  values (p_instance.organization_id, v_conversation_id, p_instance.id,
    v_whatsapp_id, v_from_me, p_message ->> 'type', p_message ->> 'content',
    p_message ->> 'media_url', p_message ->> 'media_mime_type', p_message ->> 'file_name',
    p_message ->> 'caption', case when v_from_me then 'sent' else 'received' end, v_sent_at,
    case when p_recovered then least(v_sent_at, ghost_repair.now()) else ghost_repair.now() end,
    case when p_recovered then ghost_repair.now() end,
    case when (p_message ->> 'edited')::boolean then v_sent_at end)
  on conflict (whatsapp_instance_id, whatsapp_message_id) where whatsapp_message_id is not null
    do nothing;
  if not found then
    return false;
  end if;
  update public.conversations c set last_message_at = case when p_recovered
      then greatest(c.last_message_at, least(v_sent_at, ghost_repair.now()))
      else ghost_repair.now() end
  where c.id = v_conversation_id;
  if v_from_me then
    -- The acknowledgement may have been faster.
    delete from private.early_acknowledgements a
    where a.instance_id = p_instance.id and a.whatsapp_message_id = v_whatsapp_id
    returning a.status into v_early;
    if found then
      perform ghost_repair.acknowledge_message(p_instance.id, v_whatsapp_id, v_early);
    end if;
    if p_message ->> 'status' is not null then
      perform ghost_repair.acknowledge_message(
        p_instance.id, v_whatsapp_id, p_message ->> 'status');
    end if;
  end if;
  return true;
end $$;

-- `messages.upsert` and `send.message`: a message that came in, or that was sent from the phone.
-- p_message  {whatsapp_message_id, remote_jid, hidden_jid, from_me, type, content, media_url,
--             media_mime_type, file_name, caption, sent_at, contact_name}
-- Returns: stored | ignored
create or replace function ghost_repair.apply_message(p_instance_id uuid, p_message jsonb) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
begin
  select i.* into v_instance from public.whatsapp_instances i
  where i.id = p_instance_id and i.deleted_at is null for no key update;
  if not found then
    return 'ignored';
  end if;
  perform ghost_repair.webhook_delivered(p_instance_id);
  perform ghost_repair.note_heard(p_instance_id, (p_message ->> 'sent_at')::timestamptz);
  if not ghost_repair.store_message(v_instance, p_message) then
    return 'ignored';
  end if;
  if not (p_message ->> 'from_me')::boolean then
    update public.whatsapp_instances set
      last_received_at = ghost_repair.now(), last_webhook_event = 'messages.upsert', last_webhook_at = ghost_repair.now(),
      -- A webhook that was tried again for long says that it lived when the message was written.
      last_alive_at = greatest(last_alive_at,
        least(ghost_repair.now(), (p_message ->> 'sent_at')::timestamptz))
    where id = p_instance_id;
  end if;
  return 'stored';
end $$;

-- Where those join in who must know of a logout that somebody made at the gateway. `p_signed_at`: when it
-- was reported first; it may be tried again for long. Not `or replace`: as below.
do $hook$ begin
  create function ghost_repair.note_gateway_logout(p_instance_id uuid, p_signed_at timestamptz)
  returns text
  language plpgsql security definer set search_path = '' as $$
  begin
    perform ghost_repair.webhook_delivered(p_instance_id);
    return 'ignored';
  end $$;
exception when duplicate_function then null;
end $hook$;

-- The place where canaries join in: `presence.update`, by which a number's events are seen to move.
-- Not `or replace`: applied again, this file leaves such a part in its place.
do $hook$ begin
  create function ghost_repair.note_presence(p_instance_id uuid) returns text
  language plpgsql security definer set search_path = '' as $$
  begin
    perform ghost_repair.webhook_delivered(p_instance_id);
    return 'ignored';
  end $$;
exception when duplicate_function then null;
end $hook$;

-- One change of a webhook; see `apply_webhook`.
create or replace function ghost_repair.apply_change(
  p_instance_id uuid, p_change jsonb, p_delivery jsonb
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_signed_at constant timestamptz := (p_delivery ->> 'signed_at')::timestamptz;
begin
  case p_change ->> 'kind'
    when 'connection' then
      return public.apply_connection_event(p_instance_id, p_change ->> 'state',
        (p_change ->> 'at')::timestamptz, (p_change ->> 'reason')::int,
        p_change ->> 'own_number', p_delivery);
    when 'qr' then
      return public.apply_qr_code(
        p_instance_id, p_change -> 'qr', (p_change ->> 'at')::timestamptz, p_delivery);
    when 'presence' then
      return ghost_repair.note_presence(p_instance_id);
    when 'logout' then
      return ghost_repair.note_gateway_logout(
        p_instance_id, (p_delivery ->> 'signed_at')::timestamptz);
    when 'message' then
      return ghost_repair.apply_message(p_instance_id, p_change -> 'message');
    when 'acknowledgement' then
      return ghost_repair.apply_acknowledgement(p_instance_id,
        p_change ->> 'whatsapp_message_id', p_change ->> 'status',
        nullif(p_change -> 'message', 'null'), v_signed_at,
        -- A retry proves that the session lived when it was tried first.
        case when (p_change ->> 'heard')::boolean then v_signed_at end);
  end case;
end $$;

-- All that a webhook says, in one transaction and one round trip.
--
-- p_key       the `key_id` that it was verified by, which may have been remembered: one that is valid
--             no more writes nothing
-- p_changes   in order, each {kind, …}:
--             connection       state, reason, own_number, at
--             qr               qr: {code, base64, pairing_code}, at
--             presence
--             logout           asked for at the gateway, by whomever
--             message          message: see `apply_message`
--             acknowledgement  whatsapp_message_id, status, message, heard: see `apply_acknowledgement`
-- p_delivery  {digest, signed_at, refused}: of the body; when it was tried first, null where it was not
--             signed; how many items were left out because nobody can read them
-- Returns: {result, refused}: what matters most of doubted | stored | applied | kept | ignored; and the
-- SQLSTATEs of what the database can never take, which is left out where it is not the only one. Or
-- {result: "unknown_key"}.
create or replace function public.apply_webhook(
  p_instance_id uuid, p_key text, p_changes jsonb, p_delivery jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_count constant int := jsonb_array_length(p_changes);
  v_signed_at constant timestamptz := (p_delivery ->> 'signed_at')::timestamptz;
  v_is_late constant boolean := coalesce(v_signed_at
    < ghost_repair.now() - (select s.late_after from ghost_repair.settings s), false);
  v_unread constant boolean := coalesce((p_delivery ->> 'refused')::int, 0) > 0;
  v_change jsonb;
  v_came text[] := '{}';
  v_refused text[] := '{}';
begin
  if not exists (select from public.webhook_keys(p_instance_id) k where k.key_id = p_key) then
    return '{"result": "unknown_key"}';
  end if;
  -- What is noted after the changes needs the number's row, which is locked before any message.
  if v_count > 1 or v_unread or v_is_late then
    perform ghost_repair.lock_session(p_instance_id);
  end if;
  for v_change in select c.value from jsonb_array_elements(p_changes) with ordinality c order by c.ordinality
  loop
    if v_count = 1 then
      v_came := v_came || ghost_repair.apply_change(p_instance_id, v_change, p_delivery);
      continue;
    end if;
    begin
      v_came := v_came || ghost_repair.apply_change(p_instance_id, v_change, p_delivery);
    exception when data_exception or integrity_constraint_violation then
      v_refused := v_refused || sqlstate;
    end;
  end loop;
  if v_unread or cardinality(v_refused) > 0 then
    perform ghost_repair.note_refused_webhook(p_instance_id);
  elsif v_count = 0 then
    perform ghost_repair.webhook_delivered(p_instance_id);
  end if;
  if v_is_late then
    perform ghost_repair.note_late_webhook(p_instance_id, v_signed_at);
  end if;
  return jsonb_build_object(
    'result', coalesce((
      select r.name from unnest(array['doubted', 'stored', 'applied', 'kept', 'ignored'])
        with ordinality r (name, rank)
      where r.name = any (v_came) order by r.rank limit 1), 'ignored'),
    'refused', to_jsonb(v_refused));
end $$;

revoke all on function public.webhook_keys(uuid),
  public.rotate_webhook_secret(uuid, text, interval),
  public.note_webhook_updated(uuid, jsonb),
  public.begin_registry_look(uuid),
  public.apply_connection_event(uuid, text, timestamptz, int, text, jsonb),
  public.apply_qr_code(uuid, jsonb, timestamptz, jsonb),
  public.apply_webhook(uuid, text, jsonb, jsonb)
  from public, anon, authenticated;
grant execute on function public.webhook_keys(uuid),
  public.rotate_webhook_secret(uuid, text, interval),
  public.note_webhook_updated(uuid, jsonb),
  public.begin_registry_look(uuid),
  public.apply_connection_event(uuid, text, timestamptz, int, text, jsonb),
  public.apply_qr_code(uuid, jsonb, timestamptz, jsonb),
  public.apply_webhook(uuid, text, jsonb, jsonb)
  to service_role;
