-- A canary's number is deleted while the other one may still hear of it: late, from a gateway that was
-- away, or as history that is brought in. It is nobody's message all the same, so it outlives its
-- trial and the one number, and goes with the other one, or with its age.

alter table ghost_repair.canaries
  alter column trial_id drop not null,
  alter column sender_id drop not null,
  alter column recipient_id drop not null;

-- Before the row goes: what refers to it would go with it.
create or replace function ghost_repair.keep_canaries() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.canaries c set
    trial_id = null,
    sender_id = nullif(c.sender_id, old.id),
    recipient_id = nullif(c.recipient_id, old.id)
  where old.id in (c.sender_id, c.recipient_id);
  delete from ghost_repair.canaries c
  where c.trial_id is null
    and (coalesce(c.sender_id, c.recipient_id) is null
      or c.begun_at < ghost_repair.now() - (select s.keep_events from ghost_repair.settings s));
  return old;
end $$;
create or replace trigger whatsapp_instances_canaries
  before delete on public.whatsapp_instances
  for each row execute function ghost_repair.keep_canaries();
