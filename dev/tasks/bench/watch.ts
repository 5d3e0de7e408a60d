/**
 * The watch over a fleet: 100,000 connected numbers on 20 gateways of which nothing is ever heard, so
 * that each is probed every five minutes. What a minute of it asks of the database, and what one
 * invocation's share asks of the function.
 *
 * @module
 */

import process from "node:process";
import type postgres from "postgres";
import { z } from "zod";
import { createHandler } from "../../../supabase/functions/watch-instances/handler.ts";
import type { Findings } from "./figures.ts";
import { time } from "./measure.ts";
import { addNumbers, removeNumbers } from "./numbers.ts";
import { effectsPastRouter } from "./past-router.ts";
import { createFilled } from "./plans/fill.ts";
import type { Stage } from "./stage.ts";

/** Of these 96 in 100 are connected. */
const NUMBERS = 104_167;
const CONNECTED = 100_000;
const GATEWAYS = 20;
const INTERVAL_S = 300;

/** As the handler does it: so many at once, so many written at once. */
const LEASES = 60;
const BATCH = 40;

/** An invocation's share (`ghost_repair.settings.looks_a_call`). */
const SHARE = 300;
const GATEWAY_MS = 100;

/** What the platform gives a request. */
const TARGET_CPU_S = 2;

const report = z.object({ leased: z.number(), alive: z.number().default(0) });

/** See the module. */
export async function measureWatch(stage: Stage): Promise<Findings> {
  const minute = await measureMinute(stage);
  const share = await measureShare(stage);
  return {
    figures: [
      {
        key: "watch_probes_a_minute",
        label: `${CONNECTED} silent numbers, ${GATEWAYS} gateways: probes in a minute`,
        value: minute.probes,
        unit: "",
      },
      {
        key: "watch_calls_a_minute",
        label: "… calls of the function in a minute",
        value: minute.calls,
        unit: "",
      },
      {
        key: "watch_database_s",
        label: "… the database's part of that minute: what is due, leases, findings",
        value: minute.seconds,
        unit: "s",
        atMost: 60,
      },
      {
        key: "watch_due_ms",
        label: "… asking what is due, once",
        value: minute.dueMs,
        unit: "ms",
        atMost: 1_000,
      },
      {
        key: "watch_put_off_s",
        label: `${CONNECTED} numbers that are heard of: the database's part of a minute`,
        value: minute.putOffSeconds,
        unit: "s",
        atMost: 60,
      },
      {
        key: "watch_400_cpu_s",
        label: `${SHARE} looks, an invocation's share: processor of the function alone`,
        value: share.cpuSeconds,
        unit: "s",
        atMost: TARGET_CPU_S,
      },
      {
        key: "watch_400_s",
        label: `… at a gateway of ${GATEWAY_MS} ms, until it ends`,
        value: share.seconds,
        unit: "s",
        atMost: 60,
      },
    ],
    faults: [
      ...(minute.probes >= CONNECTED / INTERVAL_S * 60 * 0.95
        ? []
        : [`of ${CONNECTED} numbers ${minute.probes} were probed in a minute`]),
      ...(share.alive === SHARE ? [] : [`of ${SHARE} looks ${share.alive} found somebody alive`]),
    ],
  };
}

/** A minute in the database, in six ticks of ten seconds. */
async function measureMinute({ server }: Stage) {
  const sql = await createFilled(server, "bench_watch", { instances: NUMBERS, messages: 1_000 });
  try {
    const started = new Date();
    let seconds = 0;
    const passTick = () => setClock(sql, started, seconds += 10);
    await setClock(sql, started, 0);
    await spread(sql);
    let [probes, calls, ms, dueMs] = [0, 0, 0, 0];
    for (let tick = 0; tick < 6; tick++) {
      await passTick();
      let due: { name: string; calls: number }[] = [];
      const asked = await time(async () => {
        due = [...await sql<typeof due>`select name, calls from ghost_repair.due_functions()`];
      });
      dueMs = Math.max(dueMs, asked);
      calls += due.find(({ name }) => name === "watch-instances")?.calls ?? 0;
      ms += asked + await time(async () => probes += await probeAll(sql));
    }
    // Everybody was heard of a moment ago, and nobody's time is put off yet.
    await sql`update public.whatsapp_instances set last_alive_at = ghost_repair.now()`;
    await spread(sql);
    let putOff = 0;
    for (let tick = 0; tick < 6; tick++) {
      await passTick();
      putOff += await time(async () => void await sql`select from ghost_repair.due_functions()`);
    }
    return { probes, calls, seconds: ms / 1_000, dueMs, putOffSeconds: putOff / 1_000 };
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/**
 * The database's clock stands still at so many seconds after now: what a tick takes is not another
 * tick's work. A constant costs no more than the real clock.
 */
async function setClock(sql: postgres.Sql, started: Date, seconds: number): Promise<void> {
  const at = new Date(started.getTime() + seconds * 1_000).toISOString();
  await sql.unsafe(`
    create or replace function ghost_repair.now() returns timestamptz
    language sql stable parallel safe as $$ select '${at}'::timestamptz $$`);
}

/** Everybody's next look is somewhere in the next five minutes. */
async function spread(sql: postgres.Sql): Promise<void> {
  await sql`delete from ghost_repair.watched_numbers`;
  await sql`insert into ghost_repair.watched_numbers (instance_id, next_look_at)
    select i.id, ghost_repair.now() + make_interval(secs => ${INTERVAL_S}::int * random())
    from public.whatsapp_instances i where i.status = 'connected'`;
  // As it is after the first five minutes: each has had its lease.
  await sql`insert into ghost_repair.leases (kind, subject, token, leased_at, expires_at)
    select 'probe', w.instance_id, gen_random_uuid(), ghost_repair.now() - interval '5 minutes',
      ghost_repair.now() - interval '4 minutes'
    from ghost_repair.watched_numbers w on conflict do nothing`;
  await sql`vacuum analyze ghost_repair.watched_numbers, ghost_repair.leases`;
}

/** Takes what is due and finds everybody alive, as the function does it. @returns How many. */
async function probeAll(sql: postgres.Sql): Promise<number> {
  let probes = 0;
  while (true) {
    const leased = await sql`
      select instance_id, token, connection_epoch as epoch, 'alive' as verdict
      from public.lease_watched_numbers(${LEASES})`;
    if (leased.length === 0) return probes;
    probes += leased.length;
    for (let at = 0; at < leased.length; at += BATCH) {
      const found = sql.json(leased.slice(at, at + BATCH) as unknown as postgres.JSONValue);
      await sql`select public.record_watched_numbers(${found})`;
    }
  }
}

/** One invocation, without the router in this process; gateways, API and database have their own. */
async function measureShare(stage: Stage) {
  const { sql, stack, gatewayAfter } = stage;
  // Twenty addresses of the same gateway.
  const gateways = Array.from({ length: GATEWAYS }, (_, place) => gatewayAfter(GATEWAY_MS + place));
  await addNumbers(stage, { prefix: "watched", count: SHARE, status: "connected", gateways });
  await sql`update ghost_repair.watched_numbers w set next_look_at = case
      when i.instance_name like 'watched-%' then now() else now() + interval '1 hour' end
    from public.whatsapp_instances i where i.id = w.instance_id`;
  const handler = createHandler(effectsPastRouter(stage));
  const request = new Request(`${stack.url}/watch-instances`, {
    method: "POST",
    headers: { "x-cron-secret": stack.cronSecret },
  });
  const cpu = process.cpuUsage();
  let answer: unknown;
  const ms = await time(async () => answer = await (await handler(request)).json());
  const { user, system } = process.cpuUsage(cpu);
  const { alive } = report.parse(answer);
  await removeNumbers(stage, "watched");
  return { alive, cpuSeconds: (user + system) / 1e6, seconds: ms / 1_000 };
}
