-- A trouble, or a repair, that a person was told of ended, and nobody was told: where a connected
-- number's state does not change by it, no event says that it lives. The channel's last word stayed
-- "down", and the same trouble on another day was no news. What was told is remembered, and its end
-- says how the number is now.

alter table ghost_repair.settings
  -- Looks that come to nothing for one reason and another, none of which lasts, are told of as well.
  add column if not exists tell_any_after interval not null default interval '30 minutes';

alter table ghost_repair.troubles
  -- What a person was told of, until the gateway says how the number is; another reason may have
  -- followed since.
  add column if not exists told_reason text,
  -- When looks began to come to nothing, for whichever reason.
  add column if not exists begun_at timestamptz not null default ghost_repair.now(),
  -- Null: its gateway or its key is another one since, and nobody has asked it.
  alter column reason drop not null;
update ghost_repair.troubles t set told_reason = t.reason
where t.told_at is not null and t.told_reason is null;

-- What was left standing by those that ended before this part: the next one is news.
delete from ghost_repair.number_alerts n using public.whatsapp_instances i
where i.id = n.instance_id and i.status = 'connected' and n.kind = 'down'
  and (n.reason in ('not_found', 'instance_without_gateway') or n.reason like 'gateway\_%')
  and not exists (select from ghost_repair.troubles t where t.instance_id = n.instance_id)
  and not ghost_repair.has_open_repair(i.id);

-- A look came to nothing, for this reason. Told of once it has been so for long, or for one reason and
-- another for longer; at once where `p_after` is no time at all.
create or replace function ghost_repair.note_trouble(
  p_instance_id uuid, p_reason text, p_after interval default null
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into ghost_repair.troubles as t (instance_id, reason) values (p_instance_id, p_reason)
  on conflict (instance_id) do update set
    reason = excluded.reason, since = excluded.since, told_at = null
    where t.reason is distinct from excluded.reason;
  update ghost_repair.troubles t set told_at = ghost_repair.now(), told_reason = t.reason
  from ghost_repair.settings s
  where t.instance_id = p_instance_id and t.told_at is null
    and (t.since <= ghost_repair.now() - coalesce(p_after, s.tell_after)
      or (t.told_reason is null and t.begun_at <= ghost_repair.now() - s.tell_any_after));
  if found then
    perform ghost_repair.add_event(p_instance_id, 'needs_operator',
      jsonb_build_object('reason', p_reason));
  end if;
end $$;

-- What a number's channels were told of is over, whoever found that out: what they hear now is what is
-- left of it. That is a repair or a trouble that needs a person, nothing (it is connected), a scan, or
-- that no attempt is left. While it is being reconnected nothing is told, and the same would be news.
create or replace function ghost_repair.tell_what_is_left(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_session constant ghost_repair.session := ghost_repair.read_session(p_instance_id);
  v_reason text;
begin
  if v_session.instance_id is null or not exists (
    select from ghost_repair.number_alerts n where n.instance_id = p_instance_id) then
    return;
  end if;
  select coalesce(
    (select r.evidence ->> 'reason' from public.ghost_repairs r
      where r.instance_id = p_instance_id and r.closed_at is null and r.state = 'needs_operator'),
    (select t.told_reason from ghost_repair.troubles t where t.instance_id = p_instance_id),
    (select 'reconnect_attempts_exhausted'
      from ghost_repair.left_to_reconnect l, ghost_repair.settings s
      where l.id = p_instance_id and l.attempts >= s.reconnect_attempts))
  into v_reason;
  if v_reason is not null then
    perform ghost_repair.raise_alert(p_instance_id, 'down', v_reason);
  elsif v_session.status = 'connected' and not ghost_repair.has_open_repair(p_instance_id) then
    perform ghost_repair.raise_alert(p_instance_id, 'recovered');
  elsif v_session.status = 'awaiting_qr' then
    perform ghost_repair.raise_alert(p_instance_id, 'qr');
  else
    update ghost_repair.number_alerts n set kind = 'down', reason = null
    where n.instance_id = p_instance_id;
    delete from ghost_repair.alerts a
    where a.instance_id = p_instance_id and a.message_id is null;
  end if;
end $$;

create or replace function ghost_repair.end_told_trouble() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- What a person was told of since stands.
  if exists (
    select from ghost_repair.number_alerts n
    where n.instance_id = old.instance_id and n.kind = 'down' and n.reason = old.told_reason) then
    perform ghost_repair.tell_what_is_left(old.instance_id);
  end if;
  return null;
end $$;
create or replace trigger troubles_end
  after delete on ghost_repair.troubles
  for each row when (old.told_reason is not null)
  execute function ghost_repair.end_told_trouble();

-- A repair that ends as a false alarm, or because another phone was paired, is no event that says that
-- the number lives. How the number is, is read at the end of the transaction: whoever closes a repair
-- may write the number's row after it.
create or replace function ghost_repair.end_told_repair() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.tell_what_is_left(new.instance_id);
  return null;
end $$;
drop trigger if exists ghost_repairs_end_told on public.ghost_repairs;
create constraint trigger ghost_repairs_end_told
  after update of closed_at on public.ghost_repairs
  deferrable initially deferred
  for each row when (old.closed_at is null and new.closed_at is not null)
  execute function ghost_repair.end_told_repair();

-- Where an instance's gateway is and how its webhooks are signed. For administrators' tools. Another
-- gateway, or another key: what the old one said, or did not, counts no more; whether that mends what
-- a person was told of, the next look says. Where the watch is switched off, no look will.
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
    webhook_secret = excluded.webhook_secret, webhook_token = excluded.webhook_token;
  delete from ghost_repair.troubles t
  where t.instance_id = p_instance_id and (t.told_reason is null or (
    select w.state = 'later' and w.every is null from ghost_repair.watched_states w
    where w.instance_id = p_instance_id));
  update ghost_repair.troubles t set reason = null, since = ghost_repair.now(), told_at = null
  where t.instance_id = p_instance_id
$$;

-- Every watched number, and what is to be done when its time has come, whoever asks. One that a person
-- was told of is looked at although it is heard of: only an answer ends its trouble.
--
-- state  gone   not connected any more
--        later  not probed: switched off, under repair, without a gateway
--        alive  heard of lately
--        due    to be probed
create or replace view ghost_repair.watched_states as
select w.instance_id, w.next_look_at, w.stretch, i.last_alive_at, i.instance_name, i.phone_number,
  i.connection_epoch, k.api_url, k.api_key, e.every, case
    when i.status <> 'connected' or i.deleted_at is not null then 'gone'
    when e.every is null or k.api_url is null or ghost_repair.has_open_repair(i.id) then 'later'
    when (select true from ghost_repair.troubles t
      where t.instance_id = w.instance_id and t.told_reason is not null) then 'due'
    when i.last_alive_at > w.asked_at
      or (w.asked_at is null
        and i.last_alive_at + e.every * w.stretch * 0.7 > ghost_repair.now()) then 'alive'
    else 'due'
  end as state
from ghost_repair.watched_numbers w
join public.whatsapp_instances i on i.id = w.instance_id
cross join ghost_repair.settings s
left join private.instance_credentials k on k.instance_id = i.id
left join ghost_repair.watch_policies p on p.organization_id = i.organization_id
cross join lateral (
  select case when p.enabled is not false then coalesce(p.watch_interval, s.watch_interval) end
    as every) e;
