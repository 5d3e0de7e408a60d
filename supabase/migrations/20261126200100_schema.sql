-- What a WhatsApp project of this kind already has: tenants, numbers, conversations, messages, and
-- the gateway's keys. A project with tables of its own skips this file.

-- Not exposed by the API, no grants: read and written through functions only.
create schema if not exists private;
revoke all on schema private from public, anon, authenticated;

create table if not exists public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  created_at timestamptz not null default ghost_repair.now()
);

create table if not exists public.organization_members (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role text not null default 'agent' check (role in ('owner', 'admin', 'agent')),
  created_at timestamptz not null default ghost_repair.now(),
  primary key (organization_id, user_id)
);
create index if not exists organization_members_user on public.organization_members (user_id);

create table if not exists public.whatsapp_instances (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  instance_name text not null unique,
  display_name text,
  phone_number text,
  status text not null default 'disconnected'
    check (status in ('connected', 'connecting', 'disconnected', 'awaiting_qr')),
  disconnected_since timestamptz,
  manual_disconnect boolean not null default false,
  reconnect_attempts_count int not null default 0 check (reconnect_attempts_count >= 0),
  last_reconnect_attempt_at timestamptz,
  last_webhook_event text,
  last_webhook_at timestamptz,
  -- The newest connection event that was believed.
  last_connection_event text,
  last_connection_event_at timestamptz,
  last_sent_at timestamptz,
  last_received_at timestamptz,
  -- Deleted by a person: nobody sees the number any more, and what refers to it is detached in the
  -- background before the row goes.
  deleted_at timestamptz,
  created_at timestamptz not null default ghost_repair.now(),
  updated_at timestamptz not null default ghost_repair.now(),
  -- Flags that contradict each other cannot be written. What a person disconnected is disconnected,
  -- also where its session lives on at the gateway; and what is connected is not away.
  constraint whatsapp_instances_by_hand check (not manual_disconnect or status = 'disconnected'),
  constraint whatsapp_instances_connected check (
    status <> 'connected' or (disconnected_since is null and reconnect_attempts_count = 0))
);
create index if not exists whatsapp_instances_deleted
  on public.whatsapp_instances (deleted_at) where deleted_at is not null;
comment on column public.whatsapp_instances.last_connection_event_at is
  'date_time of the newest connection event: the local time of the gateway, compared with itself only';
create index if not exists whatsapp_instances_organization
  on public.whatsapp_instances (organization_id);
-- The reconnection's work list stays as small as the trouble is.
create index if not exists whatsapp_instances_due
  on public.whatsapp_instances (disconnected_since nulls first)
  where status in ('disconnected', 'connecting') and not manual_disconnect;
-- The same for what waits for a person.
create index if not exists whatsapp_instances_away on public.whatsapp_instances (id)
  where status <> 'connected';

create table if not exists public.conversations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- Null once the number is gone: the conversation stays, and sending from it is refused.
  whatsapp_instance_id uuid references public.whatsapp_instances (id) on delete set null,
  remote_jid text not null,
  contact_name text,
  last_message_at timestamptz,
  created_at timestamptz not null default ghost_repair.now(),
  unique (whatsapp_instance_id, remote_jid)
);
create index if not exists conversations_organization
  on public.conversations (organization_id, last_message_at desc);

create table if not exists public.messages (
  -- May come from the client: it is the idempotency key.
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  conversation_id uuid not null references public.conversations (id) on delete cascade,
  whatsapp_instance_id uuid references public.whatsapp_instances (id) on delete set null,
  whatsapp_message_id text,
  is_from_me boolean not null,
  message_type text not null
    check (message_type in ('text', 'image', 'video', 'audio', 'document')),
  content text,
  media_url text,
  media_mime_type text,
  file_name text,
  caption text,
  reply_to_message_id uuid references public.messages (id) on delete set null,
  quoted_whatsapp_message_id text,
  status text not null
    check (status in ('sending', 'held', 'sent', 'delivered', 'read', 'failed', 'received')),
  error_code text,
  error_message text,
  -- Of a request with several parts: which one this is, and how many there are.
  part smallint not null default 0,
  parts smallint not null default 1,
  -- The order in which a conversation's messages leave.
  position bigint generated always as identity,
  -- When its own send began, of this attempt. Null while it is `sending`: queued, nobody has tried.
  sending_since timestamptz,
  -- Until then whoever took the request sends it; then the scheduler does.
  sender_until timestamptz,
  -- Whose send it is: a claim that is asked again is the same claim, and a failure of another
  -- attempt is no news.
  claim_token uuid,
  attempts int not null default 1,
  -- It failed, or waits, and may have left all the same: nothing sends it again by itself.
  may_have_left boolean not null default false,
  -- Until when a message may wait for its number; null: it never waited.
  held_until timestamptz,
  -- Of media that came as base64, which is let go once it was sent: the same id with another file
  -- is another message.
  media_digest text,
  -- Of a message that was recovered: its own time, so that it stands in its place.
  created_at timestamptz not null default ghost_repair.now(),
  -- When it was brought in after its webhook had been missed. Null: it came when it was written. Whoever
  -- counts what is unread, or rings for what is new, looks at this.
  recovered_at timestamptz,
  -- When its sender changed it, or deleted it for everybody: then nothing is left of what it held. As far
  -- as the gateway told.
  edited_at timestamptz,
  deleted_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz
);
create index if not exists messages_conversation
  on public.messages (conversation_id, created_at desc);
-- What belongs to a number, also where that is nothing: else its deletion reads the whole table.
create index if not exists messages_instance on public.messages (whatsapp_instance_id);
create index if not exists messages_organization on public.messages (organization_id, created_at);
create index if not exists messages_reply on public.messages (reply_to_message_id)
  where reply_to_message_id is not null;
-- One row per WhatsApp message and number: a webhook that comes twice writes once.
create unique index if not exists messages_whatsapp_id
  on public.messages (whatsapp_instance_id, whatsapp_message_id)
  where whatsapp_message_id is not null;
create index if not exists messages_sending on public.messages (sending_since)
  where status = 'sending' and sending_since is not null;
-- What was given up on though it may have left: a report may still tell.
create index if not exists messages_unanswered on public.messages (sending_since)
  where status = 'failed' and may_have_left;
-- What has not left yet: in its conversation's order, and by number.
create index if not exists messages_pending
  on public.messages (conversation_id, position) where status in ('sending', 'held');
create index if not exists messages_waiting
  on public.messages (whatsapp_instance_id, position)
  where status = 'held' or (status = 'sending' and sending_since is null);
create index if not exists messages_failed
  on public.messages (whatsapp_instance_id, failed_at) where status = 'failed';
-- What failed in SQL has its reason as a code alone, until somebody puts it into words.
create index if not exists messages_unexplained on public.messages (failed_at)
  where status = 'failed' and error_message is null;
-- For the search of unconfirmed messages: what nobody confirmed yet, each number's newest confirmation, and the
-- newest of all.
create index if not exists messages_unconfirmed on public.messages (sent_at)
  where status = 'sent' and is_from_me;
create index if not exists messages_unconfirmed_number
  on public.messages (whatsapp_instance_id, sent_at) where status = 'sent' and is_from_me;
create index if not exists messages_delivered
  on public.messages (whatsapp_instance_id, delivered_at desc) where delivered_at is not null;
create index if not exists messages_delivered_at on public.messages (delivered_at)
  where delivered_at is not null;

-- Each instance's gateway, its key, and what its webhooks are signed with.
create table if not exists private.instance_credentials (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  api_url text not null,
  api_key text not null,
  -- Evolution's `jwt_key`: signs the bearer of each webhook (HS256).
  webhook_secret text not null,
  -- For gateways that cannot sign: a static `x-webhook-token` header. Null: not accepted.
  webhook_token text,
  -- Both keys are accepted until the gateway knows the new one.
  previous_webhook_secret text,
  previous_webhook_token text,
  previous_valid_until timestamptz
);
-- A gateway's numbers in order, so that whoever needs a few of them stops there.
create index if not exists instance_credentials_gateway
  on private.instance_credentials (api_url, instance_id);

-- Media that came as base64: needed for the send and for a retry, too heavy for `messages`.
create table if not exists private.message_media (
  message_id uuid primary key references public.messages (id) on delete cascade,
  base64 text not null,
  created_at timestamptz not null default ghost_repair.now()
);
create index if not exists message_media_age on private.message_media (created_at);

-- What the gateway answered, where the message's own row could not be written at once. No reference
-- to that row: it may be locked, and this is written all the same.
create table if not exists private.sent_answers (
  message_id uuid primary key,
  -- Null where the answer had none.
  whatsapp_message_id text,
  noted_at timestamptz not null default ghost_repair.now()
);
create index if not exists sent_answers_age on private.sent_answers (noted_at);

-- The QR that waits for a scan. It pairs a phone, so it is a secret while it lives.
create table if not exists private.instance_qr_codes (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  code text,
  base64 text,
  pairing_code text,
  created_at timestamptz not null default ghost_repair.now(),
  expires_at timestamptz not null,
  -- Whether a connect has followed its scan, where one has to.
  connect_called boolean not null default false
);

-- Reports that overtook the answer to their own send; the end of the send takes them up. Where that
-- answer is lost, what was sent tells which message is meant: no text, a digest.
create table if not exists private.early_acknowledgements (
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  whatsapp_message_id text not null,
  -- `failed`: WhatsApp refused it.
  status text not null check (status in ('sent', 'failed', 'delivered', 'read')),
  received_at timestamptz not null default ghost_repair.now(),
  -- The chat, and `digest_content` of what was sent; null where no report said it.
  remote_jid text,
  hidden_jid text,
  content_digest text,
  primary key (instance_id, whatsapp_message_id)
);
create index if not exists early_acknowledgements_age
  on private.early_acknowledgements (received_at);

-- Members read their own organization's rows; every write goes through a function.
alter table public.organizations enable row level security;
alter table public.organization_members enable row level security;
alter table public.whatsapp_instances enable row level security;
alter table public.conversations enable row level security;
alter table public.messages enable row level security;
alter table private.instance_credentials enable row level security;
alter table private.message_media enable row level security;
alter table private.sent_answers enable row level security;
alter table private.instance_qr_codes enable row level security;
alter table private.early_acknowledgements enable row level security;

revoke all on public.organizations, public.organization_members, public.whatsapp_instances,
  public.conversations, public.messages from anon, authenticated;
revoke all on sequence public.messages_position_seq from anon, authenticated;
grant select on public.organizations, public.organization_members, public.whatsapp_instances,
  public.conversations, public.messages to authenticated;
grant select, insert, update, delete on public.organizations, public.organization_members,
  public.whatsapp_instances, public.conversations, public.messages to service_role;

-- Whose member the signed-in user is: asked by every policy, once a query.
create or replace function ghost_repair.my_organizations() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select m.organization_id from public.organization_members m where m.user_id = auth.uid()
$$;

drop policy if exists "members read their memberships" on public.organization_members;
create policy "members read their memberships" on public.organization_members
  for select to authenticated using (user_id = (select auth.uid()));
drop policy if exists "members read their organizations" on public.organizations;
create policy "members read their organizations" on public.organizations
  for select to authenticated using (id in (select ghost_repair.my_organizations()));
drop policy if exists "members read their instances" on public.whatsapp_instances;
create policy "members read their instances" on public.whatsapp_instances
  for select to authenticated using (
    -- As an array: by the index, where whoever asks names no organization.
    deleted_at is null and organization_id = any (array(select ghost_repair.my_organizations())));
drop policy if exists "members read their conversations" on public.conversations;
create policy "members read their conversations" on public.conversations
  for select to authenticated using (organization_id in (select ghost_repair.my_organizations()));
drop policy if exists "members read their messages" on public.messages;
create policy "members read their messages" on public.messages
  for select to authenticated using (organization_id in (select ghost_repair.my_organizations()));

-- An organization that goes takes its numbers with it, and their sessions would live on at the
-- gateway with nobody who could end them.
create or replace function ghost_repair.refuse_organization_with_numbers() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_numbers bigint := (
    select count(*) from public.whatsapp_instances i
    where i.organization_id = old.id and i.deleted_at is null);
begin
  if v_numbers > 0 then
    raise exception 'organization % still has % of its WhatsApp numbers', old.id, v_numbers
      using errcode = 'restrict_violation',
        hint = 'Delete each number first (delete_instance): that ends its session at the gateway.';
  end if;
  return old;
end $$;
create or replace trigger organizations_without_numbers
  before delete on public.organizations
  for each row execute function ghost_repair.refuse_organization_with_numbers();

create or replace function ghost_repair.touch_updated_at() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.updated_at := ghost_repair.now();
  return new;
end $$;

create or replace trigger whatsapp_instances_touch
  before update on public.whatsapp_instances
  for each row execute function ghost_repair.touch_updated_at();

-- A writer that knows of one flag alone takes the others along: who sets `manual_disconnect`
-- disconnects, and who comes back is no more away.
create or replace function ghost_repair.settle_flags() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.manual_disconnect and not old.manual_disconnect then
    new.status := 'disconnected';
    new.disconnected_since := coalesce(new.disconnected_since, ghost_repair.now());
  elsif new.status = 'connected' and old.status <> 'connected' then
    new.disconnected_since := null;
    new.reconnect_attempts_count := 0;
  end if;
  return new;
end $$;

create or replace trigger whatsapp_instances_flags
  before update of status, manual_disconnect on public.whatsapp_instances
  for each row execute function ghost_repair.settle_flags();
