/**
 * Numbers that are looked at, in the database: leases, what looks found, and logouts that are owed.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceAddress } from "../_shared/contracts/instance-row.ts";
import type { ConnectRecord } from "../_shared/gateway/instance.ts";
import type { Database } from "../_shared/runtime/database.ts";
import { leaseByTick } from "../_shared/runtime/leases.ts";
import type { OwedLogout, RegistryFinding } from "./decide.ts";
import type { Seen } from "./look.ts";

const leases = z.array(z.object({
  instance_id: z.uuid(),
  token: z.uuid(),
  connection_epoch: z.int(),
  ...instanceAddress.shape,
  scanning: z.boolean(),
  tick_started: z.string(),
}));

/**
 * The right to look at one number until the lease ends. `scanning`: a connect has to follow the scan of
 * the code that is shown.
 */
export type Lease = Readonly<z.infer<typeof leases>[number]>;

const probeLeases = z.array(z.object({
  instance_id: z.uuid(),
  token: z.uuid(),
  connection_epoch: z.int(),
  ...instanceAddress.shape,
  phone_number: z.nullable(z.string()),
  wait_ms: z.int(),
  tick_started: z.string(),
}));

/** The right to probe one connected number, after `wait_ms`, until the lease ends. */
export type ProbeLease = Readonly<z.infer<typeof probeLeases>[number]>;

const counts = z.record(z.string(), z.number());

const recorded = z.union([
  z.object({ next: z.literal("logout"), token: z.uuid() }),
  z.object({ next: z.enum(["connected", "waits", "overtaken"]) }),
]);

/** What follows from a look; `token` is the right to one logout. */
type Recorded = Readonly<z.infer<typeof recorded>>;

/** One tick's view of the numbers. Each call may throw what {@linkcode Database.call} throws. */
export interface WorkList {
  /** Takes up to `limit` numbers that are due; none twice in one tick. */
  lease(limit: number): Promise<readonly Lease[]>;
  /** Writes a look down and ends its lease. */
  record(lease: Lease, found: RegistryFinding): Promise<Recorded>;
  /** Asks for the connect that follows a scan: the right to it, or null: do not connect. */
  beginScanConnect(lease: Lease): Promise<string | null>;
  /** Writes down what that connect came to. */
  recordScanConnect(lease: Lease, token: string, found: ConnectRecord): Promise<unknown>;
  /** Writes down what the logout came to, and lets go of the number. */
  recordLogout(lease: Lease, token: string, outcome: OwedLogout): Promise<unknown>;
  /** Takes up to `limit` connected numbers that nothing was heard of; none twice in one tick. */
  leaseProbes(limit: number): Promise<readonly ProbeLease[]>;
  /** Writes down what looks found and ends their leases. Says what came of them. */
  recordProbes(
    found: readonly (readonly [ProbeLease, Seen])[],
  ): Promise<Readonly<Record<string, number>>>;
}

/**
 * Makes the work list of one tick.
 *
 * @param leaseSeconds When a lease ends by itself.
 */
export function createWorkList(database: Database, leaseSeconds: number): WorkList {
  return {
    lease: leaseByTick(database, "lease_waiting_numbers", leases, leaseSeconds),
    record: ({ instance_id, token, connection_epoch }, found) =>
      database.call("record_watch", {
        p_instance_id: instance_id,
        p_token: token,
        p_epoch: connection_epoch,
        p_outcome: found,
      }, recorded),
    beginScanConnect: ({ instance_id, token }) =>
      database.call(
        "begin_scan_connect",
        { p_instance_id: instance_id, p_token: token },
        z.nullable(z.uuid()),
      ),
    recordScanConnect: ({ instance_id, connection_epoch }, token, found) =>
      database.call("record_connect", {
        p_instance_id: instance_id,
        p_token: token,
        p_source: "scan",
        p_outcome: found,
        p_epoch: connection_epoch,
      }, z.unknown()),
    recordLogout: ({ instance_id }, token, outcome) =>
      database.call("record_owed_logout", {
        p_instance_id: instance_id,
        p_token: token,
        p_outcome: outcome,
      }, z.unknown()),
    leaseProbes: leaseByTick(database, "lease_watched_numbers", probeLeases, leaseSeconds),
    recordProbes: (found) =>
      database.call("record_watched_numbers", {
        p_findings: found.map(([lease, { verdict, ownNumber, detail }]) => ({
          instance_id: lease.instance_id,
          token: lease.token,
          epoch: lease.connection_epoch,
          verdict,
          ...(ownNumber === undefined ? {} : { own_number: ownNumber }),
          detail,
        })),
      }, counts),
  };
}
