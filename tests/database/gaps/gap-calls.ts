/**
 * Gaps and what is brought in, called as the functions call them.
 *
 * @module
 */

import type postgres from "postgres";
import { callSql, type CompanyDatabase } from "../../support/database.ts";

/** A gap's row, as far as tests look at it. */
interface Gap {
  readonly id: string;
  readonly reason: string;
  readonly state: string;
  /** In seconds before now; null: none. */
  readonly from: number;
  readonly until: number | null;
  readonly read: number;
  readonly stored: number;
  readonly missing: number;
  readonly page_size: number;
}

/** A number's gaps, oldest first. */
export async function gapsOf(sql: postgres.ISql, instanceId: string): Promise<readonly Gap[]> {
  return [
    ...await sql<Gap[]>`
      select g.id, g.reason, g.state, g.read, g.stored, g.missing, g.page_size,
        round(extract(epoch from ghost_repair.now() - g.gap_from))::int as from,
        round(extract(epoch from ghost_repair.now() - g.gap_until))::int as until
      from public.message_gaps g where g.instance_id = ${instanceId} order by g.created_at, g.id`,
  ];
}

/** Writes the number's status, as any part of the product may. */
export async function setStatus(
  { sql, instanceId }: CompanyDatabase,
  status: "connected" | "disconnected" | "awaiting_qr" | "connecting",
): Promise<void> {
  await sql`update public.whatsapp_instances set status = ${status} where id = ${instanceId}`;
}

/** The database's time, so many seconds ago. */
export async function secondsAgo(sql: postgres.ISql, seconds: number): Promise<string> {
  const [row] = await sql<{ at: Date }[]>`
    select ghost_repair.now() - make_interval(secs => ${seconds}) as at`;
  return row!.at.toISOString();
}

/** The right to compare a number's gap. */
export interface GapLease {
  readonly gap_id: string;
  readonly instance_id: string;
  readonly token: string;
  readonly window_from: Date;
  readonly window_until: Date;
  readonly page: number;
  readonly page_size: number;
}

/** Leases up to `limit` numbers' gaps. */
export async function leaseGaps(sql: postgres.ISql, limit = 10): Promise<readonly GapLease[]> {
  return [...await sql<GapLease[]>`select * from public.lease_gaps(${limit})`];
}

/** What a page came to, and what follows. */
interface Recorded {
  readonly next: string;
  readonly window_until?: string;
  readonly page?: number;
  readonly page_size?: number;
}

/** Says what a page came to. */
export function recordPage(
  sql: postgres.ISql,
  { gap_id, token }: Pick<GapLease, "gap_id" | "token">,
  page: { readonly [key: string]: postgres.JSONValue },
): Promise<Recorded> {
  return callSql(sql, "record_gap_page", gap_id, token, page);
}

/** A message as the functions hand it over; from the customer unless told. */
export function missed(
  { company }: CompanyDatabase,
  whatsappId: string,
  sentAt: string,
  more: { readonly [key: string]: string | boolean | null } = {},
) {
  return {
    whatsapp_message_id: whatsappId,
    remote_jid: company.customerJid,
    hidden_jid: null,
    from_me: false,
    type: "text",
    content: `text of ${whatsappId}`,
    sent_at: sentAt,
    ...more,
  };
}

/** A page that holds these and is the last one. */
export function lastPage(messages: readonly ReturnType<typeof missed>[], unreadable = 0) {
  return {
    outcome: "page",
    messages: [...messages],
    withdrawn: [],
    read: messages.length + unreadable,
    unreadable,
    deleted: 0,
    full: false,
    oldest: messages.map(({ sent_at }) => sent_at).sort()[0] ?? null,
  };
}
