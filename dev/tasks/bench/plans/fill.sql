-- A project's database after some months. `bench.instances`, `bench.messages` and `bench.gateways` say
-- how large; ten numbers to an organization, twenty messages to a conversation, spread over thirty days.
-- Run as superuser: triggers and foreign keys are not asked.

set local session_replication_role = replica;
set local work_mem = '64MB';
set local maintenance_work_mem = '256MB';

-- In order, as version 7 makes them: a large index grows at its end only.
create function pg_temp.id(p_kind text, p_n bigint) returns uuid
language sql immutable as $$
  select (p_kind || lpad(to_hex(p_n), 12, '0'))::uuid
$$;

create temp table size on commit drop as select
  current_setting('bench.instances')::bigint as instances,
  current_setting('bench.messages')::bigint as messages,
  current_setting('bench.gateways')::bigint as gateways,
  greatest(1, current_setting('bench.instances')::bigint / 10) as organizations,
  greatest(1, current_setting('bench.messages')::bigint / 20) as conversations;

insert into auth.users (id, email)
select pg_temp.id('aaaaaaaa-0000-7000-8000-', n), 'user-' || n || '@example.test'
from size, generate_series(0, organizations - 1) n;

insert into public.organizations (id, name)
select pg_temp.id('bbbbbbbb-0000-7000-8000-', n), 'Organization ' || n
from size, generate_series(0, organizations - 1) n;

insert into public.organization_members (organization_id, user_id, role)
select pg_temp.id('bbbbbbbb-0000-7000-8000-', n), pg_temp.id('aaaaaaaa-0000-7000-8000-', n), 'owner'
from size, generate_series(0, organizations - 1) n;

-- Two in a hundred are disconnected, one of them has used its attempts up; one in a hundred waits
-- for a scan, one was disconnected by hand.
insert into public.whatsapp_instances (
  id, organization_id, instance_name, display_name, phone_number, status, disconnected_since,
  manual_disconnect, reconnect_attempts_count, connection_epoch)
select pg_temp.id('cccccccc-0000-7000-8000-', n), pg_temp.id('bbbbbbbb-0000-7000-8000-', n % organizations), 'number-' || n,
  'Atendimento', '55119' || lpad(n::text, 8, '0'),
  case n % 100 when 1 then 'disconnected' when 2 then 'disconnected' when 3 then 'awaiting_qr'
    when 4 then 'disconnected' else 'connected' end,
  case when n % 100 between 1 and 4 then ghost_repair.now() - (n % 5000) * interval '1 minute' end,
  n % 100 = 4, case n % 100 when 2 then 3 else 0 end, 1
from size, generate_series(0, instances - 1) n;

insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
select pg_temp.id('cccccccc-0000-7000-8000-', n), 'http://evolution-' || n % gateways || '.test', 'key', 'secret-' || n
from size, generate_series(0, instances - 1) n;

-- Those gateways, and as many as there are numbers that nobody has a number at any more; all have said
-- their version today.
insert into private.gateways (api_url, version, version_read_at, version_asked_at, version_due_at)
select 'http://evolution-' || n || '.test', '2.3.7', ghost_repair.now(), ghost_repair.now(),
  ghost_repair.now() + interval '1 day' * (n + 1) / instances
from size, generate_series(0, instances - 1) n;

-- One in five hundred is due now, the others in some minutes: not while the paths are tried.
insert into ghost_repair.watched_numbers (instance_id, next_look_at)
select i.id, ghost_repair.now() + case when row_number() over (order by i.id) % 500 = 0
    then interval '0' else interval '5 minutes' * (2 + random()) end
from public.whatsapp_instances i where i.status = 'connected';

-- Each is compared with its gateway once a day.
insert into ghost_repair.hearing (instance_id, heard_since, last_heard_at, next_check_at)
select w.instance_id, ghost_repair.now() - interval '60 days', ghost_repair.now(),
  ghost_repair.now() + interval '1 day' * random()
from ghost_repair.watched_numbers w;

insert into public.conversations
  (id, organization_id, whatsapp_instance_id, remote_jid, contact_name, last_message_at)
select pg_temp.id('dddddddd-0000-7000-8000-', n), pg_temp.id('bbbbbbbb-0000-7000-8000-', n % instances % organizations),
  pg_temp.id('cccccccc-0000-7000-8000-', n % instances), '55219' || lpad(n::text, 8, '0') || '@s.whatsapp.net',
  'Cliente ' || n, ghost_repair.now() - (n % 43200) * interval '1 minute'
from size, generate_series(0, conversations - 1) n;

-- Half came in. Of those sent, a few were never confirmed, a few failed.
insert into public.messages (
  id, organization_id, conversation_id, whatsapp_instance_id, whatsapp_message_id, is_from_me,
  message_type, content, status, created_at, sending_since, sent_at, delivered_at, read_at, failed_at)
select pg_temp.id('eeeeeeee-0000-7000-8000-', n), pg_temp.id('bbbbbbbb-0000-7000-8000-', c % instances % organizations),
  pg_temp.id('dddddddd-0000-7000-8000-', c), pg_temp.id('cccccccc-0000-7000-8000-', c % instances),
  case when kind <> 99 then '3EB0' || lpad(to_hex(n), 16, '0') end,
  kind >= 50, 'text', 'Bom dia! O seu pedido saiu para entrega.',
  case when kind < 50 then 'received' when kind < 80 then 'read' when kind < 95 then 'delivered'
    when kind < 99 then 'sent' else 'failed' end,
  at, at, case when kind <> 99 then at end,
  case when kind between 50 and 94 then at + interval '2 seconds' end,
  case when kind between 50 and 79 then at + interval '1 minute' end,
  case when kind = 99 then at end
from (
  select n, n % conversations as c, (n * 7 + n / 100) % 100 as kind, instances, organizations,
    ghost_repair.now() - (messages - n) * (interval '30 days' / messages) as at
  from size, generate_series(0, messages - 1) n) m;

-- Under way, left behind, and held.
update public.messages set status = 'sending', whatsapp_message_id = null, sent_at = null
from size, generate_series(0, least(messages / 100, 50)) n where id = pg_temp.id('eeeeeeee-0000-7000-8000-', n * 100 + 50);
update public.messages set status = 'held', whatsapp_message_id = null,
  held_until = ghost_repair.now() + interval '10 minutes'
from size, generate_series(0, least(messages / 100, 50)) n where id = pg_temp.id('eeeeeeee-0000-7000-8000-', n * 100 + 51);

insert into public.instance_events (instance_id, organization_id, kind, detail, created_at)
select pg_temp.id('cccccccc-0000-7000-8000-', n % instances), pg_temp.id('bbbbbbbb-0000-7000-8000-', n % instances % organizations),
  'connected', '{"source": "webhook"}', ghost_repair.now() - (instances - n) * (interval '30 days' / (instances))
from size, generate_series(0, instances - 1) n;

-- Five in a hundred have been repaired once, five in ten thousand are just being repaired.
insert into public.ghost_repairs
  (instance_id, organization_id, state, closed_at, outcome, opened_at, next_step_at)
select pg_temp.id('cccccccc-0000-7000-8000-', n), pg_temp.id('bbbbbbbb-0000-7000-8000-', n % organizations),
  'closed', ghost_repair.now() - interval '2 days', 'healed', ghost_repair.now() - interval '2 days', ghost_repair.now() - interval '2 days'
from size, generate_series(0, instances - 1, 20) n;
insert into public.ghost_repairs (instance_id, organization_id, opened_at)
select pg_temp.id('cccccccc-0000-7000-8000-', n), pg_temp.id('bbbbbbbb-0000-7000-8000-', n % organizations),
  ghost_repair.now() - (n % 600) * interval '1 second'
from size, generate_series(10, instances - 1, 2000) n;
insert into ghost_repair.claims
  (instance_id, token, connection_epoch, claimed_at, expires_at, finished_at)
select pg_temp.id('cccccccc-0000-7000-8000-', n), gen_random_uuid(), 1, ghost_repair.now() - interval '2 days',
  ghost_repair.now() - interval '2 days', ghost_repair.now() - interval '2 days'
from size, generate_series(0, instances - 1, 20) n;
-- Every tenth was reported open two days ago.
insert into ghost_repair.session_conflicts (instance_id, reports)
select pg_temp.id('cccccccc-0000-7000-8000-', n), array[ghost_repair.now() - interval '2 days']
from size, generate_series(0, instances - 1, 10) n;
insert into ghost_repair.leases (kind, subject, token, leased_at, expires_at)
select 'reconnect', pg_temp.id('cccccccc-0000-7000-8000-', n), gen_random_uuid(), ended, ended
from size, generate_series(0, instances - 1, 5) n,
  lateral (select ghost_repair.now() - (1 + n / 5 % 48) * interval '1 hour' as ended) e;
insert into private.early_acknowledgements (instance_id, whatsapp_message_id, status, received_at)
select pg_temp.id('cccccccc-0000-7000-8000-', n), 'EARLY' || n, 'delivered', ghost_repair.now() - (n % 86000) * interval '1 second'
from size, generate_series(0, least(instances, 10000) - 1) n;

-- What the prune takes, an hour's worth of each: most is younger.
insert into ghost_repair.times_away (instance_id, organization_id, away_from, away_until, wanted)
select pg_temp.id('cccccccc-0000-7000-8000-', n), pg_temp.id('bbbbbbbb-0000-7000-8000-', n % organizations),
  ghost_repair.now() - age, ghost_repair.now() - age + interval '1 minute', true
from size, generate_series(0, instances - 1, 10) n, lateral (select n / 10 % 31 * interval '1 day' as age) a;
insert into public.message_gaps (instance_id, organization_id, reason, state, gap_from, gap_until, ended_at)
select t.instance_id, t.organization_id, 'away', 'done', t.away_from, t.away_until, t.away_until
from ghost_repair.times_away t;
insert into ghost_repair.canary_trials (instance_id, organization_id, reason, silent_since, closed_at, verdict)
select t.instance_id, t.organization_id, 'silence', t.away_from, t.away_until, 'hears'
from ghost_repair.times_away t;
insert into ghost_repair.restart_requests (api_url, opened_at, closed_at, outcome)
select 'http://evolution-0.test', t.away_from, t.away_until, 'restarted' from ghost_repair.times_away t;
insert into ghost_repair.deleted_messages (instance_id, whatsapp_message_id, deleted_at)
select t.instance_id, 'DELETED', t.away_until from ghost_repair.times_away t;
insert into ghost_repair.deleted_people (instance_id, person, deleted_at)
select t.instance_id, 'somebody', t.away_until from ghost_repair.times_away t;
-- Everybody's numbers are told of in one chat, and were.
insert into private.alert_channels (id, kind, name, url, secret)
values (pg_temp.id('ffffffff-0000-7000-8000-', 0), 'webhook', 'on call', 'https://alerts.test', 'the-receiver-s-secret');
insert into ghost_repair.alert_messages (id, channel_id, numbers, items, state, created_at)
select pg_temp.id('ffffffff-0000-7000-8001-', t.id), pg_temp.id('ffffffff-0000-7000-8000-', 0), 1, '[]',
  'sent', t.away_from
from ghost_repair.times_away t;
insert into ghost_repair.alerts (channel_id, instance_id, kind, since, raised_at, due_at, message_id)
select pg_temp.id('ffffffff-0000-7000-8000-', 0), t.instance_id, 'down', t.away_from, t.away_from,
  t.away_from, pg_temp.id('ffffffff-0000-7000-8001-', t.id)
from ghost_repair.times_away t;
