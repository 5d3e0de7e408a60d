/**
 * A morning after an outage: everything is disconnected, and the scheduler comes by.
 *
 * @module
 */

import process from "node:process";
import { z } from "zod";
import { createEffects } from "../../../supabase/functions/_shared/effects.ts";
import { createHandler } from "../../../supabase/functions/auto-reconnect-instances/handler.ts";
import { TICK_LIMITS } from "../../../supabase/functions/auto-reconnect-instances/tick.ts";
import type { Findings } from "../figures.ts";
import { percentile, time } from "../measure.ts";
import type { Stage } from "../stage.ts";
import { countDue, makeDue, removeDue } from "./due-numbers.ts";

const GATEWAY_MS = 100;
const SAMPLE = 15;
const TARGET_S = 20;

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
        key: "sweep_1000_cpu_s",
        label: "… processor of the whole stack's process, router included",
        value: sweep.cpuSeconds,
        unit: "s",
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
  const cpu = process.cpuUsage();
  let answer: unknown;
  const ms = await time(async () => {
    answer = await stage.call("/functions/v1/auto-reconnect-instances", {}, {
      "x-cron-secret": stage.stack.cronSecret,
    });
  });
  const { user, system } = process.cpuUsage(cpu);
  return { ...report.parse(answer), seconds: ms / 1_000, cpuSeconds: (user + system) / 1e6 };
}

/** @returns Seconds for the sample. */
async function oneAfterAnother(stage: Stage): Promise<number> {
  const limits = { ...TICK_LIMITS, concurrency: 1, leases: SAMPLE, gatherMs: 0 };
  const handler = createHandler(createEffects(), limits);
  const request = new Request(`${stage.stack.url}/auto-reconnect-instances`, {
    method: "POST",
    headers: { "x-cron-secret": stage.stack.cronSecret },
  });
  let leased = 0;
  const ms = await time(async () => {
    leased = report.parse(await (await handler(request)).json()).leased;
  });
  if (leased !== SAMPLE) throw new Error(`the floor leased ${leased}, not ${SAMPLE}`);
  return ms / 1_000;
}

function memoryMb(): number {
  return Deno.memoryUsage().rss / 1024 ** 2;
}
