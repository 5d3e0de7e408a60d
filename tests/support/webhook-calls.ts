/**
 * The webhook's SQL about connections, called as the function calls it, and two sockets that throw
 * each other out, as the gateway reports them.
 *
 * @module
 */

import type postgres from "postgres";
import { callSql, only } from "./database.ts";

/** What a connection event may say besides its state. */
interface ConnectionEvent {
  readonly reason?: number | null;
  readonly ownNumber?: string | null;
  readonly order?: ReportOrder;
}

/** See `judge_report`. */
export interface ReportOrder {
  readonly digest?: string;
  readonly signed_at?: string;
  readonly look?: { readonly token: string; readonly registry: string | null };
}

/** The gateway's clock: a minute of a day long past, so that it is never mistaken for ours. */
export function at(minute: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 0, minute));
}

/** A `connection.update`. */
export function connection(
  sql: postgres.ISql,
  instanceId: string,
  state: string,
  time: Date,
  { reason = null, ownNumber = null, order }: ConnectionEvent = {},
): Promise<string> {
  const told = [reason, ownNumber, order === undefined ? null : { ...order }];
  return callSql(sql, "apply_connection_event", instanceId, state, time, ...told);
}

/** A `qrcode.updated`. */
export function qrCode(
  sql: postgres.ISql,
  instanceId: string,
  code: string,
  time: Date,
  order: ReportOrder | null = null,
): Promise<string> {
  return callSql(sql, "apply_qr_code", instanceId, { code }, time, order && { ...order });
}

/** WhatsApp's reason: another socket of the same device took over. */
export const REPLACED = 440;

/** So many reports of an open session within a minute are a fight. */
export const FIGHT = 8;

/**
 * The session is reported open again and again, as in a fight of two sockets: what throws it out is
 * hardly ever reported.
 *
 * @param from The gateway's minute of the first; the next follow a minute of its clock apart.
 * @returns What each event came to, in order.
 */
export async function flap(
  sql: postgres.ISql,
  instanceId: string,
  openings: number,
  from = 1,
): Promise<string[]> {
  const results: string[] = [];
  for (let minute = from; minute < from + openings; minute++) {
    results.push(await connection(sql, instanceId, "open", at(minute)));
  }
  return results;
}

/** What an operator would see of a number. */
export function operatorView(sql: postgres.ISql, instanceId: string): Promise<postgres.Row> {
  return only(sql`
    select i.status,
      (select jsonb_agg(jsonb_build_array(r.state, r.evidence ->> 'reason'))
        from public.ghost_repairs r where r.instance_id = i.id and r.closed_at is null) as repairs,
      (select count(*)::int from public.instance_events e
        where e.instance_id = i.id and e.kind = 'needs_operator') as told,
      (select count(*)::int from ghost_repair.operator_notices n
        join public.ghost_repairs r on r.id = n.repair_id where r.instance_id = i.id) as notices
    from public.whatsapp_instances i where i.id = ${instanceId}`);
}

/** See {@linkcode operatorView}: a fight that was recognised. */
export const TOLD = {
  status: "disconnected",
  repairs: [["needs_operator", "session_conflict"]],
  told: 1,
  notices: 1,
};

/** See {@linkcode operatorView}: nothing special. */
export const NOT_TOLD = { repairs: null, told: 0, notices: 0 };
