/**
 * An organization that nobody uses and that switched the watch off, on a gateway of its own: whatever
 * happens to the others, not a byte of it changes.
 *
 * @module
 */

import type postgres from "postgres";
import type { VirtualClock } from "../../../world/virtual-clock.ts";
import { seedCompany, type SeededCompany } from "../../../platform/seed.ts";

/** The organization. */
export type IdleTenant = Awaited<ReturnType<typeof createIdleTenant>>;

/** Writes its rows: some that would tempt a repair, a sweep or a release that looks too far. */
export async function createIdleTenant(sql: postgres.Sql, clock: VirtualClock) {
  const company = await seedCompany(sql, {
    instanceName: "idle-number",
    phone: "5511900009999",
    email: "idle@example.test",
    apiUrl: "http://elsewhere.test",
    apiKey: "elsewhere-key-0000000001",
  });
  // Its number is not looked at either.
  await sql`insert into ghost_repair.watch_policies (organization_id, enabled)
    values (${company.organizationId}, false)`;
  for (const status of ["sent", "delivered", "failed"]) {
    await sql`insert into public.messages (organization_id, conversation_id, whatsapp_instance_id,
        is_from_me, message_type, content, status, error_code, sent_at)
      values (${company.organizationId}, ${company.conversationId}, ${company.instanceId},
        true, 'text', ${status}, ${status},
        ${
      status === "failed" ? "connection_closed" : null
    }, ghost_repair.now() - interval '20 minutes')`;
  }
  const first = await rowsOf(sql, company);
  const start = clock.monotonicMs();
  return {
    company,
    /** What changed; null: nothing. */
    changed: async () => {
      const now = await rowsOf(sql, company);
      return isSame(first, now, clock.monotonicMs() - start)
        ? null
        : `was ${JSON.stringify(first)}, is ${JSON.stringify(now)}`;
    },
  };
}

async function rowsOf(sql: postgres.Sql, company: SeededCompany): Promise<unknown> {
  const { organizationId, instanceId } = company;
  const [row] = await sql`select jsonb_build_array(
    (select jsonb_agg(i) from public.whatsapp_instances i where organization_id = ${organizationId}),
    (select jsonb_agg(m order by m.id) from public.messages m
      where organization_id = ${organizationId}),
    (select jsonb_agg(c) from public.conversations c where organization_id = ${organizationId}),
    (select jsonb_agg(e) from public.instance_events e where organization_id = ${organizationId}),
    (select jsonb_agg(r) from public.ghost_repairs r where organization_id = ${organizationId}),
    (select jsonb_agg(k) from private.instance_credentials k where instance_id = ${instanceId}),
    (select jsonb_agg(o) from public.organizations o where id = ${organizationId})) as rows`;
  return row?.["rows"];
}

/** Instants are as much older as time has passed; all else is as it was. */
function isSame(before: unknown, now: unknown, passedMs: number): boolean {
  if (typeof before === "string" && typeof now === "string" && before !== now) {
    const instant = Date.parse(before);
    return Number.isFinite(instant) && /^\d{4}-/.test(before) &&
      Math.abs(instant - passedMs - Date.parse(now)) < 5;
  }
  if (typeof before !== "object" || before === null || typeof now !== "object" || now === null) {
    return before === now;
  }
  const keys = Object.keys(before);
  return keys.length === Object.keys(now).length && keys.every((key) =>
    isSame(
      (before as Readonly<Record<string, unknown>>)[key],
      (now as Readonly<Record<string, unknown>>)[key],
      passedMs,
    )
  );
}
