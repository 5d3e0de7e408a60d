-- A gateway that was away while its numbers say connected was one event, and then silence: its numbers
-- said "ok" for as long as it was away, and no person was told. After `tell_after` one number of each
-- organization is told of, the others say why they need somebody, and all of it ends with the silence.
-- No row changes: what nobody knows is not disconnected.
--
--   silent look ── note_silence ── gateway_silent, once
--                       └── ten minutes of them ──▶ a trouble in each organization; `attentions`
--   any answer ── silent_since is null again ── end_silence ──▶ those troubles end

alter table ghost_repair.watched_gateways
  -- The last look that it did not answer. Two that lie far apart are two silences: in between numbers
  -- were heard of, and nobody had to ask.
  add column if not exists silent_looked_at timestamptz,
  -- When people were told of a silence; of this one where it is not before `silent_since`.
  add column if not exists silence_told_at timestamptz;

-- Gateways whose silence people were told of, as long as looks find it.
create or replace view ghost_repair.silent_gateways as
select g.api_url, g.silent_since
from ghost_repair.watched_gateways g, ghost_repair.settings s
where g.silence_told_at >= g.silent_since
  and g.silent_looked_at > ghost_repair.now() - s.tell_after;

-- Whether this number is what its organization was told of for a silence that goes on.
create or replace function ghost_repair.tells_of_silence(p_instance_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from ghost_repair.troubles t
    join private.instance_credentials k on k.instance_id = t.instance_id
    join ghost_repair.silent_gateways g on g.api_url = k.api_url
    where t.instance_id = p_instance_id and t.told_reason = 'gateway_unreachable');
end $$;

-- Events join in here, whoever writes them. Disconnected by a person, a number is nobody's alarm. A
-- gateway may report what it does not answer: an open session says nothing of its silence.
create or replace function ghost_repair.alert_of_event() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.kind = 'manual_disconnect' then
    delete from ghost_repair.number_alerts n where n.instance_id = new.instance_id;
    delete from ghost_repair.alerts a where a.instance_id = new.instance_id and a.message_id is null;
  elsif new.kind <> 'connected' or not ghost_repair.tells_of_silence(new.instance_id) then
    perform ghost_repair.raise_alert(new.instance_id, case new.kind
        when 'needs_operator' then 'down' when 'qr_required' then 'qr' else 'recovered' end,
      case new.kind when 'needs_operator' then new.detail ->> 'reason' end);
  end if;
  return null;
end $$;

-- A gateway did not answer the look at this number. Its row is locked before any trouble is.
create or replace function ghost_repair.note_silence(
  p_api_url text, p_instance_id uuid, p_detail jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_now constant timestamptz := ghost_repair.now();
  v_long_ago constant timestamptz := v_now
    - (select s.tell_after from ghost_repair.settings s);
  v_gateway ghost_repair.watched_gateways;
  v_id uuid;
begin
  select g.* into v_gateway from ghost_repair.watched_gateways g
  where g.api_url = p_api_url for update;
  if not found then
    return;
  end if;
  update ghost_repair.watched_gateways g set silent_looked_at = v_now where g.api_url = p_api_url;
  if v_gateway.silent_since is null or v_gateway.silent_looked_at <= v_long_ago then
    update ghost_repair.watched_gateways g set silent_since = v_now where g.api_url = p_api_url;
    perform ghost_repair.add_event(p_instance_id, 'gateway_silent', p_detail);
  elsif v_gateway.silent_since <= v_long_ago
    and coalesce(v_gateway.silence_told_at < v_gateway.silent_since, true) then
    update ghost_repair.watched_gateways g set silence_told_at = v_now where g.api_url = p_api_url;
    for v_id in
      select distinct on (i.organization_id) i.id
      from private.instance_credentials k
      join public.whatsapp_instances i on i.id = k.instance_id
      where k.api_url = p_api_url and i.status = 'connected' and i.deleted_at is null
      order by i.organization_id, i.id <> p_instance_id, i.id
    loop
      insert into ghost_repair.troubles (instance_id, reason, since)
      values (v_id, 'gateway_unreachable', v_gateway.silent_since)
      on conflict (instance_id) do nothing;
      perform ghost_repair.note_trouble(v_id, 'gateway_unreachable', '0');
    end loop;
  end if;
end $$;

-- It answered, whoever asked. What its numbers that are not connected are told of, their own looks end.
create or replace function ghost_repair.end_silence() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from ghost_repair.troubles t
  where t.reason = 'gateway_unreachable'
    and (select k.api_url from private.instance_credentials k
      where k.instance_id = t.instance_id) = new.api_url
    and (select i.status from public.whatsapp_instances i
      where i.id = t.instance_id) = 'connected';
  return null;
end $$;
create or replace trigger watched_gateways_silence
  after update of silent_since on ghost_repair.watched_gateways
  for each row when (old.silent_since is not null and new.silent_since is null)
  execute function ghost_repair.end_silence();

-- Why a person has to look at a number besides its repair. Its gateway has not said for long how it is,
-- or does not answer at all; or its session lives on though a person disconnected it. What a person was
-- told of stays so while another reason has not lasted.
create or replace view ghost_repair.attentions as
select i.id as instance_id, coalesce(
  case when t.reason is not null then t.told_reason end,
  -- Nearly always no gateway is silent: then no number's is looked up.
  case when i.status = 'connected' and (select exists (select from ghost_repair.silent_gateways))
    then (select 'gateway_unreachable' from ghost_repair.silent_gateways g
      where g.api_url = (select k.api_url from private.instance_credentials k
        where k.instance_id = i.id)) end,
  case when o.instance_id is not null then 'session_still_open' end) as reason
from public.whatsapp_instances i
left join ghost_repair.troubles t on t.instance_id = i.id and t.told_reason is not null
left join ghost_repair.owed_logouts o on o.instance_id = i.id;

-- What looks at watched numbers found; ends their leases. What a lease no longer covers, or what is
-- older than the row, is not written.
--
-- p_findings  [{instance_id, token, epoch, verdict, own_number?, detail?}]; verdict:
--             alive    something came through the socket
--             limited  WhatsApp refuses who asks too much: alive, and asked less often
--             dead     twice silent although the gateway lives: a repair, unless more is dead
--             silent   the gateway did not answer: nothing is known
--             skipped  not looked at after all
--             and else why the probe proves nothing: no_number, any_answer, no_endpoint, …
-- Returns     {<what came of it>: how many}: suspected, outage, overtaken, and the verdicts
create or replace function public.record_watched_numbers(p_findings jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_now constant timestamptz := ghost_repair.now();
  v_found record;
  v_session ghost_repair.session;
  v_ids constant uuid[] := array(
    select (f ->> 'instance_id')::uuid from jsonb_array_elements(p_findings) f);
  -- By number: when the lease that ends here began, and what came of the finding.
  v_leases jsonb;
  v_ends jsonb;
  v_alive uuid[];
  v_end text;
begin
  -- Alone it waits for the number; of several none holds up the others, and rows are locked in one
  -- order: numbers, their looks, leases, gateways.
  if jsonb_array_length(p_findings) = 1 and p_findings -> 0 ->> 'verdict' = 'dead' then
    perform ghost_repair.lock_session(v_ids[1]);
  end if;
  perform from ghost_repair.watched_numbers w
  where w.instance_id = any (v_ids) order by w.instance_id for update;
  with told as (
    select f.instance_id, f.token
    from jsonb_to_recordset(p_findings) f (instance_id uuid, token uuid)
  ), ended as (
    update ghost_repair.leases l set expires_at = v_now
    from told f
    where l.kind = 'probe' and l.subject = any (v_ids) and l.subject = f.instance_id
      and l.token = f.token and l.expires_at > v_now
    returning l.subject, l.leased_at
  )
  select coalesce(jsonb_object_agg(e.subject, e.leased_at), '{}') into v_leases from ended e;
  select jsonb_object_agg(f.instance_id,
      case when v_leases ? f.instance_id::text then f.verdict else 'overtaken' end),
    array_agg(f.instance_id) filter (
      where f.verdict in ('alive', 'limited') and v_leases ? f.instance_id::text)
  into v_ends, v_alive
  from jsonb_to_recordset(p_findings) f (instance_id uuid, verdict text);

  -- Nearly all: written at once.
  if v_alive is not null then
    update public.whatsapp_instances i set last_alive_at = v_now
    from (
      select n.id from public.whatsapp_instances n
      where n.id = any (v_alive) order by n.id for no key update skip locked) n
    where i.id = n.id;
    if p_findings @? '$[*].own_number' then
      update public.whatsapp_instances i set phone_number = f.own_number
      from jsonb_to_recordset(p_findings) f (instance_id uuid, own_number text)
      where i.id = f.instance_id and i.id = any (v_alive) and i.last_alive_at = v_now
        and i.phone_number is null and f.own_number is not null;
    end if;
    -- Gateways before troubles: the end of a gateway's silence ends some.
    perform ghost_repair.note_gateways_answer(v_alive, true);
    delete from ghost_repair.troubles t where t.instance_id = any (v_alive);
  end if;

  for v_found in
    select f.*, (
        select k.api_url from private.instance_credentials k where k.instance_id = f.instance_id
      ) as api_url
    from jsonb_to_recordset(p_findings) f (
      instance_id uuid, token uuid, epoch bigint, verdict text, detail jsonb)
    where f.verdict not in ('alive', 'limited', 'skipped') and v_leases ? f.instance_id::text
    order by api_url, f.instance_id
  loop
    v_end := v_found.verdict;
    if v_end = 'dead' then
      v_session := ghost_repair.lock_session(v_found.instance_id, true);
      -- Reported open, heard of, taken away or under repair since the lease: that is the newer one.
      if v_session.connection_epoch is distinct from v_found.epoch
        or v_session.status is distinct from 'connected'
        or exists (select from public.whatsapp_instances i
          where i.id = v_found.instance_id
            and i.last_alive_at > (v_leases ->> v_found.instance_id::text)::timestamptz)
        or ghost_repair.has_open_repair(v_found.instance_id) then
        v_end := 'overtaken';
      elsif ghost_repair.count_dead_number(v_found.instance_id) then
        v_end := 'outage';
      elsif ghost_repair.open_suspicion(
        v_found.instance_id, 'watch', 'watch_dead', coalesce(v_found.detail, '{}')) then
        v_end := 'suspected';
        perform ghost_repair.mark_disconnected(v_found.instance_id, '{"source": "watch"}');
      end if;
    elsif v_end = 'silent' then
      perform ghost_repair.note_silence(
        v_found.api_url, v_found.instance_id, coalesce(v_found.detail, '{}'));
    else
      perform ghost_repair.note_gateways_answer(array[v_found.instance_id], false);
      if v_end like 'gateway_%' then
        perform ghost_repair.note_trouble(v_found.instance_id, v_end);
      else
        -- The gateway did as it was asked, whatever that proves of the number.
        delete from ghost_repair.troubles t
        where t.instance_id = v_found.instance_id
          and (t.reason is null or t.reason like 'gateway\_%');
        if not exists (
          select from ghost_repair.watched_numbers w
          where w.instance_id = v_found.instance_id and w.finding = v_end) then
          perform ghost_repair.add_event(v_found.instance_id, 'watch_blind',
            jsonb_build_object('reason', v_end));
        end if;
      end if;
    end if;
    if v_end <> v_found.verdict then
      v_ends := v_ends || jsonb_build_object(v_found.instance_id, v_end);
    end if;
  end loop;

  update ghost_repair.watched_numbers w set
    looked_at = case when x.is_known then v_now else w.looked_at end,
    finding = case when x.is_known then x.verdict else w.finding end,
    stretch = x.stretch, asked_at = null, next_look_at = v_now + case
      when not x.is_known or x.came_of in ('outage', 'dead')
        then ghost_repair.jitter(v_settings.watch_retry * 1.25)
      else ghost_repair.jitter(coalesce(x.every, v_settings.waiting_interval) * x.stretch) end
  from (
    select f.instance_id, f.verdict, d.every, e.came_of,
      e.came_of not in ('overtaken', 'silent', 'skipped') as is_known, case e.came_of
        when 'limited' then least(d.stretch * 2, v_settings.watch_stretch_most)
        when 'alive' then greatest(d.stretch / 2, 1)
        else d.stretch end as stretch
    from jsonb_to_recordset(p_findings) f (instance_id uuid, verdict text)
    cross join lateral (select v_ends ->> f.instance_id::text as came_of) e
    cross join lateral (
      select n.stretch, n.every from ghost_repair.watched_states n
      where n.instance_id = f.instance_id offset 0) d
    -- Whoever has the lease now says when.
    where not exists (
      select from ghost_repair.leases l
      where l.kind = 'probe' and l.subject = f.instance_id and l.expires_at > v_now)) x
  where w.instance_id = any (v_ids) and w.instance_id = x.instance_id;
  perform ghost_repair.raise_total('ghost_repair_probes_total',
    jsonb_build_object('finding', ghost_repair.label_word(e.value)), count(*))
  from jsonb_each_text(v_ends) e where e.value <> 'skipped' group by e.value;
  return (
    select coalesce(jsonb_object_agg(c.came_of, c.numbers), '{}') from (
      select e.value as came_of, count(*) as numbers from jsonb_each_text(v_ends) e
      group by e.value) c);
end $$;
