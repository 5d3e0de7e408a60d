/**
 * The open repairs in the database: leases, changing calls, findings, and who has to be told.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceAddress } from "../_shared/contracts/instance-row.ts";
import type { Database } from "../_shared/runtime/database.ts";
import { leaseByTick } from "../_shared/runtime/leases.ts";

const leases = z.array(z.object({
  repair_id: z.string(),
  token: z.string(),
  instance_id: z.string(),
  ...instanceAddress.shape,
  phone_number: z.nullable(z.string()),
  state: z.enum(["open", "needs_operator", "restarted"]),
  connect_called: z.boolean(),
  restart_called: z.boolean(),
  logout_called: z.boolean(),
  seconds_since_restart: z.nullable(z.number()),
  waiting_for: z.nullable(z.string()),
  waiting_seconds: z.nullable(z.number()),
  age_seconds: z.number(),
  outage: z.boolean(),
  session_conflict: z.boolean(),
  webhook_delivered: z.boolean(),
  alone: z.boolean(),
  restart_awaited: z.boolean(),
  seconds_since_process_restart: z.nullable(z.number()),
  tick_started: z.string(),
}));

/** The right to take one repair's next step until the lease ends, and what is known of the repair. */
export type RepairLease = Readonly<z.infer<typeof leases>[number]>;

/** What `record_repair_step` is told. */
export interface StepRecord {
  readonly next: "healed" | "invalidated" | "wait" | "stepped" | "needs_operator" | "not_helped";
  /** When to look again, in seconds. */
  readonly seconds?: number;
  readonly step?: string;
  readonly reason?: string;
  readonly socket_dead: boolean;
  readonly [detail: string]: unknown;
}

const notices = z.array(z.object({
  repair_id: z.string(),
  instance_id: z.string(),
  organization_id: z.nullable(z.string()),
  instance_name: z.string(),
  display_name: z.nullable(z.string()),
  disconnected_since: z.nullable(z.string()),
  opened_at: z.string(),
  reason: z.nullable(z.string()),
  connect_called: z.boolean(),
  restart_called: z.boolean(),
  logout_called: z.boolean(),
}));

/** A repair that a person has to be told of. */
export type Notice = Readonly<z.infer<typeof notices>[number]>;

const restarts = z.array(z.object({
  request_id: z.uuid(),
  call_id: z.string(),
  agent_url: z.string(),
  secrets: z.array(z.string()),
  gateway: z.string(),
  reason: z.string(),
  share: z.number(),
  since: z.string(),
  names: z.array(z.string()),
  numbers: z.int(),
  tried: z.object({ connect: z.boolean(), restart: z.boolean(), logout: z.boolean() }),
}));

/** A gateway whose process is to be restarted. */
export type RestartRequest = Readonly<z.infer<typeof restarts>[number]>;

/** One tick's view of the open repairs. Each call may throw what {@linkcode Database.call} throws. */
export interface WorkList {
  /** Takes up to `limit` due repairs; none twice in one tick. */
  lease(limit: number): Promise<readonly RepairLease[]>;
  /** Writes a changing call down before it is made. False: do not make it. */
  begin(lease: RepairLease, step: string): Promise<boolean>;
  /** Writes down what was found and ends the lease. False: no longer ours. */
  record(lease: RepairLease, found: StepRecord): Promise<boolean>;
  /** Leaves a repair due for the next tick. False: no longer ours. */
  postpone(lease: RepairLease): Promise<boolean>;
  /** Whether a `connecting` webhook came in the last seconds. */
  connectingSeen(instanceId: string, seconds: number): Promise<boolean>;
  /**
   * Takes up to `limit` notices that are due.
   *
   * @param hasHook Whether anybody can be called. Where not there are none, and the database asks for
   * no further call because of them.
   */
  claimNotices(limit: number, hasHook: boolean): Promise<readonly Notice[]>;
  /** Takes up to `limit` restarts that an agent is to be asked for. */
  claimRestarts(limit: number): Promise<readonly RestartRequest[]>;
  /** Writes down what the agent answered. */
  recordRestart(
    request: RestartRequest,
    answer: {
      readonly result: string;
      readonly why?: string | undefined;
      readonly retryAfterSeconds?: number | undefined;
    },
  ): Promise<unknown>;
  /** Writes down how telling the operator ended. */
  recordNotice(notice: Notice, outcome: string): Promise<unknown>;
}

/** Makes the list of one tick; leases end by themselves after `leaseSeconds`. */
export function createWorkList(database: Database, leaseSeconds: number): WorkList {
  const held = ({ repair_id, token }: RepairLease) => ({ p_repair_id: repair_id, p_token: token });
  return {
    lease: leaseByTick(database, "lease_due_repairs", leases, leaseSeconds),
    begin: (lease, step) =>
      database.call("begin_repair_step", { ...held(lease), p_step: step }, z.boolean()),
    record: (lease, found) =>
      database.call("record_repair_step", { ...held(lease), p_result: found }, z.boolean()),
    postpone: (lease) => database.call("postpone_repair_step", held(lease), z.boolean()),
    connectingSeen: (instanceId, seconds) => {
      const asked = { p_instance_id: instanceId, p_seconds: seconds };
      return database.call("connecting_seen", asked, z.boolean());
    },
    claimNotices: (limit, hasHook) =>
      database.call("claim_operator_notices", { p_limit: limit, p_has_hook: hasHook }, notices),
    claimRestarts: (limit) => database.call("claim_restart_requests", { p_limit: limit }, restarts),
    recordRestart: ({ request_id }, { result, why, retryAfterSeconds }) =>
      database.call("record_restart", {
        p_request_id: request_id,
        p_answer: { result, why, retry_after_seconds: retryAfterSeconds },
      }, z.unknown()),
    recordNotice: ({ repair_id }, outcome) => {
      const end = { p_repair_id: repair_id, p_outcome: outcome };
      return database.call("record_operator_notice", end, z.unknown());
    },
  };
}
