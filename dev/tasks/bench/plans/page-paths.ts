/**
 * What runs whenever somebody looks at a page.
 *
 * @module
 */

import type postgres from "postgres";
import type { Paths } from "./hot-path.ts";

/** What follows is asked with a member's own rights. */
async function becomeMember(sql: postgres.ISql, userId: string): Promise<void> {
  await sql`select set_config('role', 'authenticated', true),
    set_config('request.jwt.claims', jsonb_build_object('sub', ${userId}::text)::text, true)`;
}

/** Of one number, one conversation, or the newest of something. */
export const PAGE_PATHS: Paths = {
  "list_instances": (sql, { userId }) => sql`select public.list_instances(${userId})`,
  "instance_status": (sql, { userId, instanceId }) =>
    sql`select public.instance_status(${userId}, ${instanceId})`,
  "list_events (newest)": (sql, { userId }) =>
    sql`select public.list_events(${userId}, null, null, 50)`,
  "list_events (newest of a number)": (sql, { userId, instanceId }) =>
    sql`select public.list_events(${userId}, ${instanceId}, null, 50)`,
  "list_events (new ones)": (sql, { userId, lastEventId }) =>
    sql`select public.list_events(${userId}, null, ${lastEventId}, 50)`,
  "messages of a conversation, as a member": async (sql, { userId, conversationId }) => {
    await becomeMember(sql, userId);
    await sql`select id, content, status from public.messages
      where conversation_id = ${conversationId} order by created_at desc limit 50`;
  },
  "conversations, as a member": async (sql, { userId, organizationId }) => {
    await becomeMember(sql, userId);
    await sql`select id, contact_name from public.conversations
      where organization_id = ${organizationId} order by last_message_at desc limit 50`;
  },
  "number_page, as a member": async (sql, { userId, instanceId }) => {
    await becomeMember(sql, userId);
    await sql`select public.number_page(${instanceId})`;
  },
  "fleet_pulse, as a member": async (sql, { userId }) => {
    await becomeMember(sql, userId);
    await sql`select public.fleet_pulse()`;
  },
  "instance_health of a number, as a member": async (sql, { userId, instanceId }) => {
    await becomeMember(sql, userId);
    await sql`select * from public.instance_health where instance_id = ${instanceId}`;
  },
  "organization_settings": (sql, { userId, organizationId }) =>
    sql`select public.organization_settings(${userId}, ${organizationId})`,
  "list_alert_channels": (sql, { userId, organizationId }) =>
    sql`select public.list_alert_channels(${userId}, ${organizationId})`,
};

/** Of all the numbers that somebody may see. */
export const FLEET_PATHS: Paths = {
  "a page of all numbers, as a member": async (sql, { userId }) => {
    await becomeMember(sql, userId);
    await sql`select public.fleet('{}')`;
  },
  "all numbers, the worst week first": async (sql, { userId }) => {
    await becomeMember(sql, userId);
    await sql`select public.fleet('{"sort": "uptime"}')`;
  },
  "fleet_gateways, as a member": async (sql, { userId }) => {
    await becomeMember(sql, userId);
    await sql`select public.fleet_gateways()`;
  },
  "instance_health, as a member": async (sql, { userId }) => {
    await becomeMember(sql, userId);
    await sql`select * from public.instance_health`;
  },
  "repair_events_daily, as a member": async (sql, { userId, organizationId }) => {
    await becomeMember(sql, userId);
    await sql`select * from public.repair_events_daily where organization_id = ${organizationId}`;
  },
};
