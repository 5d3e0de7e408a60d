-- People are told where they read: Telegram, Slack, Discord, WhatsApp through another number of theirs,
-- or a signed webhook.
--
--   instance_events ── raise_alert ──▶ alerts (one a channel and number)
--                                         │ gathered for a minute; quiet hours and the pause after a
--                                         │ digest are waited for
--                      claim_alerts ──▶ alert_messages: one for all of a gateway's numbers ── sent, once
--                                         └── not taken: 1, 2, 4 … minutes later

alter table ghost_repair.settings
  -- Off: nobody is told anything by a channel. One statement:
  --   update ghost_repair.settings set alerts = false
  add column if not exists alerts boolean not null default true,
  -- What happens together is told together.
  add column if not exists alert_gather interval not null default interval '1 minute',
  -- The same of the same number is no news for so long.
  add column if not exists alert_cooldown interval not null default interval '30 minutes',
  -- After a digest a gateway's next message comes no sooner.
  add column if not exists alert_digest_every interval not null default interval '10 minutes',
  add column if not exists alert_attempts int not null default 8,
  -- Longer than a message may take to be sent.
  add column if not exists alert_send_time interval not null default interval '2 minutes',
  -- A webhook's secret of before signs for so long.
  add column if not exists alert_secret_kept interval not null default interval '24 hours',
  -- Where a person finds a number, as an address with {id} in it; null: alerts have no link.
  add column if not exists number_page text check (number_page ~ '^https?://[^{]*\{id\}'),
  -- The same of the page that shows a number's QR code alone, for a phone; null: the number's page.
  add column if not exists qr_page text check (qr_page ~ '^https?://[^{]*\{id\}');

create table if not exists private.alert_channels (
  id uuid primary key default gen_random_uuid(),
  -- Null: of every organization's numbers; set up in SQL.
  organization_id uuid references public.organizations (id) on delete cascade,
  kind text not null check (kind in ('telegram', 'slack', 'discord', 'whatsapp', 'webhook')),
  name text not null,
  -- Telegram's chat, or the WhatsApp number that is written to.
  target text,
  -- Slack's and Discord's are secrets themselves: whoever knows them may write.
  url text,
  -- Telegram's bot token; what a webhook is signed with.
  secret text,
  -- Signs as well until the receiver knows the new one.
  previous_secret text,
  previous_valid_until timestamptz,
  events text[] not null default '{down,qr,recovered}'
    check (events <@ '{down,qr,recovered}'::text[]),
  language text not null default 'pt' check (language in ('pt', 'en')),
  -- Hours in which nobody is woken, over midnight where `until` is not after `from`; unless all of the
  -- organization's numbers are down.
  quiet_from time,
  quiet_until time,
  time_zone text not null default 'America/Sao_Paulo',
  enabled boolean not null default true,
  created_at timestamptz not null default ghost_repair.now(),
  last_outcome text,
  last_sent_at timestamptz,
  check ((quiet_from is null) = (quiet_until is null)),
  constraint alert_channels_complete check ((case kind
    when 'telegram' then target is not null and secret is not null
    when 'whatsapp' then target is not null and organization_id is not null
    when 'webhook' then url is not null and length(secret) >= 16
    else url is not null end) is true)
);
create index if not exists alert_channels_organization
  on private.alert_channels (organization_id);
alter table private.alert_channels enable row level security;

-- What a number is being told of: down or qr, until it lives again.
create table if not exists ghost_repair.number_alerts (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  kind text not null check (kind in ('down', 'qr')),
  reason text,
  since timestamptz not null default ghost_repair.now()
);
alter table ghost_repair.number_alerts enable row level security;

create table if not exists ghost_repair.alert_messages (
  -- A webhook's id: the same at every try.
  id uuid primary key default gen_random_uuid(),
  channel_id uuid not null references private.alert_channels (id) on delete cascade,
  api_url text,
  numbers int not null,
  items jsonb not null,
  -- unknown: it may have been taken, and a chat is not told twice.
  state text not null default 'due' check (state in ('due', 'sending', 'sent', 'unknown', 'dropped')),
  attempts int not null default 0,
  next_attempt_at timestamptz not null default ghost_repair.now(),
  last_outcome text,
  created_at timestamptz not null default ghost_repair.now()
);
create index if not exists alert_messages_due on ghost_repair.alert_messages (next_attempt_at)
  where state in ('due', 'sending');
create index if not exists alert_messages_gateway
  on ghost_repair.alert_messages (channel_id, api_url, created_at);
create index if not exists alert_messages_age on ghost_repair.alert_messages (created_at);
alter table ghost_repair.alert_messages enable row level security;

create table if not exists ghost_repair.alerts (
  id bigint generated always as identity primary key,
  channel_id uuid not null references private.alert_channels (id) on delete cascade,
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  api_url text,
  kind text not null check (kind in ('down', 'qr', 'recovered')),
  reason text,
  since timestamptz not null,
  raised_at timestamptz not null default ghost_repair.now(),
  due_at timestamptz not null,
  -- Null: not told yet.
  message_id uuid references ghost_repair.alert_messages (id) on delete cascade
);
create index if not exists alerts_untold on ghost_repair.alerts (due_at) where message_id is null;
create index if not exists alerts_number on ghost_repair.alerts (instance_id, channel_id, raised_at);
create index if not exists alerts_message on ghost_repair.alerts (message_id);
create index if not exists alerts_age on ghost_repair.alerts (raised_at);
alter table ghost_repair.alerts enable row level security;

-- A number needs a person (`down`), or a scan (`qr`), or lives again (`recovered`). Who was not told of
-- the first hears nothing of the last.
create or replace function ghost_repair.raise_alert(
  p_instance_id uuid, p_kind text, p_reason text default null
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_session ghost_repair.session := ghost_repair.read_session(p_instance_id);
  v_open ghost_repair.number_alerts;
begin
  if not v_settings.alerts then
    return;
  end if;
  if p_kind = 'recovered' then
    delete from ghost_repair.number_alerts n where n.instance_id = p_instance_id
    returning n.* into v_open;
    if not found then
      return;
    end if;
    delete from ghost_repair.alerts a where a.instance_id = p_instance_id and a.message_id is null;
  else
    select n.* into v_open from ghost_repair.number_alerts n where n.instance_id = p_instance_id;
    if v_open.kind = p_kind and v_open.reason is not distinct from p_reason then
      return;
    end if;
    insert into ghost_repair.number_alerts as n (instance_id, kind, reason, since)
    values (p_instance_id, p_kind, p_reason,
      coalesce(v_session.disconnected_since, ghost_repair.now()))
    on conflict (instance_id) do update set kind = excluded.kind, reason = excluded.reason
    returning n.* into v_open;
    -- What was not told yet is told as it is now.
    delete from ghost_repair.alerts a where a.instance_id = p_instance_id and a.message_id is null;
  end if;
  insert into ghost_repair.alerts (channel_id, instance_id, api_url, kind, reason, since, due_at)
  select c.id, p_instance_id, ghost_repair.gateway_of(p_instance_id), p_kind, p_reason, v_open.since, ghost_repair.now() + v_settings.alert_gather
  from private.alert_channels c
  where c.enabled and p_kind = any (c.events)
    and (c.organization_id is null or c.organization_id = v_session.organization_id)
    -- Told of it before: what lets it hear the last hinders it from hearing the first again.
    and (p_kind = 'recovered') = exists (
      select from ghost_repair.alerts a
      where a.instance_id = p_instance_id and a.channel_id = c.id and a.message_id is not null
        and case when p_kind = 'recovered' then a.kind <> 'recovered' and a.since = v_open.since
          else a.kind = p_kind and a.reason is not distinct from p_reason
            and a.raised_at > ghost_repair.now() - v_settings.alert_cooldown end);
end $$;

-- Events join in here, whoever writes them. Disconnected by a person, a number is nobody's alarm.
create or replace function ghost_repair.alert_of_event() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.kind = 'manual_disconnect' then
    delete from ghost_repair.number_alerts n where n.instance_id = new.instance_id;
    delete from ghost_repair.alerts a where a.instance_id = new.instance_id and a.message_id is null;
  else
    perform ghost_repair.raise_alert(new.instance_id, case new.kind
        when 'needs_operator' then 'down' when 'qr_required' then 'qr' else 'recovered' end,
      case new.kind when 'needs_operator' then new.detail ->> 'reason' end);
  end if;
  return null;
end $$;
create or replace trigger instance_events_alert
  after insert on public.instance_events
  for each row when (new.kind in
    ('needs_operator', 'qr_required', 'healed', 'connected', 'manual_disconnect'))
  execute function ghost_repair.alert_of_event();

-- Whether a channel is not to be disturbed now.
create or replace function ghost_repair.is_quiet(p_channel private.alert_channels) returns boolean
language sql stable security definer set search_path = '' as $$
  select p_channel.quiet_from is not null and case
    when p_channel.quiet_from < p_channel.quiet_until
      then t.now >= p_channel.quiet_from and t.now < p_channel.quiet_until
    else t.now >= p_channel.quiet_from or t.now < p_channel.quiet_until end
  from (select (ghost_repair.now() at time zone p_channel.time_zone)::time as now) t
$$;

-- Whether none of the numbers that a channel is told of is connected.
create or replace function ghost_repair.is_everything_down(p_channel private.alert_channels)
returns boolean
language sql stable security definer set search_path = '' as $$
  select not exists (
    select from public.whatsapp_instances i
    where i.status = 'connected' and i.deleted_at is null
      and (p_channel.organization_id is null or i.organization_id = p_channel.organization_id))
$$;

-- What is to be told now, by channel and gateway, whoever asks.
create or replace view ghost_repair.due_alerts as
select a.channel_id, a.api_url, min(a.due_at) as due_at
from ghost_repair.alerts a
join private.alert_channels c on c.id = a.channel_id
cross join ghost_repair.settings s
where a.message_id is null and a.due_at <= ghost_repair.now() and c.enabled and s.alerts
  and not ghost_repair.is_paused()
  and (not ghost_repair.is_quiet(c) or ghost_repair.is_everything_down(c))
  and not exists (
    select from ghost_repair.alert_messages m
    where m.channel_id = a.channel_id and m.api_url is not distinct from a.api_url and m.numbers > 1
      and m.created_at > ghost_repair.now() - s.alert_digest_every)
group by a.channel_id, a.api_url;

-- Messages that are to be sent, or sent again. Who died while sending one may have sent it: only a
-- webhook's receiver can tell the same message by its id.
create or replace view ghost_repair.due_alert_messages as
select m.id, m.next_attempt_at
from ghost_repair.alert_messages m
join private.alert_channels c on c.id = m.channel_id
cross join ghost_repair.settings s
where m.next_attempt_at <= ghost_repair.now() and s.alerts and not ghost_repair.is_paused()
  and (m.state = 'due' or (m.state = 'sending' and c.kind = 'webhook'));

-- Puts what is due into messages: everything untold of a channel and gateway into one. Returns how many.
create or replace function ghost_repair.write_alert_messages() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_due record;
  v_message uuid;
  v_ids bigint[];
  v_count bigint := 0;
begin
  for v_due in select d.* from ghost_repair.due_alerts d order by d.due_at loop
    -- One caller for a channel: the other finds nothing untold.
    perform from private.alert_channels c
    where c.id = v_due.channel_id for no key update skip locked;
    continue when not found;
    v_ids := (
      select array_agg(u.id) from (
        select a.id from ghost_repair.alerts a
        where a.channel_id = v_due.channel_id and a.api_url is not distinct from v_due.api_url
          and a.message_id is null for update skip locked) u);
    continue when v_ids is null;
    insert into ghost_repair.alert_messages (channel_id, api_url, numbers, items)
    select v_due.channel_id, v_due.api_url, cardinality(v_ids), jsonb_agg(t.item) from (
      select jsonb_build_object('instanceId', i.id,
        'name', coalesce(i.display_name, i.instance_name), 'kind', a.kind, 'reason', a.reason,
        'since', a.since, 'awaySeconds',
          round(extract(epoch from a.raised_at - a.since))) as item
      from ghost_repair.alerts a
      join public.whatsapp_instances i on i.id = a.instance_id
      where a.id = any (v_ids) order by a.kind, a.id) t
    returning id into v_message;
    update ghost_repair.alerts a set message_id = v_message where a.id = any (v_ids);
    v_count := v_count + 1;
  end loop;
  update ghost_repair.alert_messages m set state = 'unknown', last_outcome = 'interrupted'
  from private.alert_channels c
  where c.id = m.channel_id and c.kind <> 'webhook' and m.state = 'sending'
    and m.next_attempt_at <= ghost_repair.now();
  return v_count;
end $$;

-- A number that can write for an organization: connected, and none of those that the message is about;
-- at another gateway where there is one.
create or replace function ghost_repair.alert_sender(
  p_organization_id uuid, p_items jsonb, p_api_url text
) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('instance_name', i.instance_name, 'api_url', k.api_url,
    'api_key', k.api_key)
  from public.whatsapp_instances i
  join private.instance_credentials k on k.instance_id = i.id
  where i.organization_id = p_organization_id and i.status = 'connected' and i.deleted_at is null
    and not ghost_repair.has_open_repair(i.id)
    and not exists (
      select from jsonb_array_elements(p_items) t
      where t ->> 'instanceId' = i.id::text and t ->> 'kind' <> 'recovered')
  order by k.api_url is not distinct from p_api_url, i.last_alive_at desc nulls last, i.id
  limit 1
$$;

-- Messages to be sent, each to one caller. `sender`: of a WhatsApp channel; null: nobody can write.
create or replace function public.claim_alerts(p_limit int)
returns table (
  message_id uuid, kind text, target text, url text, secrets text[], language text, numbers int,
  items jsonb, number_page text, qr_page text, sender jsonb
)
language sql security definer set search_path = '' as $$
  select ghost_repair.write_alert_messages();
  with due as (
    select m.id from ghost_repair.alert_messages m
    join ghost_repair.due_alert_messages d on d.id = m.id
    order by d.next_attempt_at limit p_limit for update of m skip locked
  ), claimed as (
    update ghost_repair.alert_messages m set
      state = 'sending', attempts = m.attempts + 1,
      next_attempt_at = ghost_repair.now() + s.alert_send_time
    from due d, ghost_repair.settings s where m.id = d.id
    returning m.*
  )
  select m.id, c.kind, c.target, c.url, array_remove(array[c.secret,
      case when c.previous_valid_until > ghost_repair.now() then c.previous_secret end], null),
    c.language, m.numbers, m.items, s.number_page, coalesce(s.qr_page, s.number_page),
    case c.kind when 'whatsapp'
      then ghost_repair.alert_sender(c.organization_id, m.items, m.api_url) end
  from claimed m
  join private.alert_channels c on c.id = m.channel_id
  cross join ghost_repair.settings s
$$;

-- How sending ended: sent; unknown (it may have been taken: a chat is not told twice); anything else is
-- tried again, 1, 2, 4 … minutes later.
create or replace function public.record_alert(p_message_id uuid, p_outcome text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_message ghost_repair.alert_messages;
begin
  update ghost_repair.alert_messages m set
    last_outcome = p_outcome,
    state = case
      when p_outcome = 'sent' then 'sent'
      when p_outcome = 'unknown' and c.kind <> 'webhook' then 'unknown'
      when m.attempts >= s.alert_attempts then 'dropped'
      else 'due' end,
    next_attempt_at = ghost_repair.now() + make_interval(mins => (2 ^ (m.attempts - 1))::int)
  from private.alert_channels c, ghost_repair.settings s
  where m.id = p_message_id and m.state = 'sending' and c.id = m.channel_id
  returning m.* into v_message;
  update private.alert_channels c set
    last_outcome = p_outcome,
    last_sent_at = case when p_outcome = 'sent' then ghost_repair.now() else c.last_sent_at end
  where c.id = v_message.channel_id;
end $$;

-- Whether a user manages an organization: its channels, its settings; null: yes, else why not.
create or replace function ghost_repair.refuse_managing(p_user_id uuid, p_organization_id uuid)
returns text
language sql stable security definer set search_path = '' as $$
  select case coalesce((
      select m.role from public.organization_members m
      where m.organization_id = p_organization_id and m.user_id = p_user_id), '')
    when '' then 'organization_not_found' when 'agent' then 'forbidden' end
$$;

-- A channel as its managers see it: no secret, no address that is one, and of a number its end.
create or replace function ghost_repair.channel_view(p_channel private.alert_channels) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('id', p_channel.id, 'kind', p_channel.kind, 'name', p_channel.name,
    'target', case when p_channel.kind = 'whatsapp' then '…' || right(p_channel.target, 2)
      else p_channel.target end,
    'host', substring(p_channel.url from '^https?://([^/?#]+)'),
    'events', to_jsonb(p_channel.events), 'language', p_channel.language,
    'quietFrom', to_char(p_channel.quiet_from, 'HH24:MI'),
    'quietUntil', to_char(p_channel.quiet_until, 'HH24:MI'), 'timeZone', p_channel.time_zone,
    'enabled', p_channel.enabled, 'lastOutcome', p_channel.last_outcome,
    'lastSentAt', p_channel.last_sent_at)
$$;

create or replace function public.list_alert_channels(p_user_id uuid, p_organization_id uuid)
returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when r.refusal is not null then jsonb_build_object('result', r.refusal)
    else jsonb_build_object('channels', coalesce((
      select jsonb_agg(ghost_repair.channel_view(c) order by c.created_at, c.id)
      from private.alert_channels c where c.organization_id = p_organization_id), '[]')) end
  from (select ghost_repair.refuse_managing(p_user_id, p_organization_id) as refusal) r
$$;

-- A channel of an organization that a user may manage; all null: there is none.
create or replace function ghost_repair.managed_channel(p_user_id uuid, p_channel_id uuid)
returns private.alert_channels
language sql stable security definer set search_path = '' as $$
  select c.* from private.alert_channels c
  where c.id = p_channel_id
    and ghost_repair.refuse_managing(p_user_id, c.organization_id) is null
$$;

-- Makes a channel, or (with `id`) changes one: what is not told stays as it is. The secret of before
-- signs on for a while (`alert_secret_kept`).
create or replace function public.save_alert_channel(p_user_id uuid, p_channel jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_old private.alert_channels;
  v_new private.alert_channels;
  v_refusal text;
begin
  if p_channel ->> 'id' is null then
    v_refusal := ghost_repair.refuse_managing(p_user_id, (p_channel ->> 'organization_id')::uuid);
    v_new.id := gen_random_uuid();
    v_new.time_zone := 'America/Sao_Paulo';
    v_new.events := '{down,qr,recovered}';
    v_new.language := 'pt';
    v_new.enabled := true;
    v_new.created_at := ghost_repair.now();
  else
    v_old := ghost_repair.managed_channel(p_user_id, (p_channel ->> 'id')::uuid);
    v_refusal := case when v_old.id is null then 'channel_not_found' end;
    v_new := v_old;
  end if;
  if v_refusal is not null then
    return jsonb_build_object('result', v_refusal);
  end if;
  -- Neither its organization nor its kind changes.
  v_new := jsonb_populate_record(v_new, p_channel - array['id', 'created_at', 'last_outcome',
    'last_sent_at', 'previous_secret', 'previous_valid_until']
    - case when v_old.id is null then '{}'::text[] else array['organization_id', 'kind'] end);
  -- A zone that nobody knows would stop every channel's hours.
  if not exists (
    select from pg_catalog.pg_timezone_names t where t.name = v_new.time_zone) then
    return '{"result": "channel_incomplete"}';
  end if;
  if v_old.secret is distinct from v_new.secret and v_old.secret is not null then
    v_new.previous_secret := v_old.secret;
    v_new.previous_valid_until := ghost_repair.now()
      + (select s.alert_secret_kept from ghost_repair.settings s);
  end if;
  insert into private.alert_channels select v_new.*
  on conflict (id) do update set
    name = excluded.name, target = excluded.target, url = excluded.url, secret = excluded.secret,
    previous_secret = excluded.previous_secret,
    previous_valid_until = excluded.previous_valid_until, events = excluded.events,
    language = excluded.language, quiet_from = excluded.quiet_from,
    quiet_until = excluded.quiet_until, time_zone = excluded.time_zone,
    enabled = excluded.enabled;
  return jsonb_build_object('channel', ghost_repair.channel_view(v_new));
exception when check_violation then
  return '{"result": "channel_incomplete"}';
end $$;

-- Sends a word of trial by a channel, at the scheduler's next turn.
create or replace function public.test_alert_channel(p_user_id uuid, p_channel_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if (ghost_repair.managed_channel(p_user_id, p_channel_id)).id is null then
    return '{"result": "channel_not_found"}';
  end if;
  insert into ghost_repair.alert_messages (channel_id, numbers, items) values (p_channel_id, 0, '[]');
  return '{"queued": true}';
end $$;

create or replace function public.delete_alert_channel(p_user_id uuid, p_channel_id uuid)
returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  delete from private.alert_channels c
  where c.id = (ghost_repair.managed_channel(p_user_id, p_channel_id)).id;
  return case when found then '{"deleted": true}'::jsonb
    else '{"result": "channel_not_found"}' end;
end $$;

revoke all on function public.claim_alerts(int),
  public.record_alert(uuid, text),
  public.list_alert_channels(uuid, uuid),
  public.save_alert_channel(uuid, jsonb),
  public.test_alert_channel(uuid, uuid),
  public.delete_alert_channel(uuid, uuid)
  from public, anon, authenticated;
grant execute on function public.claim_alerts(int),
  public.record_alert(uuid, text),
  public.list_alert_channels(uuid, uuid),
  public.save_alert_channel(uuid, jsonb),
  public.test_alert_channel(uuid, uuid),
  public.delete_alert_channel(uuid, uuid)
  to service_role;
