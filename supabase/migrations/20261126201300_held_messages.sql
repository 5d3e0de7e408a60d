-- Messages that wait, and leave by the scheduler's hand. Queued ones, which nobody tried: their sender
-- ran out of time, or died. And held ones: an organization may ask that what failed with Connection
-- Closed waits for the number instead of failing, and goes out by itself once, in order, when the
-- number lives again. What may have left all the same is not held: it would leave twice.
--
--   sending ── connection_closed ──▶ held ── the number lives ──▶ sending ──▶ sent
--                                     └── its time is up ────────▶ failed
--
-- Switching it on for an organization is one statement:
--   insert into private.message_settings (organization_id, hold_messages)
--   values ('<organization>', true)
--   on conflict (organization_id) do update set hold_messages = excluded.hold_messages;

alter table private.message_settings
  add column if not exists hold_messages boolean not null default false,
  -- After this a held message fails.
  add column if not exists hold_for interval not null default interval '15 minutes'
    check (hold_for <= interval '1 day');

-- The place of `finish_message` and `claim_message` for it: whether a message that failed waits
-- instead, or one that nobody tried waits with an earlier one of its conversation. A message waits
-- once, from its first failure on; what waits is never sent by anybody but the release below.
create or replace function ghost_repair.hold_message(p_message_id uuid, p_outcome jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_outcome ->> 'status' = 'behind' then
    if not exists (
      select from public.messages m
      join public.messages e on e.conversation_id = m.conversation_id and e.position < m.position
      where m.id = p_message_id and m.sending_since is null
        and e.status = 'held' and e.held_until > ghost_repair.now()) then
      return false;
    end if;
  elsif p_outcome ->> 'error_code' is distinct from 'connection_closed'
    or (p_outcome ->> 'may_have_left')::boolean then
    return false;
  end if;
  update public.messages m set
    status = 'held', held_until = coalesce(m.held_until, ghost_repair.now() + s.hold_for),
    error_code = p_outcome ->> 'error_code', error_message = p_outcome ->> 'error_message'
  from private.message_settings s
  where m.id = p_message_id and m.status = 'sending'
    and s.organization_id = m.organization_id and s.hold_messages
    and coalesce(m.held_until, ghost_repair.now() + s.hold_for) > ghost_repair.now();
  return found;
end $$;

-- What waited too long fails: held messages with the reason they had, and those that nobody tried as
-- `not_sent`. Returns how many.
create or replace function ghost_repair.expire_held_messages() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_expired bigint;
begin
  with over as (
    select m.id from public.messages m, ghost_repair.settings s
    where (m.status = 'held' and m.held_until <= ghost_repair.now())
      or (m.status = 'sending' and m.sending_since is null
        and m.sender_until <= ghost_repair.now() - s.queue_patience)
    limit (select s.sweep_batch from ghost_repair.settings s)
    for no key update of m skip locked
  )
  update public.messages m set
    status = 'failed', failed_at = ghost_repair.now(), error_code = coalesce(m.error_code, 'not_sent')
  from over where m.id = over.id;
  get diagnostics v_expired = row_count;
  return v_expired;
end $$;

-- Messages that are the scheduler's to send, whoever asks.
create or replace view ghost_repair.due_messages as
select m.id, m.whatsapp_instance_id, m.conversation_id, m.position
from public.messages m
where (m.status = 'held' and m.held_until > ghost_repair.now())
  or (m.status = 'sending' and m.sending_since is null and m.sender_until <= ghost_repair.now());

-- Connected numbers with such messages. What WhatsApp refused for too many messages is waited for as
-- a number: the next one would be refused as well.
create or replace view ghost_repair.due_releases as
select i.id as instance_id
from public.whatsapp_instances i
where i.status = 'connected'
  and exists (select from ghost_repair.due_messages m where m.whatsapp_instance_id = i.id)
  and not exists (
    select from public.messages m
    where m.whatsapp_instance_id = i.id and m.status = 'sending' and m.sending_since is null
      and m.error_code = 'rate_limited_by_whatsapp' and m.sender_until > ghost_repair.now())
  and not ghost_repair.has_open_repair(i.id);

-- Each to one caller at a time. Numbers that somebody works on do not count for the limit.
create or replace function public.lease_held_releases(
  p_limit int, p_lease_seconds int default null
) returns table (instance_id uuid, token uuid, connection jsonb)
language sql security definer set search_path = '' as $$
  with due as (
    select d.instance_id from ghost_repair.due_releases d
    where not ghost_repair.is_leased('release', d.instance_id)
    order by d.instance_id limit p_limit
  ), leased as (
    select d.instance_id, ghost_repair.take_lease('release', d.instance_id,
      make_interval(secs => p_lease_seconds)) as token
    from due d
  )
  select l.instance_id, l.token, ghost_repair.instance_connection(l.instance_id)
  from leased l where l.token is not null
$$;

-- The next message that waits, oldest first and none before an earlier one of its conversation has
-- left, now being sent and the caller's to send once. `p_claim` is the caller's word for this one:
-- asked again with it, because the answer was lost, the same message comes back. None: nothing waits,
-- the number is no longer connected, or the lease is over.
create or replace function public.claim_held_message(
  p_instance_id uuid, p_token uuid, p_claim uuid
)
returns table (
  id uuid, message_type text, content text, media_url text, media_mime_type text, file_name text,
  caption text, base64 text, remote_jid text, quoted_whatsapp_message_id text
)
language sql security definer set search_path = '' as $$
  with again as (
    select m.id from public.messages m
    where m.whatsapp_instance_id = p_instance_id and m.status = 'sending'
      and m.sending_since is not null and m.claim_token = p_claim
  ), next as (
    select m.id from ghost_repair.due_messages m
    where m.whatsapp_instance_id = p_instance_id
      and not ghost_repair.is_behind(m.conversation_id, m.position)
      and ghost_repair.holds_lease('release', p_instance_id, p_token)
      and exists (
        select from ghost_repair.due_releases d where d.instance_id = p_instance_id)
      and not exists (select from again)
    order by m.position
    limit 1
    for update of m skip locked
  ), claimed as (
    update public.messages m set
      status = 'sending', sending_since = ghost_repair.now(), claim_token = p_claim,
      attempts = m.attempts + case when m.sending_since is null then 0 else 1 end,
      error_code = null, error_message = null
    from next where m.id = next.id
    returning m.id
  )
  select m.id, m.message_type, m.content, m.media_url, m.media_mime_type, m.file_name, m.caption,
    b.base64, v.remote_jid, m.quoted_whatsapp_message_id
  from public.messages m
  join public.conversations v on v.id = m.conversation_id
  left join private.message_media b on b.message_id = m.id
  where m.id in (select c.id from claimed c union all select a.id from again a)
$$;

create or replace function public.end_held_release(p_instance_id uuid, p_token uuid) returns void
language sql security definer set search_path = '' as $$
  select from ghost_repair.end_lease('release', p_instance_id, p_token)
$$;

revoke all on function public.lease_held_releases(int, int),
  public.claim_held_message(uuid, uuid, uuid),
  public.end_held_release(uuid, uuid)
  from public, anon, authenticated;
grant execute on function public.lease_held_releases(int, int),
  public.claim_held_message(uuid, uuid, uuid),
  public.end_held_release(uuid, uuid)
  to service_role;
