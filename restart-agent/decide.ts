/**
 * Whether a gateway is restarted now. Pure.
 *
 * @module
 */

import type { Settings, Window } from "./settings.ts";

/** Reasons of a repair that a restart of the gateway's process cures (docs/ghosts.md, measured). */
const CURABLE: ReadonlySet<string> = new Set([
  "steps_used_up",
  "not_loaded",
  "gateway_stuck",
  "session_conflict",
  "deaf",
  "deaf_after_logout",
]);

/** What is asked. */
export interface RestartRequest {
  /** The gateway's address. */
  readonly gateway: string;
  /** Why, as the repair says it. */
  readonly reason: string;
  /** The share of the gateway's numbers that are dead, 0 to 1. */
  readonly share: number;
}

/** What is done, or why nothing is. */
type Decision =
  | { readonly result: "restart" }
  | { readonly result: "not_curable" | "other_gateway" }
  | { readonly result: "too_soon" | "outside_window"; readonly retryAfterSeconds: number };

/** What "a day" of the limit is, in ms: any 24 hours. */
const LIMIT_PERIOD_MS = 24 * 3_600_000;

/**
 * Decides.
 *
 * @param now In epoch ms.
 * @param restarts When it restarted before, in epoch ms, the attempts that failed among them.
 */
export function decide(
  request: RestartRequest,
  settings: Pick<
    Settings,
    "gatewayUrl" | "minIntervalMs" | "maxPerDay" | "window" | "quorum"
  >,
  restarts: readonly number[],
  now: number,
): Decision {
  if (settings.gatewayUrl !== null && settings.gatewayUrl !== request.gateway) {
    return { result: "other_gateway" };
  }
  if (!CURABLE.has(request.reason)) return { result: "not_curable" };
  // A clock that was set back must not forbid restarts until it has caught up.
  const today = restarts.filter((at) => at <= now && at > now - LIMIT_PERIOD_MS).toSorted((a, b) =>
    a - b
  );
  const last = today.at(-1) ?? -Infinity;
  const oldest = today[today.length - settings.maxPerDay] ?? -Infinity;
  const free = Math.max(last + settings.minIntervalMs, oldest + LIMIT_PERIOD_MS);
  if (free > now) return { result: "too_soon", retryAfterSeconds: Math.ceil((free - now) / 1_000) };
  if (settings.window !== null && request.share < settings.quorum) {
    const wait = minutesUntil(settings.window, now);
    if (wait > 0) return { result: "outside_window", retryAfterSeconds: wait * 60 };
  }
  return { result: "restart" };
}

/** Minutes until the window opens; 0 inside it. */
function minutesUntil({ from, to, timeZone }: Window, now: number): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(now);
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const minute = read("hour") * 60 + read("minute");
  const open = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  return open ? 0 : (from - minute + 1_440) % 1_440;
}
