/**
 * The open repairs in the database: leases, changing calls, findings.
 *
 * @module
 */

import { z } from "zod";
import type { Database } from "../_shared/runtime/database.ts";
import type { GatewayAddress } from "../_shared/gateway/client.ts";
import type { Evidence } from "./evidence.ts";

/** The right to take one repair's next step until the lease ends. */
export interface RepairLease extends GatewayAddress {
  readonly repairId: string;
  readonly instanceId: string;
  readonly token: string;
  readonly phoneNumber: string | null;
  /** What the database knows of it. */
  readonly known: Omit<Evidence, "probe" | "registry" | "look">;
}

/** What `record_repair_step` is told. */
export interface StepRecord {
  readonly next: "healed" | "invalidated" | "wait" | "stepped" | "needs_operator";
  /** When to look again, in seconds. */
  readonly seconds?: number;
  readonly step?: string;
  readonly reason?: string;
  readonly socket_dead: boolean;
  readonly [detail: string]: unknown;
}

/** One tick's view of the open repairs. Each call may throw what {@linkcode Database.call} throws. */
export interface RepairList {
  /** Takes up to `limit` due repairs; none twice in one tick. */
  lease(limit: number): Promise<readonly RepairLease[]>;
  /** Writes a changing call down before it is made. False: do not make it. */
  begin(lease: RepairLease, step: string): Promise<boolean>;
  /** Writes down what was found and ends the lease. False: no longer ours. */
  record(lease: RepairLease, found: StepRecord): Promise<boolean>;
  /** Whether a `connecting` webhook came in the last seconds. */
  connectingSeen(instanceId: string, seconds: number): Promise<boolean>;
}

const rows = z.array(z.object({
  repair_id: z.string(),
  token: z.string(),
  instance_id: z.string(),
  instance_name: z.string(),
  phone_number: z.string().nullable(),
  api_url: z.string(),
  api_key: z.string(),
  policy: z.enum(["logout-first", "keep-pairing"]),
  state: z.enum(["open", "needs_operator"]),
  connect_called: z.boolean(),
  restart_called: z.boolean(),
  logout_called: z.boolean(),
  seconds_since_restart: z.number().nullable(),
  waiting_for: z.string().nullable(),
  waiting_seconds: z.number().nullable(),
  age_seconds: z.number(),
  outage: z.boolean(),
  tick_started: z.string(),
}));

/** Makes the list of one tick. */
export function createRepairList(database: Database, leaseSeconds: number): RepairList {
  // The database's own instant, passed back as it came.
  let tickStarted: string | null = null;
  return {
    lease: async (limit) => {
      const found = await database.call("lease_due_repairs", {
        p_limit: limit,
        p_tick_started: tickStarted,
        p_lease_seconds: leaseSeconds,
      }, rows);
      tickStarted ??= found[0]?.tick_started ?? null;
      return found.map(toLease);
    },
    begin: (lease, step) =>
      database.call("begin_repair_step", {
        p_repair_id: lease.repairId,
        p_token: lease.token,
        p_step: step,
      }, z.boolean()),
    record: (lease, found) =>
      database.call("record_repair_step", {
        p_repair_id: lease.repairId,
        p_token: lease.token,
        p_result: found,
      }, z.boolean()),
    connectingSeen: (instanceId, seconds) =>
      database.call("connecting_seen", {
        p_instance_id: instanceId,
        p_seconds: seconds,
      }, z.boolean()),
  };
}

function toLease(row: z.infer<typeof rows>[number]): RepairLease {
  return {
    repairId: row.repair_id,
    instanceId: row.instance_id,
    token: row.token,
    phoneNumber: row.phone_number,
    instanceName: row.instance_name,
    apiUrl: row.api_url,
    apiKey: row.api_key,
    known: {
      policy: row.policy,
      state: row.state,
      outage: row.outage,
      called: {
        connect: row.connect_called,
        restart: row.restart_called,
        logout: row.logout_called,
      },
      secondsSinceRestart: row.seconds_since_restart,
      waitingFor: row.waiting_for,
      waitingSeconds: row.waiting_seconds,
      ageSeconds: row.age_seconds,
    },
  };
}
