/**
 * What the ladder needs of a host's table, as SQL: the rest of what `*_session.sql` is for
 * `whatsapp_instances`, and where a number's gateway is. Pure.
 *
 * @module
 */

import type { Host, Ladder } from "./host.ts";
import { columnOf, hostSql, identifier, literal } from "./host-sql.ts";

/** Writes what stands before the ladder's own statements. */
export function writeLadderSession(host: Host, ladder: Ladder): string {
  const { table, id, name, alive, isConnected, isPairing, isManual } = hostSql(host);
  const key = keySql(host, ladder);
  const { connectedFlag, pairingFlag, manualFlag } = host;
  const open = [
    `${identifier(host.status)} = ${host.isFlag ? "true" : literal(host.connected[0]!)}`,
    ...connectedFlag === null ? [] : [`${identifier(connectedFlag)} = true`],
  ].join(", ");
  const isOpen = [
    isConnected("h"),
    ...connectedFlag === null ? [] : [`${columnOf("h", connectedFlag)} is true`],
  ].join(" or ");
  const withdraws = [isManual("new"), isPairing("new")].filter((each) => each !== "false");
  const watched = [host.status, pairingFlag, manualFlag].filter((each) => each !== null);
  const here = atGateway(host, "v_gateway");

  return `-- Where a number's gateway is: as the last send that failed had it. Nobody else may read it.
create table if not exists ghost_repair.credentials (
  instance_id uuid primary key references ghost_repair.numbers (id) on delete cascade,
  api_url text not null,
  -- A secret; null where it stands elsewhere.
  api_key text
);
create index if not exists credentials_gateway on ghost_repair.credentials (api_url);
alter table ghost_repair.credentials enable row level security;
revoke all on ghost_repair.credentials from public, anon, authenticated, service_role;

-- What a person disconnected stays so.
create or replace function ghost_repair.write_connected(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  update ${table} h set ${open}
  from ghost_repair.numbers n
  where n.id = p_instance_id and ${id} = n.host_id and not (${isManual("h")});
  update ghost_repair.numbers n set disconnected_since = null where n.id = p_instance_id;
$$;

-- A logout is about to be made: the limit reads this column, whoever makes it.
create or replace function ghost_repair.note_logout(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  update ghost_repair.numbers n set last_disconnected_at = ghost_repair.now()
  where n.id = p_instance_id
$$;

-- The session was reported open; what the row says stays.
create or replace function ghost_repair.note_open(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  update ghost_repair.numbers n set connection_epoch = n.connection_epoch + 1
  where n.id = p_instance_id
$$;

-- Where a number's gateway is and how it is called there.
create or replace function ghost_repair.read_address(p_instance_id uuid)
returns table (
  instance_name text, display_name text, phone_number text, api_url text, api_key text
)
language sql stable security definer set search_path = '' as $$
  select ${name}::text, null::text, null::text, c.api_url, ${key.read}
  from ghost_repair.numbers n join ${table} h on ${id} = n.host_id
  left join ghost_repair.credentials c on c.instance_id = n.id${key.join}
  where n.id = p_instance_id
$$;

-- Of the numbers that fail, whether at least \`p_least\` are at this one's gateway, and half of all that
-- are there; numbers disconnected by hand do not count.
create or replace function ghost_repair.fails_as_a_gateway(
  p_instance_id uuid, p_failing uuid[], p_least int
) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  v_gateway text := (
    select c.api_url from ghost_repair.credentials c where c.instance_id = p_instance_id);
  v_failing int;
  v_numbers int;
begin
  select count(*) into v_failing
  from ghost_repair.credentials c
  join ghost_repair.numbers n on n.id = c.instance_id
  join ${table} h on ${id} = n.host_id and not (${isManual("h")})
  where c.instance_id = any (p_failing) and c.api_url = v_gateway;
  if v_failing < p_least then
    return false;
  end if;
  select count(*) into v_numbers from (
    select from ${table} h where not (${isManual("h")})${alive} and ${here}
    limit v_failing * 2 + 1) counted;
  return v_failing * 2 >= v_numbers;
end $$;

-- Whether no other number is connected at this one's gateway.
create or replace function ghost_repair.is_alone_at_gateway(p_instance_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  v_gateway text := (
    select c.api_url from ghost_repair.credentials c where c.instance_id = p_instance_id);
begin
  return not exists (
    select from ${table} h where (${isOpen})${alive} and ${here}
      and ${id} <> (select n.host_id from ghost_repair.numbers n where n.id = p_instance_id));
end $$;
${
    withdraws.length === 0 ? "" : `
-- Disconnected by hand, or waiting for a scan: there is nothing left to repair, whoever wrote it.
create or replace function ghost_repair.tell_session_withdrawn() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.session_withdrawn(n.id,
    case when ${isManual("new")} then 'manual' else 'awaiting_qr' end)
  from ghost_repair.numbers n where n.host_id = ${columnOf("new", host.id.column)};
  return null;
end $$;
create or replace trigger ghost_repair_withdrawn
  after update of ${watched.map(identifier).join(", ")} on ${table}
  for each row when (${withdraws.join(" or ")})
  execute function ghost_repair.tell_session_withdrawn();
`
  }`;
}

/** Whether a row is at a gateway; a table that does not say counts as one gateway. */
export function atGateway(host: Host, gateway: string): string {
  const { address } = hostSql(host);
  return host.address === null ? "true" : `ghost_repair.same_gateway(${address}, ${gateway})`;
}

/** How the key is read, what is joined for it, and which part of a send's key is remembered. */
export function keySql(
  host: Host,
  { key }: Ladder,
): Record<"read" | "join" | "remembered", string> {
  const { table, id } = hostSql(host);
  switch (key.from) {
    case "send":
      return { read: "coalesce(c.api_key, '')", join: "", remembered: "p_send ->> 'api_key'" };
    case "environment":
      return { read: "''", join: "", remembered: "null" };
    case "column": {
      const own = `nullif(${columnOf("h", key.column)}::text, '')`;
      const row = `(select ${own} from ghost_repair.numbers n
      join ${table} h on ${id} = n.host_id where n.id = p_id)`;
      return {
        read: `coalesce(${own}, c.api_key, '')`,
        join: "",
        // A row without a key: what its sends have is all there is.
        remembered: `case when ${row} is null then p_send ->> 'api_key' end`,
      };
    }
    case "table": {
      const join = `\n  left join ${key.table} k on ${columnOf("k", key.theirs)} = ${
        columnOf("h", key.ours)
      }`;
      const read = `coalesce(nullif(${columnOf("k", key.column)}::text, ''), '')`;
      return { read, join, remembered: "null" };
    }
  }
}
