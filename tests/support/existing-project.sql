-- A project that had WhatsApp numbers long before the repair: other tenants, the gateway's address
-- and key in the row, a status that nothing checks, and triggers that rewrite what they can.

create table public.law_firms (id uuid primary key default gen_random_uuid(), name text not null);

create table public.whatsapp_instances (
  id uuid primary key default gen_random_uuid(),
  law_firm_id uuid references public.law_firms (id),
  instance_name text not null,
  api_url text not null,
  api_key text not null,
  status text,
  disconnected_since timestamptz,
  updated_at timestamptz not null default now()
);
alter table public.whatsapp_instances enable row level security;
create policy "signed in" on public.whatsapp_instances for select to authenticated using (true);

create function public.set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end $$;
create trigger set_updated_at before update on public.whatsapp_instances
  for each row execute function public.set_updated_at();

create function public.track_status() returns trigger language plpgsql as $$
begin
  new.disconnected_since := case when new.status = 'connected' then null else clock_timestamp() end;
  return new;
end $$;
create trigger track_status before update on public.whatsapp_instances
  for each row execute function public.track_status();

-- Helpers of its own in a schema that happens to have the same name, open to signed-in users.
create schema private;
grant usage on schema private to authenticated;
create function private.is_lawyer() returns boolean language sql as 'select true';

insert into public.law_firms (name) values ('Silva'), ('Souza');
insert into public.whatsapp_instances
  (law_firm_id, instance_name, api_url, api_key, status, disconnected_since, updated_at)
select f.id, concat(f.name, '-', s.status), 'https://evolution.example', 'key-' || f.name, s.status,
  case when s.status is distinct from 'connected' then timestamptz '2026-01-01 12:00' end,
  timestamptz '2026-01-02 12:00'
from public.law_firms f,
  unnest(array['connected', 'disconnected', 'awaiting_qr', 'OFFLINE', null]) s (status);
