-- A person who doubts what the page says asks to have the number looked at now. The look is the watch's:
-- this makes it due, and the scheduler's next call makes it. So a page that polls, or a person who
-- clicks again and again, costs the gateway no more than a look in each pause.

alter table ghost_repair.settings
  -- One look that a person asked for follows another after so long; longer where WhatsApp wants fewer.
  add column if not exists look_pause interval not null default interval '15 seconds';

-- When a look at a number was asked for last.
create table if not exists ghost_repair.requested_looks (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  requested_at timestamptz not null
) with (fillfactor = 70);
alter table ghost_repair.requested_looks enable row level security;

-- Who looks at a number next, and from when on. `looks_at`: whose list it is on, where a look of the
-- watch's can be made due; else `reason` says why not:
--   paused                    nothing is done by itself now
--   instance_without_gateway  nobody can ask
--   repairing, needs_operator its repair looks at it
--   reconnecting              the scheduler connects it, and reads the registry first
--   watch_off                 connected numbers are not probed, or this organization's are not
--   under_way                 it is being looked at
create or replace function ghost_repair.next_look(
  p_instance public.whatsapp_instances, out looks_at text, out due_at timestamptz, out reason text
)
language plpgsql stable security definer set search_path = '' as $$
declare
  v_now constant timestamptz := ghost_repair.now();
  v_watched record;
begin
  if ghost_repair.is_paused() then
    reason := 'paused';
  elsif not exists (
    select from private.instance_credentials k where k.instance_id = p_instance.id) then
    reason := 'instance_without_gateway';
  elsif ghost_repair.has_open_repair(p_instance.id) then
    select case when r.state = 'needs_operator' then r.state else 'repairing' end, r.next_step_at
    into reason, due_at
    from public.ghost_repairs r
    where r.instance_id = p_instance.id and r.closed_at is null and r.hearing is null;
  elsif p_instance.status = 'connected' then
    select w.every, w.state into v_watched from ghost_repair.watched_states w
    where w.instance_id = p_instance.id;
    if v_watched.every is null then
      reason := 'watch_off';
    elsif ghost_repair.is_leased('probe', p_instance.id) then
      reason := 'under_way';
      due_at := v_now;
    else
      looks_at := 'connected';
      due_at := (ghost_repair.watch_of(p_instance.id) ->> 'nextLookAt')::timestamptz;
    end if;
  else
    select w.due_at into due_at from ghost_repair.waiting_numbers w where w.id = p_instance.id;
    if not found then
      reason := 'reconnecting';
      due_at := (ghost_repair.reconnect_view(p_instance) ->> 'nextAttemptAt')::timestamptz;
    elsif ghost_repair.is_leased('watch', p_instance.id) then
      reason := 'under_way';
      due_at := v_now;
    else
      looks_at := 'waiting';
    end if;
  end if;
  -- What was due a while ago is due now; where nobody looks that stays so.
  due_at := case when due_at is not null then greatest(due_at, v_now) end;
end $$;

-- A member wants a number looked at now. Calls nobody: the scheduler makes the look.
--
-- Returns  {result: ok, instance: {…}, look: {dueAt, reason}}: reason is null where this made a look
--          due, `asked_lately` where one was asked for within the pause, else as in `next_look`
--          {result: <refusal>}
create or replace function public.request_look(p_user_id uuid, p_instance_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_found record;
  v_instance public.whatsapp_instances;
  v_look record;
  v_now constant timestamptz := ghost_repair.now();
begin
  select a.* into v_found from ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;
  if v_found.refusal is not null then
    return jsonb_build_object('result', v_found.refusal);
  end if;
  select i.* into v_instance from public.whatsapp_instances i
  where i.id = p_instance_id and i.deleted_at is null for no key update;
  if not found then
    return '{"result": "instance_not_found"}';
  end if;
  select n.* into v_look from ghost_repair.next_look(v_instance) n;
  if v_look.looks_at is not null then
    insert into ghost_repair.requested_looks as l (instance_id, requested_at)
    values (p_instance_id, v_now)
    on conflict (instance_id) do update set requested_at = excluded.requested_at
    where l.requested_at <= v_now - (
      select s.look_pause from ghost_repair.settings s) * coalesce((
      select w.stretch from ghost_repair.watched_numbers w where w.instance_id = p_instance_id), 1);
    if found then
      v_look.due_at := v_now;
      -- Probed although it was heard of: that is what is doubted.
      update ghost_repair.watched_numbers w set next_look_at = v_now, asked_at = v_now
      where w.instance_id = p_instance_id and v_look.looks_at = 'connected';
      -- One that was never looked at is due as it is.
      update ghost_repair.watches w set next_look_at = least(w.next_look_at, v_now)
      where w.instance_id = p_instance_id and v_look.looks_at = 'waiting';
    else
      v_look.reason := 'asked_lately';
    end if;
  end if;
  return jsonb_build_object('result', 'ok',
    'instance', ghost_repair.instance_view(v_instance, v_found.role),
    'look', jsonb_build_object('dueAt', v_look.due_at, 'reason', v_look.reason));
end $$;

revoke all on function public.request_look(uuid, uuid) from public, anon, authenticated;
grant execute on function public.request_look(uuid, uuid) to service_role;
