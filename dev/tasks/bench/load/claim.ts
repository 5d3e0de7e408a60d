/**
 * Many failed sends at one moment: how long each waits to hear whether the logout is its to make.
 *
 * @module
 */

import postgres from "postgres";
import type { Findings } from "../figures.ts";
import { alternate, percentile, time } from "../measure.ts";
import type { Stage } from "../stage.ts";

const CONNECTIONS = 100;
const ROUNDS = 10;

/** Of all, who may go on. */
interface Claim {
  readonly claimed: boolean;
}

/** {@linkcode CONNECTIONS} connections claim one instance; the floor is `select 1` on each. */
export async function measureClaims({ sql, stack }: Stage): Promise<Findings> {
  const pool = postgres(stack.databaseUrl, { max: CONNECTIONS, onnotice: () => {} });
  const faults: string[] = [];
  try {
    const crowd = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => pool.reserve()),
    );
    const atOnce = (call: (connection: postgres.ReservedSql) => Promise<unknown>) =>
      Promise.all(crowd.map((connection) => time(() => call(connection))));
    const claim = async () => {
      await forget(sql, stack.company.instanceId);
      let claimed = 0;
      const times = await atOnce(async (connection) => {
        const [row] = await connection<Claim[]>`
          select claimed from public.claim_ghost_repair(${stack.company.instanceId})`;
        if (row?.claimed) claimed++;
      });
      if (claimed !== 1) faults.push(`${claimed} of ${CONNECTIONS} claims were granted, not 1`);
      return times;
    };
    const floor = () => atOnce(async (connection) => await connection`select 1`);
    await alternate(2, floor, claim);
    const pair = await alternate(ROUNDS, floor, claim);
    for (const connection of crowd) connection.release();
    await forget(sql, stack.company.instanceId);
    return {
      figures: ([["p50", 0.5], ["p95", 0.95]] as const).map(([name, share]) => ({
        key: `claim_${name}_ms`,
        label: `claim_ghost_repair, ${CONNECTIONS} at once on one number, ${name}`,
        value: percentile(pair.measured, share),
        unit: "ms",
        floor: {
          key: `claim_floor_${name}_ms`,
          value: percentile(pair.floor, share),
          what: `select 1 on ${CONNECTIONS} connections at once`,
        },
      })),
      faults,
    };
  } finally {
    await pool.end({ timeout: 2 });
  }
}

/** As if nobody had ever claimed. */
async function forget(sql: postgres.Sql, instanceId: string): Promise<void> {
  await sql`delete from ghost_repair.claims`;
  await sql`delete from public.instance_events`;
  await sql`update public.whatsapp_instances set last_disconnected_at = null
    where id = ${instanceId}`;
}
