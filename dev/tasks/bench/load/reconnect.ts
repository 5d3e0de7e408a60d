/**
 * A morning after an outage: everything is disconnected, and the scheduler comes by.
 *
 * @module
 */

import process from "node:process";
import { z } from "zod";
import { createEffects } from "../../../../supabase/functions/_shared/runtime/effects.ts";
import {
  createHandler,
  TICK_LIMITS,
} from "../../../../supabase/functions/auto-reconnect-instances/handler.ts";
import type { Findings } from "../figures.ts";
import { percentile, time } from "../measure.ts";
import type { Stage } from "../stage.ts";
import { countDue, makeDue, removeDue } from "./due-numbers.ts";

const GATEWAY_MS = 100;
const SAMPLE = 15;
const TARGET_S = 20;

/** For so many due numbers the scheduler calls one invocation (`private.call_auto_reconnect`). */
const SHARE = 250;

/** What the platform gives a request. */
const TARGET_CPU_S = 2;

const report = z.object({
  leased: z.number(),
  awaitingQr: z.number(),
  failed: z.number(),
  stopped: z.string().nullable(),
});

/** 1,000 due in one invocation; the floor is one after another, measured on a sample and scaled. */
export async function measureSweep(stage: Stage): Promise<Findings> {
  await makeDue(stage, SAMPLE, GATEWAY_MS);
  const floors = [await oneAfterAnother(stage)];
  await makeDue(stage, 1_000, GATEWAY_MS);
  const sweep = await tick(stage);
  await makeDue(stage, SAMPLE, GATEWAY_MS);
  floors.push(await oneAfterAnother(stage));
  await makeDue(stage, SHARE, GATEWAY_MS);
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
          value: percentile(floors, 0.5) * 1_000 / SAMPLE,
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
    faults: sweep.awaitingQr === 1_000 ? [] : [`of 1,000 due, ${sweep.awaitingQr} got their QR`],
  };
}

/** 10,000 due: an invocation takes what it can finish, the next one takes the next. */
export async function measureBacklog(stage: Stage): Promise<Findings> {
  await makeDue(stage, 10_000, GATEWAY_MS);
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

async function tick(stage: Stage) {
  let answer: unknown;
  const ms = await time(async () => {
    answer = await stage.call("/functions/v1/auto-reconnect-instances", {}, {
      "x-cron-secret": stage.stack.cronSecret,
    });
  });
  return { ...report.parse(answer), seconds: ms / 1_000 };
}

/**
 * One tick without the router in this process.
 *
 * @returns Seconds of processor; database, API and gateway are in processes of their own.
 */
async function functionAlone({ stack }: Stage): Promise<number> {
  const prefix = `${stack.url}/rest/v1`;
  const supabaseFetch: typeof fetch = (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    return fetch(address.replace(prefix, stack.postgrestUrl), init);
  };
  const handler = createHandler(createEffects(undefined, { supabaseFetch }));
  const cpu = process.cpuUsage();
  const leased = await leasedBy(handler, stack);
  const { user, system } = process.cpuUsage(cpu);
  if (leased !== SHARE) throw new Error(`${leased} leased, not ${SHARE}`);
  return (user + system) / 1e6;
}

/** @returns Seconds for the sample. */
async function oneAfterAnother(stage: Stage): Promise<number> {
  const limits = { ...TICK_LIMITS, concurrency: 1, leases: SAMPLE, gatherMs: 0 };
  const handler = createHandler(createEffects(), limits);
  let leased = 0;
  const ms = await time(async () => {
    leased = await leasedBy(handler, stage.stack);
  });
  if (leased !== SAMPLE) throw new Error(`the floor leased ${leased}, not ${SAMPLE}`);
  return ms / 1_000;
}

async function leasedBy(
  handler: (request: Request) => Promise<Response>,
  { url, cronSecret }: Stage["stack"],
): Promise<number> {
  const request = new Request(`${url}/auto-reconnect-instances`, {
    method: "POST",
    headers: { "x-cron-secret": cronSecret },
  });
  return report.parse(await (await handler(request)).json()).leased;
}

function memoryMb(): number {
  return Deno.memoryUsage().rss / 1024 ** 2;
}
