/**
 * The work list in the database: leases on due instances, attempts, findings.
 *
 * @module
 */

import { z } from "zod";
import type { Database } from "../_shared/runtime/database.ts";
import type { GatewayAddress } from "../_shared/gateway/client.ts";
import type { ReconnectRecord } from "./decide.ts";

/** The right to work on one instance until the lease ends. */
export interface Lease extends GatewayAddress {
  readonly instanceId: string;
  readonly token: string;
}

/** One tick's view of the work list. Each call may throw what {@linkcode Database.call} throws. */
export interface WorkList {
  /** Takes up to `limit` due instances, oldest first; none twice in one tick. */
  lease(limit: number): Promise<readonly Lease[]>;
  /** Counts an attempt, right before the connect. False: do not connect. */
  beginAttempt(lease: Lease): Promise<boolean>;
  /** Writes a finding down and ends the lease. False: something newer has changed the instance. */
  record(lease: Lease, found: ReconnectRecord): Promise<boolean>;
}

const leases = z.array(z.object({
  instance_id: z.string(),
  token: z.string(),
  instance_name: z.string(),
  api_url: z.string(),
  api_key: z.string(),
  tick_started: z.string(),
}));

/**
 * Makes the work list of one tick.
 *
 * @param leaseSeconds When a lease ends by itself, so that a tick that died blocks nothing for long.
 */
export function createWorkList(database: Database, leaseSeconds: number): WorkList {
  // The database's own instant, passed back as it came: a Date would cut its microseconds off.
  let tickStarted: string | null = null;
  return {
    lease: async (limit) => {
      const rows = await database.call("lease_due_reconnects", {
        p_limit: limit,
        p_tick_started: tickStarted,
        p_lease_seconds: leaseSeconds,
      }, leases);
      tickStarted ??= rows[0]?.tick_started ?? null;
      return rows.map((row) => ({
        instanceId: row.instance_id,
        token: row.token,
        instanceName: row.instance_name,
        apiUrl: row.api_url,
        apiKey: row.api_key,
      }));
    },
    beginAttempt: (lease) =>
      database.call("begin_reconnect_attempt", {
        p_instance_id: lease.instanceId,
        p_token: lease.token,
      }, z.boolean()),
    record: async (lease, found) => {
      const written = await database.call("record_connect", {
        p_instance_id: lease.instanceId,
        p_token: lease.token,
        p_source: "tick",
        p_outcome: found,
      }, z.object({ recorded: z.boolean() }).nullable());
      return written?.recorded ?? false;
    },
  };
}
