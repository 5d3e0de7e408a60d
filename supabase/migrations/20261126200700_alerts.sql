-- A person is told: once for each reason of a repair, by a signed call that is tried again.

alter table ghost_repair.settings
  -- After so many tries nobody is called any more; the event was written all the same.
  add column if not exists notice_attempts int not null default 10,
  -- Whether the functions have a hook to call, as they said last; null: they did not say yet. Where
  -- there is none nobody is to be called, so nothing is due for it.
  add column if not exists operator_hook boolean;

create table if not exists ghost_repair.operator_notices (
  repair_id uuid primary key references public.ghost_repairs (id) on delete cascade,
  attempts int not null default 0,
  next_attempt_at timestamptz not null default ghost_repair.now(),
  -- accepted, refused, failed, address_refused
  last_outcome text,
  sent_at timestamptz
);
create index if not exists operator_notices_due on ghost_repair.operator_notices (next_attempt_at)
  where sent_at is null;
alter table ghost_repair.operator_notices enable row level security;

-- Told of something else before, the person is told again: what is to be done is another thing.
create or replace function ghost_repair.queue_operator_notice() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into ghost_repair.operator_notices (repair_id) values (new.id)
  on conflict (repair_id) do update set
    attempts = 0, next_attempt_at = ghost_repair.now(), last_outcome = null, sent_at = null;
  return null;
end $$;

create or replace trigger ghost_repairs_need_operator
  after update of state, evidence on public.ghost_repairs
  for each row when (new.state = 'needs_operator' and (old.state <> new.state
    or old.evidence ->> 'reason' is distinct from new.evidence ->> 'reason'))
  execute function ghost_repair.queue_operator_notice();

-- Notices that are due, whoever asks: none where there is no hook. A number that lives again is no
-- news for an operator.
create or replace view ghost_repair.due_notices as
select n.repair_id, n.next_attempt_at
from ghost_repair.operator_notices n
where n.sent_at is null and n.next_attempt_at <= ghost_repair.now()
  and not ghost_repair.is_paused()
  and exists (
    select from ghost_repair.settings s
    where n.attempts < s.notice_attempts and s.operator_hook is not false)
  and exists (
    select from public.ghost_repairs r where r.id = n.repair_id and r.closed_at is null);

-- They are claimed by moving their next attempt ahead: 1, 2, 4, … minutes. `p_has_hook`: whether the
-- caller has a hook. One that has none is given nothing, and is not called for notices again; one
-- that has one is told of what was left meanwhile.
create or replace function public.claim_operator_notices(
  p_limit int, p_has_hook boolean default true
) returns table (
  repair_id uuid, instance_id uuid, organization_id uuid, instance_name text, display_name text,
  disconnected_since timestamptz, opened_at timestamptz, reason text,
  connect_called boolean, restart_called boolean, logout_called boolean
)
language sql security definer set search_path = '' as $$
  update ghost_repair.settings s set operator_hook = p_has_hook
  where s.operator_hook is distinct from p_has_hook;
  with due as (
    select d.repair_id from ghost_repair.due_notices d
    order by d.next_attempt_at limit p_limit for update skip locked
  ), claimed as (
    update ghost_repair.operator_notices n set
      attempts = n.attempts + 1,
      next_attempt_at = ghost_repair.now()
        + make_interval(mins => (2 ^ least(n.attempts, 6))::int)
    from due d where n.repair_id = d.repair_id
    returning n.repair_id
  )
  select r.id, r.instance_id, r.organization_id, a.instance_name, a.display_name,
    (ghost_repair.read_session(r.instance_id)).disconnected_since, r.opened_at,
    r.evidence ->> 'reason', r.connect_called_at is not null, r.restart_called_at is not null,
    r.logout_called_at is not null
  from claimed c
  join public.ghost_repairs r on r.id = c.repair_id
  left join lateral ghost_repair.read_address(r.instance_id) a on true
$$;

-- How a try ended: accepted is the last. A notice without a try has become another one meanwhile.
create or replace function public.record_operator_notice(p_repair_id uuid, p_outcome text)
returns void
language sql security definer set search_path = '' as $$
  update ghost_repair.operator_notices set
    last_outcome = p_outcome, sent_at = case when p_outcome = 'accepted' then ghost_repair.now() end
  where repair_id = p_repair_id and sent_at is null and attempts > 0
$$;

revoke all on function public.claim_operator_notices(int, boolean),
  public.record_operator_notice(uuid, text) from public, anon, authenticated;
grant execute on function public.claim_operator_notices(int, boolean),
  public.record_operator_notice(uuid, text) to service_role;
