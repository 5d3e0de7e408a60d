/**
 * The webhook's SQL about connections, called as the function calls it.
 *
 * @module
 */

import type postgres from "postgres";
import { only } from "./database.ts";

/** What a connection event may say besides its state. */
export interface ConnectionEvent {
  readonly reason?: number;
  readonly ownNumber?: string;
}

/** The gateway's clock: a minute of a day long past, so that it is never mistaken for ours. */
export function at(minute: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 0, minute));
}

/** A `connection.update`. */
export async function connection(
  sql: postgres.ISql,
  instanceId: string,
  state: string,
  time: Date,
  { reason, ownNumber }: ConnectionEvent = {},
): Promise<string> {
  const { result } = await only(sql<{ result: string }[]>`
    select public.apply_connection_event(${instanceId}, ${state}, ${time}, ${reason ?? null},
      ${ownNumber ?? null}) as result`);
  return result;
}

/** A `qrcode.updated`. */
export async function qrCode(
  sql: postgres.ISql,
  instanceId: string,
  code: string,
  time: Date,
): Promise<string> {
  const { result } = await only(sql<{ result: string }[]>`
    select public.apply_qr_code(${instanceId}, ${sql.json({ code })}, ${time}) as result`);
  return result;
}
