/**
 * The SQL of alerts, called as `send-alerts` calls it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { callSql, type CompanyDatabase } from "../../support/database.ts";
import { pass } from "../../support/repair-calls.ts";

/** A message as its sender claims it. */
export interface Message extends postgres.Row {
  readonly message_id: string;
  readonly items: readonly {
    readonly instanceId: string;
    readonly kind: string;
    readonly reason: string | null;
    readonly awaySeconds: number;
  }[];
}

/** What the channel's webhook is signed with. */
export const SECRET = "the secret of this webhook";

/** A channel of the company's, a webhook unless told. */
export async function addChannel(
  { sql, company }: CompanyDatabase,
  told: Readonly<Record<string, postgres.JSONValue>> = {},
): Promise<string> {
  const channel = {
    organization_id: company.organizationId,
    kind: "webhook",
    name: "plantão",
    url: "https://hooks.example/alerts",
    secret: SECRET,
    ...told,
  };
  const saved = await callSql<{ channel: { id: string } }>(
    sql,
    "save_alert_channel",
    company.userId,
    channel,
  );
  assert.ok(saved.channel, JSON.stringify(saved));
  return saved.channel.id;
}

/** What is to be told now. */
export const claims = async (sql: postgres.ISql): Promise<Message[]> => [
  ...await sql<Message[]>`select * from public.claim_alerts(100)`,
];
/** How telling it ended. */
export const record = (sql: postgres.ISql, { message_id }: Message, outcome: string) =>
  sql`select public.record_alert(${message_id}, ${outcome})`;
/** Something happened to a number. */
export const event = (
  sql: postgres.ISql,
  id: string,
  kind: string,
  detail: postgres.JSONValue = {},
) => sql`select ghost_repair.add_event(${id}, ${kind}, ${sql.json(detail)})`;
/** A number needs a person. */
export const goDown = async (sql: postgres.ISql, id: string, reason = "steps_used_up") => {
  await sql`select ghost_repair.write_disconnected(${id})`;
  await event(sql, id, "needs_operator", { reason });
};
/** It lives again. */
export const comeBack = async (sql: postgres.ISql, id: string) => {
  await sql`select ghost_repair.write_connected(${id})`;
  await event(sql, id, "healed");
};
/** What each message tells, number by number. */
export const told = (messages: readonly Message[]) =>
  messages.map(({ items }) => items.map(({ kind }) => kind));

/** What waits for the end of its transaction happens: a quick test is one that never ends. */
async function endTransaction(sql: postgres.Sql): Promise<void> {
  await sql`set constraints all immediate`;
  const waiting = await sql`
    select connamespace::regnamespace::text as schema, conname as name
    from pg_constraint where condeferred`;
  for (const { schema, name } of waiting) {
    await sql`set constraints ${sql(schema)}.${sql(name)} deferred`;
  }
}

/** What is told in a minute; all of it is sent. */
export async function sendAll(sql: postgres.Sql): Promise<Message[]> {
  await endTransaction(sql);
  await pass(sql, 60);
  const messages = await claims(sql);
  for (const message of messages) await record(sql, message, "sent");
  return messages;
}
