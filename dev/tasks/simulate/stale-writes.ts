/**
 * Writes under a claim or a lease: whose token no longer holds changes nothing.
 *
 * @module
 */

import type postgres from "postgres";
import { isByPerson, Violation } from "./ledger.ts";
import type { Worker } from "./invocations.ts";

/** The functions that write under a token. */
const UNDER_TOKEN = new Set([
  "record_connect",
  "record_repair_step",
  "record_ghost_logout",
]);

interface Before {
  readonly id: string;
  readonly row: string;
  readonly holds: boolean;
}

/**
 * Looks at an instance's row before and after a call that shows a token.
 *
 * @param sql The database; nobody else works on it meanwhile.
 * @param violated Hears what must not be.
 */
export function watchTokens(sql: postgres.Sql, violated: (what: string) => void) {
  return async (
    fn: string,
    args: Readonly<Record<string, unknown>>,
    run: () => Promise<Response>,
  ): Promise<Response> => {
    const before = UNDER_TOKEN.has(fn) ? await look(sql, fn, args) : null;
    const answer = await run();
    if (before !== null && !before.holds && await rowOf(sql, before.id) !== before.row) {
      violated(`${fn} wrote under a token that no longer held`);
    }
    return answer;
  };
}

async function rowOf(sql: postgres.Sql, id: string): Promise<string> {
  const [row] = await sql`select status, connection_epoch, manual_disconnect,
      reconnect_attempts_count, disconnected_since is null as never_disconnected
    from public.whatsapp_instances where id = ${id}`;
  return JSON.stringify(row ?? null);
}

async function look(
  sql: postgres.Sql,
  fn: string,
  args: Readonly<Record<string, unknown>>,
): Promise<Before | null> {
  const token = String(args["p_token"]);
  const [found] = fn === "record_repair_step"
    ? await sql`
      select r.instance_id as id, r.closed_at is null and not i.manual_disconnect
        and exists (select from ghost_repair.leases l
          where l.subject = r.id and l.token = ${token} and l.expires_at > ghost_repair.now()) as holds
      from public.ghost_repairs r join public.whatsapp_instances i on i.id = r.instance_id
      where r.id = ${String(args["p_repair_id"])}`
    : fn === "record_ghost_logout"
    ? await sql`
      select i.id, exists (select from ghost_repair.claims c
        where c.instance_id = i.id and c.token = ${token}
          and c.connection_epoch = i.connection_epoch) as holds
      from public.whatsapp_instances i where i.id = ${String(args["p_instance_id"])}`
    : await sql`
      select i.id, not i.manual_disconnect and i.status <> 'connected'
        and not exists (select from public.ghost_repairs r
          where r.instance_id = i.id and r.closed_at is null)
        and exists (select from ghost_repair.leases l
          where l.subject = i.id and l.token = ${token} and l.expires_at > ghost_repair.now()) as holds
      from public.whatsapp_instances i where i.id = ${String(args["p_instance_id"])}`;
  if (found === undefined) return null;
  const id = String(found["id"]);
  return { id, row: await rowOf(sql, id), holds: found["holds"] === true };
}

/**
 * Looks at a number before a function makes a call that could hurt it.
 *
 * @throws {Violation} Where a person said hands off, or a QR waits for its scan.
 */
export async function allowCall(
  sql: postgres.Sql,
  call: { readonly route: string; readonly instance: string; readonly by: Worker | null },
): Promise<void> {
  const { route, instance, by } = call;
  if (isByPerson(by) || !["logout", "connect", "restart", "delete"].includes(route)) return;
  if (route === "delete") throw new Violation(`${by} deletes ${instance}`);
  const [row] = await sql`select status, manual_disconnect from public.whatsapp_instances
    where instance_name = ${instance}`;
  if (row?.["manual_disconnect"]) {
    throw new Violation(`${by} calls ${route} on ${instance}, which a person disconnected`);
  }
  if (row?.["status"] === "awaiting_qr" && route === "logout") {
    throw new Violation(`${by} logs ${instance} out while its QR waits for the scan`);
  }
}
