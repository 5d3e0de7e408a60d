/**
 * Evidence for the ladder's decision.
 *
 * @module
 */

import type { Evidence, Look } from "../../supabase/functions/advance-ghost-repairs/evidence.ts";

/** A dead session with a steady memory, silent webhooks that we trust, and nothing called yet. */
export function seen(
  look: Partial<Look> | null,
  rest: Partial<Omit<Evidence, "look">> = {},
): Evidence {
  return {
    policy: "logout-first",
    state: "open",
    outage: false,
    probe: "dead",
    registry: "open",
    called: { connect: false, restart: false, logout: rest.policy !== "keep-pairing" },
    secondsSinceRestart: null,
    waitingFor: null,
    waitingSeconds: null,
    ageSeconds: 60,
    ...rest,
    look: look === null
      ? null
      : { memory: "open", connecting: "silent", webhooksTrusted: true, ...look },
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
