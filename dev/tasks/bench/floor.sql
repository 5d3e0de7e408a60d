-- What the benchmarks compare with: the least that a request to the database can do. In the
-- benchmark's own database only.

create table if not exists public.bench_rows (
  id uuid primary key,
  content text not null,
  created_at timestamptz not null default ghost_repair.now()
);

create or replace function public.bench_insert(p_id uuid, p_content text) returns uuid
language sql security definer set search_path = '' as $$
  insert into public.bench_rows (id, content) values (p_id, p_content) returning id
$$;

create or replace function public.bench_one() returns int
language sql stable security definer set search_path = '' as $$
  select 1
$$;

revoke all on function public.bench_insert(uuid, text), public.bench_one() from public, anon;
grant execute on function public.bench_insert(uuid, text), public.bench_one()
  to authenticated, service_role;
notify pgrst, 'reload schema';
