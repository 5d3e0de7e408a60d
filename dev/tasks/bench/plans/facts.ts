/**
 * Rows of a filled database that the hot paths are tried on.
 *
 * @module
 */

import type postgres from "postgres";

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

/** Finds them. @throws {Error} In a database that {@link createFilled} did not fill. */
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
