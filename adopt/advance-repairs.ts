/**
 * The ladder's tick in somebody else's project: the steps of `advance-ghost-repairs`, called by the
 * project's own database, which alone knows the secret.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  advanceRepair,
  LEASE_SECONDS,
  LIMITS,
  TICK_SAMPLES,
  VERSIONS,
} from "../supabase/functions/advance-ghost-repairs/advance-repair.ts";
import { createWorkList } from "../supabase/functions/advance-ghost-repairs/work-list.ts";
import { gatewayOf } from "../supabase/functions/_shared/gateway/instance.ts";
import { refreshVersions } from "../supabase/functions/_shared/messages/refresh-versions.ts";
import type { Clock } from "../supabase/functions/_shared/runtime/clock.ts";
import { takeTurns } from "../supabase/functions/_shared/runtime/leases.ts";
import { asDatabase, type CallDatabase } from "./project-database.ts";

/** What a tick needs of the world. */
interface LadderWorld {
  /** Makes the gateway's calls. */
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly database: CallDatabase;
  /** Reads a variable of the function's environment. */
  readonly read: (name: string) => string | undefined;
  /** Told what failed: no name, number or key. */
  readonly log: (line: string) => void;
}

const asked = z.object({ allowed: z.boolean(), key_variable: z.nullable(z.string()) });

/** Makes the function. Answers counts only; 401 to whoever is not the project's database. */
export function createLadder(world: LadderWorld): (request: Request) => Promise<Response> {
  const { clock, fetch, log } = world;
  const database = asDatabase(world.database);
  return async (request) => {
    const { allowed, key_variable: keyVariable } = z.parse(
      asked,
      await world.database("ghost_repair_tick", {
        p_secret: request.headers.get("x-cron-secret") ?? "",
      }),
    );
    if (!allowed) return Response.json({ success: false }, { status: 401 });
    const readVersions = (limit: number, instanceId?: string) =>
      refreshVersions(limit, { database, fetch, clock }, instanceId).catch((error) =>
        log(`ghost repair: no version read (${nameOf(error)})`)
      );
    await readVersions(VERSIONS);
    const workList = createWorkList(database, LEASE_SECONDS);
    const budget = { left: TICK_SAMPLES };
    const { leased, counts, stopped } = await takeTurns({
      lease: workList.lease,
      turn: (lease) => {
        const key = keyVariable === null ? lease.api_key : world.read(keyVariable) ?? "";
        const gateway = gatewayOf({ ...lease, api_key: key }, { fetch, clock });
        const readVersion = () => readVersions(1, lease.instance_id);
        return advanceRepair(lease, { gateway, workList, budget, clock, readVersion });
      },
      faultEvent: "a step failed",
      log: {
        write: (_level, event, { instanceId = "", error = "" } = {}) =>
          log(
            `ghost repair: ${event} (${error}${instanceId === "" ? "" : `, number ${instanceId}`})`,
          ),
      },
      clock,
    }, LIMITS);
    return Response.json({ success: true, leased, ...counts, stopped });
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
