/**
 * What a hot path is, and what several of them are made of.
 *
 * @module
 */

import type postgres from "postgres";
import type { Facts } from "./fill.ts";

/** Runs a path; whatever it changes is rolled back. */
export type Run = (sql: postgres.ISql, facts: Facts) => Promise<unknown>;

/** Those of one subject, by their names. */
export type Paths = Readonly<Record<string, Run>>;

/** A message that the gateway has and that is not here, as `record_gap_page` takes it. */
export const missed = (sql: postgres.ISql) =>
  sql`jsonb_build_object('whatsapp_message_id', '3EB0MISSED', 'from_me', false, 'type', 'text',
    'remote_jid', '5511900000000@s.whatsapp.net', 'content', 'oi',
    'sent_at', ghost_repair.now() - interval '1 minute')`;

/** Its organization has wanted canaries for long: that all of its numbers are looked at is over. */
export async function wantCanaries(sql: postgres.ISql, { organizationId }: Facts): Promise<void> {
  await sql`alter table ghost_repair.canary_policies disable trigger canary_policies_changed`;
  await sql`insert into ghost_repair.canary_policies (organization_id) values (${organizationId})`;
}

/** Its organization wants canaries, and its silence has broken its habit. */
export async function putOnTrial(sql: postgres.ISql, facts: Facts): Promise<void> {
  const { instanceId } = facts;
  await wantCanaries(sql, facts);
  await sql`update public.whatsapp_instances set phone_number = '5511900000001'
    where id = ${instanceId}`;
  await sql`select ghost_repair.begin_trial(${instanceId}, 'silence', ghost_repair.now())`;
}
