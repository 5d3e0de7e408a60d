/**
 * What a tick of the ladder knows of a session.
 *
 * @module
 */

import type { Evidence, Look } from "../../supabase/functions/advance-ghost-repairs/decide.ts";
import type { Policy } from "../../dev/tasks/shared/kinds.ts";
import type { RepairLease } from "../../supabase/functions/advance-ghost-repairs/work-list.ts";

/**
 * A dead session with a steady memory, silent webhooks that could be heard, and no call but the
 * logout that `logout-first` begins with.
 */
export function seen(
  look: Partial<Look> | null,
  { policy, ...rest }: Partial<Omit<Evidence, "look">> & { readonly policy?: Policy } = {},
): Evidence {
  return {
    state: "open",
    outage: false,
    sessionConflict: false,
    silence: "heard",
    probe: "dead",
    registry: "open",
    called: { connect: false, restart: false, logout: policy !== "keep-pairing" },
    secondsSinceRestart: null,
    restartAwaited: false,
    secondsSinceProcessRestart: null,
    waitingFor: null,
    waitingSeconds: null,
    ageSeconds: 60,
    ...rest,
    look: look === null
      ? null
      : { memory: "open", connecting: "silent", density: "dense", ...look },
  };
}

/** Which changing calls were made. */
export function called(...steps: readonly ("connect" | "restart" | "logout")[]) {
  return {
    connect: steps.includes("connect"),
    restart: steps.includes("restart"),
    logout: steps.includes("logout"),
  };
}

/** A repair that a tick has leased, nothing called yet. */
export function repairLease(instanceId: string): RepairLease {
  return {
    repair_id: "repair",
    instance_id: instanceId,
    token: "token",
    phone_number: "5511900000001",
    instance_name: "atendimento",
    api_url: "https://evolution.example",
    api_key: "key",
    state: "open",
    outage: false,
    session_conflict: false,
    webhook_delivered: true,
    alone: false,
    connect_called: false,
    restart_called: false,
    logout_called: false,
    seconds_since_restart: null,
    restart_awaited: false,
    seconds_since_process_restart: null,
    waiting_for: null,
    waiting_seconds: null,
    age_seconds: 40,
    tick_started: "2026-11-22T22:00:00.123456+00:00",
  };
}
