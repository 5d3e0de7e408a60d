-- An alert by WhatsApp leaves through a number of the organization's: its gateway reports it and stores
-- it like any message. The daily comparison brought it in as a customer's, and made a conversation with
-- whoever is on call. Like a canary it is nobody's message. What is about to leave is written down
-- before, by its words, so that it is known also where its answer is lost; then by WhatsApp's id. What
-- the person on call writes back is a message like any other.

create table if not exists ghost_repair.own_alerts (
  id uuid primary key default gen_random_uuid(),
  -- The number that it leaves through.
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  -- As `digest_content` of a text.
  content_digest text not null,
  -- Null: no answer and no report has told it yet.
  whatsapp_message_id text,
  begun_at timestamptz not null default ghost_repair.now()
);
create index if not exists own_alerts_number
  on ghost_repair.own_alerts (instance_id, whatsapp_message_id);
create index if not exists own_alerts_age on ghost_repair.own_alerts (begun_at);
alter table ghost_repair.own_alerts enable row level security;

-- Called right before an alert is sent through a number. Null: there is no such number any more.
create or replace function public.begin_own_alert(p_instance_name text, p_text text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  insert into ghost_repair.own_alerts (instance_id, content_digest)
  select i.id, ghost_repair.digest_content('text', p_text, null)
  from public.whatsapp_instances i
  where i.instance_name = p_instance_name and i.deleted_at is null
  returning id into v_id;
  return v_id;
end $$;

-- The gateway's answer told its id.
create or replace function public.name_own_alert(p_id uuid, p_whatsapp_id text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.own_alerts a set whatsapp_message_id = p_whatsapp_id where a.id = p_id;
  -- A report that was faster than it is nobody's.
  delete from private.early_acknowledgements e using ghost_repair.own_alerts a
  where a.id = p_id and e.instance_id = a.instance_id and e.whatsapp_message_id = p_whatsapp_id;
end $$;

-- Whether what a gateway reports, or has stored, is an alert that left through this number. One that
-- has no id yet is told by its words, at about the time when it left; then it has this one.
create or replace function ghost_repair.meet_own_alert(
  p_instance_id uuid, p_whatsapp_message_id text, p_message jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_sent_at constant timestamptz :=
    coalesce((p_message ->> 'sent_at')::timestamptz, ghost_repair.now());
begin
  -- Asked of every message: nearly no number ever sent one, and says so by one index.
  if not exists (
    select from ghost_repair.own_alerts a where a.instance_id = p_instance_id) then
    return false;
  elsif exists (
    select from ghost_repair.own_alerts a
    where a.instance_id = p_instance_id and a.whatsapp_message_id = p_whatsapp_message_id) then
    return true;
  elsif p_message is null or not coalesce((p_message ->> 'from_me')::boolean, true) then
    return false;
  end if;
  update ghost_repair.own_alerts a set whatsapp_message_id = p_whatsapp_message_id
  where a.id = (
    select o.id from ghost_repair.own_alerts o, ghost_repair.settings s
    where o.instance_id = p_instance_id and o.whatsapp_message_id is null
      and o.content_digest = ghost_repair.digest_content(
        p_message ->> 'type', p_message ->> 'content', p_message ->> 'caption')
      and o.begun_at between v_sent_at - s.recover_own_within and v_sent_at + s.recover_margin
    order by o.begun_at limit 1 for update of o);
  return found;
end $$;

-- The webhooks' place for it, and for alerts. A canary that is brought in later was heard by nobody.
create or replace function ghost_repair.meet_canary(
  p_instance_id uuid, p_whatsapp_message_id text, p_what text, p_message jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_mark constant uuid := substring(p_message ->> 'content'
    from '\[canary ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\]')::uuid;
  v_canary ghost_repair.canaries;
begin
  if ghost_repair.meet_own_alert(p_instance_id, p_whatsapp_message_id, p_message) then
    return true;
  end if;
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

revoke all on function public.begin_own_alert(text, text),
  public.name_own_alert(uuid, text)
  from public, anon, authenticated;
grant execute on function public.begin_own_alert(text, text),
  public.name_own_alert(uuid, text)
  to service_role;
