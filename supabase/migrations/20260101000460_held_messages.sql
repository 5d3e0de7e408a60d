-- Held messages: an organization may ask that what failed with Connection Closed waits for the
-- number instead of failing, and goes out by itself once, in order, when the number lives again.
--
--   sending ── connection_closed ──▶ held ── the number lives ──▶ sending ──▶ sent
--                                     └── its time is up ────────▶ failed
--
-- Switching it on for an organization is one statement:
--   insert into private.message_settings (organization_id, hold_messages)
--   values ('<organization>', true)
--   on conflict (organization_id) do update set hold_messages = excluded.hold_messages;

create table if not exists private.message_settings (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  hold_messages boolean not null default false,
  -- After this a held message fails.
  hold_for interval not null default interval '15 minutes' check (hold_for <= interval '1 day')
);
alter table private.message_settings enable row level security;

alter table public.messages add column if not exists held_until timestamptz;
alter table public.messages drop constraint if exists messages_status_check;
alter table public.messages add constraint messages_status_check
  check (status in ('sending', 'held', 'sent', 'delivered', 'read', 'failed', 'received'));
create index if not exists messages_held
  on public.messages (whatsapp_instance_id, created_at, part) where status = 'held';

-- Called by `finish_message` for a failure: whether the message waits instead. A message waits
-- once, from its first failure on; what waits is never sent by anybody but the release below.
create or replace function private.hold_message(p_message_id uuid, p_outcome jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_outcome ->> 'error_code' is distinct from 'connection_closed' then
    return false;
  end if;
  update public.messages m set
    status = 'held', held_until = coalesce(m.held_until, now() + s.hold_for),
    error_code = p_outcome ->> 'error_code', error_message = p_outcome ->> 'error_message'
  from private.message_settings s
  where m.id = p_message_id and m.status = 'sending'
    and s.organization_id = m.organization_id and s.hold_messages
    and coalesce(m.held_until, now() + s.hold_for) > now();
  return found;
end $$;
revoke all on function private.hold_message(uuid, jsonb) from public, anon, authenticated;

-- Held messages whose time is up fail, with the reason they had. Called by the sweeper.
create or replace function private.expire_held_messages() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_expired bigint;
begin
  update public.messages m set status = 'failed', failed_at = now()
  where m.status = 'held' and m.held_until <= now();
  get diagnostics v_expired = row_count;
  return v_expired;
end $$;
revoke all on function private.expire_held_messages() from public, anon, authenticated;

create table if not exists private.release_leases (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  token uuid not null,
  expires_at timestamptz not null
);
alter table private.release_leases enable row level security;

-- Connected numbers with messages that wait, each to one caller at a time.
create or replace function public.lease_held_releases(p_limit int, p_lease_seconds int default 120)
returns table (instance_id uuid, token uuid, connection jsonb)
language sql security definer set search_path = '' as $$
  with due as (
    select i.id from public.whatsapp_instances i
    where i.status = 'connected'
      and exists (
        select from public.messages m
        where m.whatsapp_instance_id = i.id and m.status = 'held' and m.held_until > now())
      and not exists (
        select from public.ghost_repairs r where r.instance_id = i.id and r.closed_at is null)
    order by i.id limit p_limit
  ), leased as (
    insert into private.release_leases as l (instance_id, token, expires_at)
    select d.id, gen_random_uuid(), now() + make_interval(secs => p_lease_seconds) from due d
    on conflict (instance_id) do update set token = excluded.token, expires_at = excluded.expires_at
      where l.expires_at <= now()
    returning l.instance_id, l.token
  )
  select l.instance_id, l.token, private.instance_connection(l.instance_id) from leased l
$$;

-- The next message that waits, oldest first, now `sending` and the caller's to send once. None:
-- nothing waits, the number is no longer connected, or the lease is over.
create or replace function public.claim_held_message(p_instance_id uuid, p_token uuid)
returns table (
  id uuid, message_type text, content text, media_url text, media_mime_type text, file_name text,
  caption text, base64 text, remote_jid text, quoted_whatsapp_message_id text
)
language sql security definer set search_path = '' as $$
  with next as (
    select m.id from public.messages m
    where m.whatsapp_instance_id = p_instance_id and m.status = 'held' and m.held_until > now()
      and exists (
        select from private.release_leases l
        where l.instance_id = p_instance_id and l.token = p_token and l.expires_at > now())
      and exists (
        select from public.whatsapp_instances i
        where i.id = p_instance_id and i.status = 'connected' and not i.manual_disconnect)
      and not exists (
        select from public.ghost_repairs r
        where r.instance_id = p_instance_id and r.closed_at is null)
    order by m.created_at, m.part
    limit 1
    for update of m skip locked
  ), claimed as (
    update public.messages m set
      status = 'sending', sending_since = now(), attempts = m.attempts + 1,
      error_code = null, error_message = null
    from next where m.id = next.id
    returning m.*
  )
  select c.id, c.message_type, c.content, c.media_url, c.media_mime_type, c.file_name, c.caption,
    b.base64, v.remote_jid, c.quoted_whatsapp_message_id
  from claimed c
  join public.conversations v on v.id = c.conversation_id
  left join private.message_media b on b.message_id = c.id
$$;

create or replace function public.end_held_release(p_instance_id uuid, p_token uuid) returns void
language sql security definer set search_path = '' as $$
  update private.release_leases l set expires_at = now()
  where l.instance_id = p_instance_id and l.token = p_token
$$;

revoke all on function public.lease_held_releases(int, int) from public, anon, authenticated;
revoke all on function public.claim_held_message(uuid, uuid) from public, anon, authenticated;
revoke all on function public.end_held_release(uuid, uuid) from public, anon, authenticated;
grant execute on function public.lease_held_releases(int, int) to service_role;
grant execute on function public.claim_held_message(uuid, uuid) to service_role;
grant execute on function public.end_held_release(uuid, uuid) to service_role;
