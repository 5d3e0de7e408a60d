/**
 * The work list in the database: leases on due numbers, attempts, findings.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceAddress } from "../_shared/contracts/instance-row.ts";
import type { ConnectRecord } from "../_shared/gateway/instance.ts";
import type { Database } from "../_shared/runtime/database.ts";
import { leaseByTick } from "../_shared/runtime/leases.ts";

const leases = z.array(z.object({
  instance_id: z.string(),
  token: z.string(),
  connection_epoch: z.number(),
  ...instanceAddress.shape,
  tick_started: z.string(),
}));

/** The right to work on one number until the lease ends. */
export type Lease = Readonly<z.infer<typeof leases>[number]>;

/** One tick's view of the work list. Each call may throw what {@linkcode Database.call} throws. */
export interface WorkList {
  /** Takes up to `limit` due numbers, oldest first; none twice in one tick. */
  lease(limit: number): Promise<readonly Lease[]>;
  /** Counts an attempt, right before the connect. False: do not connect. */
  beginAttempt(lease: Lease): Promise<boolean>;
  /** Writes a finding down and ends the lease. False: something newer has changed the number. */
  record(lease: Lease, found: ConnectRecord): Promise<boolean>;
}

/**
 * Makes the work list of one tick.
 *
 * @param leaseSeconds When a lease ends by itself, so that a tick that died blocks nothing for long.
 */
export function createWorkList(database: Database, leaseSeconds: number): WorkList {
  const held = ({ instance_id, token }: Lease) => ({ p_instance_id: instance_id, p_token: token });
  return {
    lease: leaseByTick(database, "lease_due_reconnects", leases, leaseSeconds),
    beginAttempt: (lease) => database.call("begin_reconnect_attempt", held(lease), z.boolean()),
    record: async (lease, found) => {
      const written = await database.call("record_connect", {
        ...held(lease),
        p_source: "tick",
        p_outcome: found,
        p_epoch: lease.connection_epoch,
      }, z.nullable(z.object({ recorded: z.boolean() })));
      return written?.recorded ?? false;
    },
  };
}
