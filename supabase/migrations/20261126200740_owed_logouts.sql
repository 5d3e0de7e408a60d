-- A person disconnected a number and its session lives on at the gateway: the logout failed, or the
-- gateway was away. The row says what the person wanted; the logout is owed, and made once it can be.
--
--   disconnect: registry not close ─┐
--   a report that it is open ───────┼─▶ owed (told once) ── watch: registry open ─▶ one logout
--   watch: registry open ───────────┘                           │        └─ still open: later again
--                                     registry says close ◀─────┘
--   reconnected by a person ─▶ owed no more

alter table ghost_repair.settings
  -- From one try to the next; twice as long after each. A report that the session is open is a
  -- reason to try at once.
  add column if not exists owed_logout_pause interval not null default interval '10 minutes',
  add column if not exists owed_logout_pause_most interval not null default interval '1 hour';

create table if not exists ghost_repair.owed_logouts (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  tries int not null default 0,
  next_try_at timestamptz not null,
  since timestamptz not null default ghost_repair.now()
);
alter table ghost_repair.owed_logouts enable row level security;

-- The session of a number that a person disconnected is open, or nobody knows that it is not. The
-- next try comes now, but never within the window of the logout before, which may have been made by as
-- much later than it was begun as a claimer has (`claim_grace`).
create or replace function ghost_repair.owe_logout(p_instance_id uuid, p_detail jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_from timestamptz := (
    select greatest(ghost_repair.now(),
      x.last_disconnected_at + s.repair_window + s.claim_grace)
    from ghost_repair.read_session(p_instance_id) x, ghost_repair.settings s);
begin
  insert into ghost_repair.owed_logouts (instance_id, next_try_at) values (p_instance_id, v_from)
  on conflict (instance_id) do nothing;
  if found then
    perform ghost_repair.add_event(p_instance_id, 'logout_owed', p_detail);
  else
    update ghost_repair.owed_logouts o set next_try_at = least(o.next_try_at, v_from)
    where o.instance_id = p_instance_id;
  end if;
end $$;

-- May the owed logout be made now? Written down before it is made. The row is locked, and the number
-- is a person's to have disconnected.
create or replace function ghost_repair.begin_owed_logout(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.owed_logouts o set
    tries = o.tries + 1,
    next_try_at = ghost_repair.now()
      + least(s.owed_logout_pause_most, s.owed_logout_pause * 2 ^ least(o.tries, 10))
  from ghost_repair.settings s
  where o.instance_id = p_instance_id and o.next_try_at <= ghost_repair.now()
    and coalesce((ghost_repair.read_session(p_instance_id)).last_disconnected_at, '-infinity')
      <= ghost_repair.now() - s.repair_window - s.claim_grace;
  if not found then
    return false;
  end if;
  perform ghost_repair.note_logout(p_instance_id);
  return true;
end $$;

-- The session is gone, or wanted again.
create or replace function ghost_repair.end_owed_logout(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  delete from ghost_repair.owed_logouts o where o.instance_id = p_instance_id;
end $$;
