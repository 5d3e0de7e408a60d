/**
 * A morning after an outage: everything is disconnected, and the scheduler comes by.
 *
 * @module
 */

import process from "node:process";
import { z } from "zod";
import { createEffects } from "../../../supabase/functions/_shared/runtime/effects.ts";
import {
  createHandler,
  TICK_LIMITS,
} from "../../../supabase/functions/auto-reconnect-instances/handler.ts";
import type { Findings } from "./figures.ts";
import { median, time } from "./measure.ts";
import { addNumbers, removeNumbers } from "./numbers.ts";
import { effectsPastRouter } from "./past-router.ts";
import type { Stage } from "./stage.ts";

/** Of their names. */
const DUE = "due";
const GATEWAY_MS = 100;
const SAMPLE = 15;
const TARGET_S = 10;

/** For so many due numbers the scheduler calls one invocation (`private.call_auto_reconnect`). */
const SHARE = 250;

/** What the platform gives a request. */
const TARGET_CPU_S = 2;

const report = z.object({ leased: z.number(), qr: z.number().default(0) });

/** 1,000 due in one invocation; the floor is one after another, measured on a sample and scaled. */
export async function measureSweep(stage: Stage): Promise<Findings> {
  await makeDue(stage, SAMPLE);
  const floors = [await oneAfterAnother(stage)];
  await makeDue(stage, 1_000);
  const sweep = await tick(stage);
  await makeDue(stage, SAMPLE);
  floors.push(await oneAfterAnother(stage));
  await makeDue(stage, SHARE);
  const cpuSeconds = await functionAlone(stage);
  await removeDue(stage);
  return {
    figures: [
      {
        key: "sweep_1000_s",
        label: `1,000 due numbers, gateway of ${GATEWAY_MS} ms, one invocation`,
        value: sweep.seconds,
        unit: "s",
        atMost: TARGET_S,
        floor: {
          key: "sweep_floor_s",
          value: median(floors) * 1_000 / SAMPLE,
          what: `one after another (${SAMPLE} measured, scaled)`,
        },
      },
      {
        key: "sweep_250_cpu_s",
        label: "250 due, an invocation's share: processor of the function alone",
        value: cpuSeconds,
        unit: "s",
        atMost: TARGET_CPU_S,
      },
    ],
    faults: sweep.qr === 1_000 ? [] : [`of 1,000 due, ${sweep.qr} got their QR`],
  };
}

/** 10,000 due: an invocation takes what it can finish, the next one takes the next. */
export async function measureBacklog(stage: Stage): Promise<Findings> {
  await makeDue(stage, 10_000);
  const memoryMb = () => Deno.memoryUsage().rss / 1024 ** 2;
  const faults: string[] = [];
  const ticks = [];
  const memory = [memoryMb()];
  for (let round = 1; round <= 2; round++) {
    const taken = await tick(stage);
    ticks.push(taken.seconds);
    memory.push(memoryMb());
    const left = await countDue(stage);
    if (taken.leased !== TICK_LIMITS.leases || left !== 10_000 - round * TICK_LIMITS.leases) {
      faults.push(`tick ${round} of a backlog leased ${taken.leased} and left ${left} of 10,000`);
    }
  }
  await removeDue(stage);
  return {
    figures: [
      {
        key: "backlog_tick_s",
        label: `10,000 due: one invocation takes ${TICK_LIMITS.leases} and stops, after`,
        value: Math.max(...ticks),
        unit: "s",
        atMost: (TICK_LIMITS.leasingMs + 48_000) / 1_000,
      },
      {
        key: "backlog_memory_growth_mb",
        label: "… memory from the first invocation's end to the second's",
        value: memory[2]! - memory[1]!,
        unit: "MB",
        atMost: 50,
        floor: { key: "backlog_memory_mb", value: memory[0]!, what: "the process before" },
      },
    ],
    faults,
  };
}

/** One invocation, as the scheduler makes it. */
export async function tick({ call, stack }: Stage) {
  let answer: unknown;
  const headers = { "x-cron-secret": stack.cronSecret };
  const ms = await time(async () => {
    answer = await call("/functions/v1/auto-reconnect-instances", {}, headers);
  });
  return { ...report.parse(answer), seconds: ms / 1_000 };
}

/**
 * One tick without the router in this process.
 *
 * @returns Seconds of processor; database, API and gateway are in processes of their own.
 */
async function functionAlone(stage: Stage): Promise<number> {
  const handler = createHandler(effectsPastRouter(stage));
  const cpu = process.cpuUsage();
  await lease(handler, stage.stack, SHARE);
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6;
}

/** @returns Seconds for the sample. */
async function oneAfterAnother({ stack }: Stage): Promise<number> {
  const limits = { ...TICK_LIMITS, concurrency: 1, leases: SAMPLE, gatherMs: 0 };
  const handler = createHandler(createEffects(), limits);
  return await time(() => lease(handler, stack, SAMPLE)) / 1_000;
}

/** @throws {Error} Unless so many were leased. */
async function lease(
  handler: (request: Request) => Promise<Response>,
  { url, cronSecret }: Stage["stack"],
  expected: number,
): Promise<void> {
  const headers = { "x-cron-secret": cronSecret };
  const request = new Request(`${url}/auto-reconnect-instances`, { method: "POST", headers });
  const { leased } = report.parse(await (await handler(request)).json());
  if (leased !== expected) throw new Error(`${leased} leased, not ${expected}`);
}

/** Makes so many disconnected numbers due, and no others. */
export async function makeDue(stage: Stage, count: number): Promise<void> {
  const gateways = [stage.gatewayAfter(GATEWAY_MS)];
  await addNumbers(stage, { prefix: DUE, count, status: "disconnected", gateways });
  await stage.sql`analyze public.whatsapp_instances`;
}

/** Takes them away again. */
export async function removeDue(stage: Stage): Promise<void> {
  await removeNumbers(stage, DUE);
}

/** How many are still disconnected. */
async function countDue({ sql }: Stage): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from public.whatsapp_instances
    where instance_name like 'due-%' and status = 'disconnected'`;
  return row?.count ?? 0;
}
