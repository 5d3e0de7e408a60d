/**
 * Many failed sends at one moment: how long each waits to hear whether the logout is its to make.
 *
 * @module
 */

import postgres from "postgres";
import type { Findings } from "./figures.ts";
import { alternate, percentileFigures, time } from "./measure.ts";
import { addNumbers, removeNumbers } from "./numbers.ts";
import type { Stage } from "./stage.ts";

const CONNECTIONS = 100;
const ROUNDS = 10;

/** {@linkcode CONNECTIONS} connections claim one instance; the floor is `select 1` on each. */
export async function measureClaims(stage: Stage): Promise<Findings> {
  const { sql, stack: { databaseUrl }, gatewayAfter } = stage;
  // Of a number of its own: what else was measured may have left a repair of the company's open.
  const own = {
    prefix: "claimed",
    count: 1,
    status: "connected",
    gateways: [gatewayAfter(0)],
  } as const;
  await addNumbers(stage, own);
  const [number] = await sql<{ id: string }[]>`
    select id from public.whatsapp_instances where instance_name = 'claimed-1'`;
  const instanceId = number!.id;
  const pool = postgres(databaseUrl, { max: CONNECTIONS, onnotice: () => {} });
  const faults: string[] = [];
  try {
    const crowd = await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.reserve()));
    const atOnce = (call: (connection: postgres.ReservedSql) => Promise<unknown>) =>
      Promise.all(crowd.map((connection) => time(() => call(connection))));
    const claim = async () => {
      await forgetClaims(sql, instanceId);
      let claimed = 0;
      const times = await atOnce(async (connection) => {
        const [row] = await connection<{ claimed: boolean }[]>`
          select claimed from public.claim_ghost_repair(${instanceId})`;
        if (row?.claimed) claimed++;
      });
      if (claimed !== 1) faults.push(`${claimed} of ${CONNECTIONS} claims were granted, not 1`);
      return times;
    };
    const floor = () => atOnce(async (connection) => await connection`select 1`);
    await alternate(2, floor, claim);
    const pair = await alternate(ROUNDS, floor, claim);
    for (const connection of crowd) connection.release();
    await removeNumbers(stage, own.prefix);
    return {
      figures: percentileFigures(pair, [50, 95], {
        name: "claim",
        label: `claim_ghost_repair, ${CONNECTIONS} at once on one number`,
        what: `select 1 on ${CONNECTIONS} connections at once`,
      }),
      faults,
    };
  } finally {
    await pool.end({ timeout: 2 });
  }
}

/** As if nobody had ever claimed. */
async function forgetClaims(sql: postgres.Sql, instanceId: string): Promise<void> {
  await sql`delete from ghost_repair.claims`;
  await sql`delete from public.instance_events`;
  await sql`update public.whatsapp_instances set last_disconnected_at = null
    where id = ${instanceId}`;
}
