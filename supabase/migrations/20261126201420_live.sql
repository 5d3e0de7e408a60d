-- Changes reach an open page by Realtime's broadcast, where the project has it: on a private channel of
-- the organization, `fleet:<organization>`, and nothing but which number it is about and what kind of
-- change. What is to be seen of it the page asks for, with its reader's own rights.

-- Who may hear it: the members of that organization, and nobody may say anything there.
do $$
begin
  if to_regclass('realtime.messages') is not null
    and to_regprocedure('realtime.topic()') is not null then
    drop policy if exists "members hear their organization" on realtime.messages;
    create policy "members hear their organization" on realtime.messages
      for select to authenticated using (
        extension = 'broadcast' and (select realtime.topic()) in (
          select 'fleet:' || o from ghost_repair.my_organizations() o));
  end if;
end $$;

-- Executed as text: Realtime may be missing, or come after this file. It must never keep the change
-- itself from being written.
create or replace function ghost_repair.broadcast_change() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null
    and new.organization_id is not null then
    execute 'select realtime.send($1, ''change'', $2, true)'
      using jsonb_build_object('instanceId', new.instance_id, 'kind', new.kind),
        'fleet:' || new.organization_id;
  end if;
  return null;
exception when others then
  raise warning 'broadcast: %', sqlerrm;
  return null;
end $$;
create or replace trigger instance_events_broadcast
  after insert on public.instance_events
  for each row execute function ghost_repair.broadcast_change();

-- The organizations of the signed-in user whose changes are broadcast; none where Realtime is missing.
create or replace function public.fleet_channels() returns uuid[]
language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(o order by o), '{}')
  from ghost_repair.my_organizations() o
  where to_regclass('realtime.messages') is not null
$$;

revoke all on function public.fleet_channels()
  from public, anon, authenticated;
grant execute on function public.fleet_channels()
  to authenticated, service_role;
