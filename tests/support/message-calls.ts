/**
 * The messages' SQL, called as the functions call it.
 *
 * @module
 */

import type postgres from "postgres";
import { callSql, type CompanyDatabase, only } from "./database.ts";

/** A part of a request, as `enqueue_messages` takes it; the rest is null. */
export interface Part {
  readonly id: string;
  readonly message_type?: string;
  readonly content?: string;
  readonly media_url?: string;
  readonly media_mime_type?: string;
  readonly file_name?: string;
  readonly caption?: string;
  readonly base64?: string;
}

/** What a request says besides its parts; the company's own unless told. */
export interface Request {
  readonly userId?: string;
  readonly target?: Readonly<Record<string, string>>;
  readonly reply?: Readonly<Record<string, string>>;
}

/** What `enqueue_messages` answers. */
type Enqueued = Readonly<Record<string, unknown>>;

/** Stores a request's parts. */
export function enqueue(
  db: CompanyDatabase,
  parts: readonly Part[],
  { userId = db.company.userId, target, reply }: Request = {},
  sql: postgres.ISql = db.sql,
): Promise<Enqueued> {
  const into = target ?? { conversation_id: db.company.conversationId };
  const texts = parts.map((part) => ({ message_type: "text", content: "oi", ...part }));
  return callSql(sql, "enqueue_messages", userId, into, texts, reply ?? null);
}

/** Stores one text, queued, and returns its id. */
export async function enqueueText(db: CompanyDatabase, id = crypto.randomUUID() as string) {
  const { result } = await enqueue(db, [{ id }]);
  if (result !== "queued") throw new Error(`not queued: ${result}`);
  return id;
}

/** Asks for the right to send a queued message. */
export function claimMessage(
  sql: postgres.ISql,
  id: string,
  token = crypto.randomUUID() as string,
): Promise<string> {
  return callSql(sql, "claim_message", id, token);
}

/** Leaves queued messages to the scheduler; `token` is whoever may have claimed them. */
export async function handOver(
  sql: postgres.ISql,
  ids: readonly string[],
  token = crypto.randomUUID() as string,
): Promise<void> {
  await sql`select public.hand_over_messages(${[...ids]}::uuid[], ${token})`;
}

/** Stores one text that is being sent since now. */
export async function beginText(db: CompanyDatabase): Promise<string> {
  const id = await enqueueText(db);
  if (await claimMessage(db.sql, id) !== "claimed") throw new Error("not claimed");
  return id;
}

/** Says how a send ended. */
export function finishMessage(
  sql: postgres.ISql,
  id: string,
  outcome: Readonly<Record<string, string | boolean>>,
): Promise<boolean> {
  return callSql(sql, "finish_message", id, outcome);
}

/** A successful answer to a send. */
export function answerSent(sql: postgres.ISql, id: string, whatsappId: string): Promise<boolean> {
  return finishMessage(sql, id, { status: "sent", whatsapp_message_id: whatsappId });
}

/** A webhook that says how far a message has come. */
export function acknowledge(
  sql: postgres.ISql,
  instanceId: string,
  whatsappId: string,
  status: string,
): Promise<string> {
  return callSql(sql, "ghost_repair.apply_acknowledgement", instanceId, whatsappId, status);
}

/** A webhook about a message; a text from the customer unless told. */
export function report(
  db: CompanyDatabase,
  whatsappId: string,
  message: Readonly<Record<string, string | boolean>> = {},
  sql: postgres.ISql = db.sql,
  instanceId: string = db.instanceId,
): Promise<string> {
  const whole = {
    whatsapp_message_id: whatsappId,
    remote_jid: db.company.customerJid,
    from_me: false,
    type: "text",
    content: "olá",
    sent_at: "2026-01-01T00:00:00Z",
    ...message,
  };
  return callSql(sql, "ghost_repair.apply_message", instanceId, whole);
}

/** A message's row. */
export function messageRow(sql: postgres.ISql, id: string): Promise<postgres.Row> {
  return only(sql`select * from public.messages where id = ${id}`);
}

/** The rows with a WhatsApp id. */
export async function rowsOf(sql: postgres.ISql, whatsappId: string): Promise<postgres.Row[]> {
  return [...await sql`select * from public.messages where whatsapp_message_id = ${whatsappId}`];
}
