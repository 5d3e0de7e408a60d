-- The same of the same number within half an hour (`alert_cooldown`) was dropped, though nothing raises
-- it a second time: the channel's last word was then "is back" of a number that stayed down. It waits
-- for the end of that pause instead, and is told where it is still so.

-- A number needs a person (`down`), or a scan (`qr`), or lives again (`recovered`). A channel that was
-- told last that it lives, or was told nothing, hears nothing of that; one that was told last the very
-- same, a moment ago, has it already. What a person disconnected is nobody's alarm.
create or replace function ghost_repair.raise_alert(
  p_instance_id uuid, p_kind text, p_reason text default null
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_session ghost_repair.session := ghost_repair.read_session(p_instance_id);
  v_open ghost_repair.number_alerts;
begin
  if not v_settings.alerts or (v_session.manual_disconnect and p_kind <> 'recovered') then
    return;
  end if;
  if p_kind = 'recovered' then
    delete from ghost_repair.number_alerts n where n.instance_id = p_instance_id
    returning n.* into v_open;
    if not found then
      return;
    end if;
  else
    select n.* into v_open from ghost_repair.number_alerts n where n.instance_id = p_instance_id;
    if v_open.kind = p_kind and v_open.reason is not distinct from p_reason then
      return;
    end if;
    insert into ghost_repair.number_alerts as n (instance_id, kind, reason, since)
    values (p_instance_id, p_kind, p_reason, coalesce(v_session.disconnected_since,
      -- Of a connected number: since when its gateway has not said how it is.
      (select t.since from ghost_repair.troubles t
        where t.instance_id = p_instance_id and t.told_at is not null),
      ghost_repair.now()))
    on conflict (instance_id) do update set kind = excluded.kind, reason = excluded.reason
    returning n.* into v_open;
  end if;
  -- What was not told yet is told as it is now.
  delete from ghost_repair.alerts a where a.instance_id = p_instance_id and a.message_id is null;
  insert into ghost_repair.alerts (channel_id, instance_id, api_url, kind, reason, since, due_at)
  select c.id, p_instance_id, ghost_repair.gateway_of(p_instance_id), p_kind, p_reason, v_open.since,
    greatest(ghost_repair.now() + v_settings.alert_gather, (
      select max(m.created_at) + v_settings.alert_cooldown
      from ghost_repair.alerts a
      join ghost_repair.alert_messages m on m.id = a.message_id
      where a.instance_id = p_instance_id and a.channel_id = c.id
        and a.kind = p_kind and a.kind <> 'recovered' and a.reason is not distinct from p_reason))
  from private.alert_channels c
  -- Its last word.
  left join lateral (
    select a.kind, a.reason, m.created_at
    from ghost_repair.alerts a
    join ghost_repair.alert_messages m on m.id = a.message_id
    where a.instance_id = p_instance_id and a.channel_id = c.id
    order by a.raised_at desc, a.id desc limit 1) w on true
  where c.enabled and p_kind = any (c.events)
    and (c.organization_id is null or c.organization_id = v_session.organization_id)
    and case when p_kind = 'recovered' then w.kind <> 'recovered'
      else (w.kind = p_kind and w.reason is not distinct from p_reason
        and w.created_at > ghost_repair.now() - v_settings.alert_cooldown
        -- Who hears of no end knows of none.
        and 'recovered' = any (c.events)) is not true end;
end $$;

-- Puts what is due into messages: what happened together of a channel and gateway into one. What waits
-- for the end of its pause does not come with the others. Returns how many.
create or replace function ghost_repair.write_alert_messages() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_due record;
  v_message uuid;
  v_ids bigint[];
  v_count bigint := 0;
  v_until constant timestamptz := ghost_repair.now()
    + (select s.alert_gather from ghost_repair.settings s);
begin
  for v_due in select d.* from ghost_repair.due_alerts d order by d.due_at loop
    -- One caller for a channel: the other finds nothing untold.
    perform from private.alert_channels c
    where c.id = v_due.channel_id for no key update skip locked;
    continue when not found;
    v_ids := (
      select array_agg(u.id) from (
        select a.id from ghost_repair.alerts a
        where a.channel_id = v_due.channel_id and a.api_url is not distinct from v_due.api_url
          and a.message_id is null and a.due_at <= v_until for update skip locked) u);
    continue when v_ids is null;
    insert into ghost_repair.alert_messages (channel_id, api_url, numbers, items)
    select v_due.channel_id, v_due.api_url, cardinality(v_ids), jsonb_agg(t.item) from (
      select jsonb_build_object('instanceId', i.id,
        'name', coalesce(i.display_name, i.instance_name), 'kind', a.kind, 'reason', a.reason,
        'since', a.since, 'awaySeconds',
          round(extract(epoch from a.raised_at - a.since))) as item
      from ghost_repair.alerts a
      join public.whatsapp_instances i on i.id = a.instance_id
      where a.id = any (v_ids) order by a.kind, a.id) t
    returning id into v_message;
    update ghost_repair.alerts a set message_id = v_message where a.id = any (v_ids);
    v_count := v_count + 1;
  end loop;
  update ghost_repair.alert_messages m set state = 'unknown', last_outcome = 'interrupted'
  from private.alert_channels c
  where c.id = m.channel_id and c.kind <> 'webhook' and m.state = 'sending'
    and m.next_attempt_at <= ghost_repair.now();
  return v_count;
end $$;
