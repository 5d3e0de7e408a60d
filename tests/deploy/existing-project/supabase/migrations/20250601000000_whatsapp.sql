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

create table public.chat_messages (
  id uuid primary key default gen_random_uuid(),
  instance_id uuid not null references public.whatsapp_instances (id),
  body text,
  media_url text,
  status text not null default 'sending',
  error text
);
alter table public.chat_messages enable row level security;

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
