/**
 * What was missed, brought in: 10,000 messages that a gateway has and nobody here, and the same once
 * more when all of them are here, as the daily check finds them. The largest call is one of the limits.
 *
 * @module
 */

import process from "node:process";
import { z } from "zod";
import { createHandler } from "../../../supabase/functions/recover-messages/handler.ts";
import type { Findings } from "./figures.ts";
import { STORED_MESSAGES } from "./gateway.ts";
import { median, percentile } from "./measure.ts";
import { addNumbers, removeNumbers } from "./numbers.ts";
import { effectsPastRouter } from "./past-router.ts";
import type { Stage } from "./stage.ts";

/** What the platform gives a request. */
const TARGET_CPU_S = 2;

/** Of their names. */
const MISSED = "missed";

/** An end that did not happen is not named. */
const report = z.object({ done: z.number().default(0) });

/** See the module. */
export async function measureRecovery(stage: Stage): Promise<Findings> {
  await removeMissing(stage);
  await addMissing(stage, 1);
  const missing = await compare(stage);
  await openGaps(stage);
  const known = await compare(stage);
  await removeMissing(stage);
  return {
    figures: [
      {
        key: "recovery_calls",
        label: `${STORED_MESSAGES} missing messages of one number: calls of the function`,
        value: missing.calls,
        unit: "",
      },
      {
        key: "recovery_page_ms",
        label: "… a page of 100 in the database, with its API, p50",
        value: median(missing.pageMs),
        unit: "ms",
      },
      {
        key: "recovery_page_p95_ms",
        label: "… p95",
        value: percentile(missing.pageMs, 95),
        unit: "ms",
      },
      {
        key: "recovery_page_cpu_ms",
        label: "… processor of the function, for a page",
        value: missing.cpuSeconds * 1_000 / missing.pageMs.length,
        unit: "ms",
      },
      {
        key: "recovery_call_cpu_s",
        label: "… processor of its longest call",
        value: missing.longestCpuSeconds,
        unit: "s",
        atMost: TARGET_CPU_S,
      },
      {
        key: "recovery_known_page_ms",
        label: "the same once more, all of them here: a page in the database, p50",
        value: median(known.pageMs),
        unit: "ms",
      },
    ],
    faults: [
      ...(missing.stored === STORED_MESSAGES ? [] : [`${missing.stored} messages were stored`]),
      ...(known.stored === STORED_MESSAGES ? [] : [`then there were ${known.stored}`]),
    ],
  };
}

/** Calls the function until everything is here. */
async function compare(stage: Stage) {
  const pageMs: number[] = [];
  const handler = createHandler(effectsPastRouter(stage, async (path, send) => {
    if (!path.endsWith("/record_gap_page")) return await send();
    const started = performance.now();
    const answer = await send();
    pageMs.push(performance.now() - started);
    return answer;
  }));
  let [calls, done, cpuSeconds, longestCpuSeconds] = [0, 0, 0, 0];
  while (done === 0 && calls < 50) {
    const cpu = process.cpuUsage();
    const request = new Request(`${stage.stack.url}/recover-messages`, {
      method: "POST",
      headers: { "x-cron-secret": stage.stack.cronSecret },
    });
    const answer: unknown = await (await handler(request)).json();
    const { user, system } = process.cpuUsage(cpu);
    done += report.parse(answer).done;
    calls++;
    cpuSeconds += (user + system) / 1e6;
    longestCpuSeconds = Math.max(longestCpuSeconds, (user + system) / 1e6);
  }
  const [stored] = await stage.sql`select count(*)::int as n from public.messages m
    join public.whatsapp_instances i on i.id = m.whatsapp_instance_id
    where i.instance_name like 'missed-%'`;
  return {
    calls,
    pageMs,
    cpuSeconds,
    longestCpuSeconds,
    stored: Number(stored?.["n"]),
  };
}

/** Numbers that missed everything that the gateway has. @param ms How long it takes to answer. */
export async function addMissing(stage: Stage, count: number, ms = 0): Promise<void> {
  const { sql } = stage;
  await sql`delete from public.messages m using public.whatsapp_instances i
    where i.id = m.whatsapp_instance_id and i.instance_name like 'missed-%'`;
  await sql`delete from public.message_gaps`;
  const gateways = [stage.gatewayAfter(ms)];
  await addNumbers(stage, { prefix: MISSED, count, status: "connected", gateways });
  await sql`update ghost_repair.hearing h set heard_since = now() - interval '1 day'
    from public.whatsapp_instances i where i.id = h.instance_id and i.instance_name like 'missed-%'`;
  await openGaps(stage);
}

/** Takes them away again. */
export async function removeMissing(stage: Stage): Promise<void> {
  await removeNumbers(stage, MISSED);
}

/** Everything of the last four hours may have been missed. */
async function openGaps({ sql }: Pick<Stage, "sql">): Promise<void> {
  await sql`
    insert into public.message_gaps (instance_id, organization_id, reason, state, gap_from, gap_until,
      due_at, waits_since)
    select i.id, i.organization_id, 'away', 'due', now() - interval '4 hours', now(), now(), now()
    from public.whatsapp_instances i where i.instance_name like 'missed-%'`;
}
