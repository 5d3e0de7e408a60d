-- The gateways, one row each: what is known of the server behind an address, whichever of its numbers
-- told it.

create table if not exists private.gateways (
  -- As in `private.instance_credentials`.
  api_url text primary key,
  version text,
  version_read_at timestamptz,
  -- When a webhook of any of its numbers was really delivered here. That its setting is right proves
  -- nothing: the network or the key may be wrong.
  last_webhook_at timestamptz
);
alter table private.gateways enable row level security;

alter table private.gateways set (fillfactor = 50);

-- A webhook of this number's gateway was delivered. Written a few times a minute, not at each one.
create or replace function ghost_repair.note_webhook(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  insert into private.gateways as g (api_url, last_webhook_at)
  select k.api_url, ghost_repair.now() from private.instance_credentials k
  where k.instance_id = p_instance_id and not exists (
    select from private.gateways known
    where known.api_url = k.api_url
      and known.last_webhook_at > ghost_repair.now() - interval '15 seconds')
  on conflict (api_url) do update set last_webhook_at = excluded.last_webhook_at
$$;

-- Whether a webhook of this number's gateway was delivered lately, so that its silence means something.
create or replace function ghost_repair.webhook_delivered(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from private.instance_credentials k
    join private.gateways g on g.api_url = k.api_url
    where k.instance_id = p_instance_id
      and g.last_webhook_at > ghost_repair.now() - make_interval(mins => 10))
$$;
