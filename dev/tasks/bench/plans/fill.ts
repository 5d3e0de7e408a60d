/**
 * Databases of a chosen size, and rows of them that the hot paths are tried on.
 *
 * @module
 */

import postgres from "postgres";
import type { PostgresServer } from "../../../platform/database/postgres.ts";
import { runStatements } from "../../../platform/database/sql-file.ts";
import { TEMPLATE } from "../../../platform/database/template.ts";

/** How large a database is. */
export interface DatabaseSize {
  readonly instances: number;
  readonly messages: number;
  /** Behind how many the numbers are; 20 unless told. */
  readonly gateways?: number;
}

/** Everything but a constraint's own index: those are made again when the rows are there. */
const INDEXES = `
  select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
  from pg_index i join pg_class c on c.oid = i.indrelid
  where c.relnamespace = 'public'::regnamespace
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid)`;

/**
 * Makes a database from the template, fills it and has its statistics taken.
 *
 * @param server It has the template.
 * @returns A connection to it, as superuser; the caller ends it.
 */
export async function createFilled(
  server: PostgresServer,
  name: string,
  size: DatabaseSize,
): Promise<postgres.Sql> {
  await server.createDatabase(name, { template: TEMPLATE });
  const sql = postgres(`${server.adminUrl}/${name}`, { max: 1, onnotice: () => {} });
  const text = await Deno.readTextFile(new URL("fill.sql", import.meta.url));
  await sql.begin(async (tx) => {
    const indexes = await tx.unsafe<{ name: string; definition: string }[]>(INDEXES);
    for (const index of indexes) await tx.unsafe(`drop index ${index.name}`);
    await tx`select set_config('bench.instances', ${String(size.instances)}, true),
      set_config('bench.messages', ${String(size.messages)}, true),
      set_config('bench.gateways', ${String(size.gateways ?? 20)}, true)`;
    await runStatements(tx, "fill.sql", text);
    for (const index of indexes) await tx.unsafe(index.definition);
  });
  await sql`vacuum analyze`;
  return sql;
}

/** One number of each kind, in the middle of the database. */
export interface Facts {
  readonly userId: string;
  readonly organizationId: string;
  /** Connected, nothing wrong. */
  readonly instanceId: string;
  /** Its conversation. */
  readonly conversationId: string;
  /** A message of that number that was sent and not confirmed. */
  readonly whatsappMessageId: string;
  /** Sent a moment ago. */
  readonly sendingId: string;
  readonly failedId: string;
  readonly lastEventId: string;
}

/** Finds them. @throws {Error} In a database that {@linkcode createFilled} did not fill. */
export async function findFacts(sql: postgres.Sql): Promise<Facts> {
  const [row] = await sql<Facts[]>`
    select i.id as "instanceId", i.organization_id as "organizationId",
      (select user_id from public.organization_members m
        where m.organization_id = i.organization_id limit 1) as "userId",
      m.conversation_id as "conversationId", m.whatsapp_message_id as "whatsappMessageId",
      (select id from public.messages where status = 'sending'
        order by sending_since desc limit 1) as "sendingId",
      (select id from public.messages where status = 'failed'
        order by created_at desc limit 1) as "failedId",
      (select (max(id) - 20)::text from public.instance_events) as "lastEventId"
    from public.messages m
    join public.whatsapp_instances i on i.id = m.whatsapp_instance_id
    where m.status = 'sent' and i.status = 'connected'
      and not exists (select from public.ghost_repairs r where r.instance_id = i.id)
    order by m.id
    offset (select count(*) / 200 from public.messages) limit 1`;
  if (row === undefined) throw new Error("the database is too small, or was not filled");
  return row;
}
