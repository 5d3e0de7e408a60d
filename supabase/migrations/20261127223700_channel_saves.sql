-- Two people who change an alert channel at the same time each wrote all of it, as they had read it: a
-- pause and a new secret, and one of them was lost. It is read under its lock, so that the second
-- changes what the first has left.

-- Makes a channel, or (with `id`) changes one: what is not told stays as it is. The secret of before
-- signs on for a while (`alert_secret_kept`).
create or replace function public.save_alert_channel(p_user_id uuid, p_channel jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_old private.alert_channels;
  v_new private.alert_channels;
  v_refusal text;
begin
  if p_channel ->> 'id' is null then
    v_refusal := ghost_repair.refuse_managing(p_user_id, (p_channel ->> 'organization_id')::uuid);
    v_new.id := gen_random_uuid();
    v_new.time_zone := 'America/Sao_Paulo';
    v_new.events := '{down,qr,recovered}';
    v_new.language := 'pt';
    v_new.enabled := true;
    v_new.created_at := ghost_repair.now();
  else
    -- A statement of its own: the next one sees what whoever had it locked has written.
    perform from private.alert_channels c
    where c.id = (ghost_repair.managed_channel(p_user_id, (p_channel ->> 'id')::uuid)).id
    for no key update;
    v_old := ghost_repair.managed_channel(p_user_id, (p_channel ->> 'id')::uuid);
    v_refusal := case when v_old.id is null then 'channel_not_found' end;
    v_new := v_old;
  end if;
  if v_refusal is not null then
    return jsonb_build_object('result', v_refusal);
  end if;
  -- Neither its organization nor its kind changes.
  v_new := jsonb_populate_record(v_new, p_channel - array['id', 'created_at', 'last_outcome',
    'last_sent_at', 'previous_secret', 'previous_valid_until']
    - case when v_old.id is null then '{}'::text[] else array['organization_id', 'kind'] end);
  -- A zone that nobody knows would stop every channel's hours.
  if not exists (
    select from pg_catalog.pg_timezone_names t where t.name = v_new.time_zone) then
    return '{"result": "channel_incomplete"}';
  end if;
  if v_old.secret is distinct from v_new.secret and v_old.secret is not null then
    v_new.previous_secret := v_old.secret;
    v_new.previous_valid_until := ghost_repair.now()
      + (select s.alert_secret_kept from ghost_repair.settings s);
  end if;
  insert into private.alert_channels select v_new.*
  on conflict (id) do update set
    name = excluded.name, target = excluded.target, url = excluded.url, secret = excluded.secret,
    previous_secret = excluded.previous_secret,
    previous_valid_until = excluded.previous_valid_until, events = excluded.events,
    language = excluded.language, quiet_from = excluded.quiet_from,
    quiet_until = excluded.quiet_until, time_zone = excluded.time_zone,
    enabled = excluded.enabled;
  return jsonb_build_object('channel', ghost_repair.channel_view(v_new));
exception when check_violation then
  return '{"result": "channel_incomplete"}';
end $$;
