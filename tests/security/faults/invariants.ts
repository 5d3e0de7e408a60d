/**
 * What has to be true after every day, whatever went wrong on it.
 *
 * @module
 */

import type { Ended } from "./story.ts";

/** At most one logout in this time, in ms. */
const WINDOW_MS = 120_000;

/** What is broken, in words. */
interface Findings {
  /** Messages of which nobody knows what became. */
  readonly lost: readonly string[];
  /** Messages that left twice. */
  readonly doubled: readonly string[];
  readonly other: readonly string[];
}

/** Looks at a run that is over. */
export async function inspect({ bare, sent }: Ended): Promise<Findings> {
  const { world } = bare;
  const { sql, company, gateway } = world;
  const name = company.instanceName;
  const left = gateway.control.delivered(name);
  const delivered = left.map(({ content }) => content);
  // Of what left, what the gateway reported.
  const reported = new Set(
    gateway.control.inspect(name).webhooksSent
      .filter(({ event, outcome }) => event === "send.message" && outcome === "delivered")
      .map(({ data }) => (data as { readonly key: { readonly id: string } }).key.id),
  );
  // A message whose time is up has until the sweeper's next minute.
  const rows = await sql`select id, status, error_code,
      held_until > ghost_repair.now() - interval '70 seconds' as waits
    from public.messages where is_from_me`;
  const [instance] = await sql`
    select i.status, exists (select from public.ghost_repairs r
      where r.instance_id = i.id and r.closed_at is null and r.state = 'needs_operator') as operator
    from public.whatsapp_instances i where i.id = ${company.instanceId}`;
  const leases = await sql<{ held: string }[]>`
    select kind as held from ghost_repair.leases where expires_at > ghost_repair.now()
    union all select 'claim' from ghost_repair.claims
      where finished_at is null and expires_at > ghost_repair.now()`;

  const lost: string[] = [];
  const doubled: string[] = [];
  for (const { id, content, taken } of sent) {
    const row = rows.find((each) => each["id"] === id);
    const times = delivered.filter((each) => each === content).length;
    if (times > 1) doubled.push(`${content}: ${times} times`);
    if (row === undefined) {
      if (taken || times > 0) lost.push(`${content}: taken, and no row`);
      continue;
    }
    const { status, error_code: code, waits } = row as Record<string, unknown>;
    if (status === "sending" || (status === "held" && !waits)) lost.push(`${content}: ${status}`);
    if (status === "failed" && !code) lost.push(`${content}: failed, nobody knows why`);
    if (status === "failed" && left.some((m) => m.content === content && reported.has(m.id))) {
      lost.push(`${content}: failed (${code}), and its report came`);
    }
    if (["sent", "delivered", "read"].includes(String(status)) && times === 0) {
      lost.push(`${content}: ${status}, and it never left`);
    }
  }

  const other: string[] = leases.map(({ held }) => `a ${held} lease is open`);
  const { socket } = gateway.control.inspect(name);
  const status = String(instance?.["status"]);
  if (status === "connected" && socket !== "open") other.push(`connected, socket ${socket}`);
  if (!["connected", "awaiting_qr"].includes(status) && instance?.["operator"] !== true) {
    other.push(`${status}, and no operator was told; socket ${socket}`);
  }
  const logouts = gateway.calls.filter(({ route }) => route === "logout").map(({ at }) => +at);
  for (const [index, at] of logouts.entries()) {
    const before = logouts[index - 1];
    if (before !== undefined && at - before < WINDOW_MS) {
      other.push(`two logouts ${(at - before) / 1000} s apart`);
    }
  }
  return { lost, doubled, other };
}
