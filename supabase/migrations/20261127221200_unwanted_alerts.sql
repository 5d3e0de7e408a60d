-- A number that a person disconnected, or deleted, needs nobody: its gateway may be away, or not know
-- it any more. Only a logout that is owed waits for the gateway; that is said of the number, and no
-- alarm. What was about to be told of it before is withdrawn, whoever writes the row.

create or replace function ghost_repair.withdraw_alerts() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from ghost_repair.number_alerts n where n.instance_id = new.id;
  delete from ghost_repair.alerts a where a.instance_id = new.id and a.message_id is null;
  return null;
end $$;
create or replace trigger whatsapp_instances_unwanted
  after update of manual_disconnect on public.whatsapp_instances
  for each row when (new.manual_disconnect and not old.manual_disconnect)
  execute function ghost_repair.withdraw_alerts();

-- Wanted back, whatever its gateway does is news: while it was nobody's, it was told to no channel.
create or replace function ghost_repair.forget_trouble() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.end_trouble(new.id);
  return null;
end $$;
create or replace trigger whatsapp_instances_wanted
  after update of manual_disconnect on public.whatsapp_instances
  for each row when (old.manual_disconnect and not new.manual_disconnect)
  execute function ghost_repair.forget_trouble();

delete from ghost_repair.number_alerts n using public.whatsapp_instances i
where i.id = n.instance_id and i.manual_disconnect;

-- What a look found; ends its lease. Nothing is written where the number waits no more, or was
-- reported open since the lease: what was found is older than that. Of a number that a person
-- disconnected it is no trouble that its gateway does not say how it is, unless a logout is owed; and
-- what the gateway does not know has no session to log out.
--
-- p_outcome  {outcome: open | close | connecting | not_found | unreachable | …, ms, …}
-- Returns    {next, token}. next:
--            connected   open, and nobody disconnected it
--            logout      open, against a person's wish: log out once, then `record_owed_logout`
--            waits       as it was
--            overtaken   nothing was written
create or replace function public.record_watch(
  p_instance_id uuid, p_token uuid, p_epoch bigint, p_outcome jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_held constant boolean := ghost_repair.end_lease('watch', p_instance_id, p_token);
  v_found text := p_outcome ->> 'outcome';
  v_interval interval := (select s.waiting_interval from ghost_repair.settings s);
  v_token uuid;
begin
  if not v_held or v_session.connection_epoch is distinct from p_epoch
    or not exists (select from ghost_repair.waiting_numbers d where d.id = p_instance_id) then
    return '{"next": "overtaken"}';
  end if;
  insert into ghost_repair.watches as w (instance_id, next_look_at)
  values (p_instance_id, ghost_repair.now() + ghost_repair.stagger(v_interval))
  on conflict (instance_id) do update set
    looked_at = excluded.looked_at, next_look_at = excluded.next_look_at;
  if v_session.manual_disconnect and v_found = 'not_found' then
    perform ghost_repair.end_owed_logout(p_instance_id);
  end if;
  if v_found not in ('open', 'close', 'connecting') and (not v_session.manual_disconnect
    or exists (select from ghost_repair.owed_logouts o where o.instance_id = p_instance_id)) then
    perform ghost_repair.note_trouble(p_instance_id, ghost_repair.trouble_reason(v_found));
    return '{"next": "waits"}';
  end if;
  perform ghost_repair.end_trouble(p_instance_id);
  if v_found <> 'open' then
    perform ghost_repair.end_owed_logout(p_instance_id);
    return '{"next": "waits"}';
  elsif not v_session.manual_disconnect then
    perform ghost_repair.mark_connected(p_instance_id,
      '{"source": "watch"}'::jsonb || (p_outcome - 'outcome'));
    return '{"next": "connected"}';
  end if;
  -- Nobody connects it meanwhile: a person who wants it back waits for the answer.
  if not exists (select from ghost_repair.owed_logouts o where o.instance_id = p_instance_id) then
    perform ghost_repair.owe_logout(p_instance_id, '{"source": "watch"}');
  end if;
  if not ghost_repair.is_leased('reconnect', p_instance_id)
    and ghost_repair.begin_owed_logout(p_instance_id) then
    v_token := ghost_repair.take_lease('reconnect', p_instance_id,
      (select s.connect_time from ghost_repair.settings s));
  end if;
  return case when v_token is null then '{"next": "waits"}'::jsonb
    else jsonb_build_object('next', 'logout', 'token', v_token) end;
end $$;
