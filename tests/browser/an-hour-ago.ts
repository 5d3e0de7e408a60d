/**
 * A past for the number: it was down for five minutes, a while ago.
 *
 * @module
 */

import { connected } from "../../dev/platform/database/sql-file.ts";
import type { Stack } from "../../dev/platform/start-stack.ts";

/** How long ago each thing happened, in seconds. */
const PAST: readonly (readonly [number, string, Record<string, unknown>])[] = [
  [900, "connection_closed", {}],
  [891, "logout", {
    logout: "socket_dead",
    http_status: 500,
    ms: 14,
    probes: ["connection_closed", "connection_closed", "connection_closed"],
  }],
  [891, "marked_disconnected", {}],
  [891, "verified", {
    verified: { outcome: "not_invalidated", registry: "open", http_status: 200, ms: 15 },
  }],
  [850, "repair_step", { step: "connect" }],
  [600, "healed", { after_seconds: 291 }],
];

/** Writes the past, as if it had been seen. */
export async function rememberAnOutage(stack: Stack): Promise<void> {
  const { instanceId, organizationId } = stack.company;
  await connected(stack.databaseUrl, async (sql) => {
    await sql`update public.whatsapp_instances set created_at = ghost_repair.now() - interval '3 days'
      where id = ${instanceId}`;
    for (const [seconds, kind, detail] of PAST) {
      await sql`insert into public.instance_events
          (instance_id, organization_id, kind, detail, created_at)
        values (${instanceId}, ${organizationId}, ${kind}, ${sql.json(detail as never)},
          ghost_repair.now() - make_interval(secs => ${seconds}))`;
    }
  });
}

/** The last logout was made long enough ago for another one: the limit of two minutes has passed. */
export async function passTheWindow(stack: Stack): Promise<void> {
  await connected(stack.databaseUrl, async (sql) => {
    await sql`update public.whatsapp_instances
      set last_disconnected_at = ghost_repair.now() - interval '3 minutes'
      where id = ${stack.company.instanceId}`;
  });
}
