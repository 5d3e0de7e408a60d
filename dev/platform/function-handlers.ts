/**
 * The functions' handlers with effects of the caller's choice; their entry files know the machine's
 * clock only.
 *
 * @module
 */

import type { Clock } from "../../supabase/functions/_shared/runtime/clock.ts";
import { createHandler as advanceRepairs } from "../../supabase/functions/advance-ghost-repairs/handler.ts";
import { createHandler as autoReconnect } from "../../supabase/functions/auto-reconnect-instances/handler.ts";
import {
  createUserEffects,
  type UserEffects,
} from "../../supabase/functions/evolution-api/authenticator.ts";
import { createHandler as evolutionApi } from "../../supabase/functions/evolution-api/handler.ts";
import { createHandler as evolutionWebhook } from "../../supabase/functions/evolution-webhook/handler.ts";
import { createHandler as metrics } from "../../supabase/functions/metrics/handler.ts";
import { createHandler as recoverMessages } from "../../supabase/functions/recover-messages/handler.ts";
import { createHandler as releaseHeld } from "../../supabase/functions/release-held-messages/handler.ts";
import { createHandler as sendAlerts } from "../../supabase/functions/send-alerts/handler.ts";
import { createHandler as watchInstances } from "../../supabase/functions/watch-instances/handler.ts";
import type { FunctionHandler } from "./functions.ts";

/** Every function of the project by its name. */
export const FUNCTION_FACTORIES = {
  "advance-ghost-repairs": advanceRepairs,
  "auto-reconnect-instances": autoReconnect,
  "evolution-api": evolutionApi,
  "evolution-webhook": evolutionWebhook,
  "metrics": metrics,
  "recover-messages": recoverMessages,
  "release-held-messages": releaseHeld,
  "send-alerts": sendAlerts,
  "watch-instances": watchInstances,
} as const satisfies Record<string, (effects: UserEffects) => FunctionHandler>;

/** A function's name. */
export type FunctionName = keyof typeof FUNCTION_FACTORIES;

/**
 * Makes every function with `clock`, but for the database and the log-in: those are real, so their
 * time limits are real seconds. The environment that the functions read has to be there before.
 *
 * @returns Function name → handler.
 */
export function functionsWithClock(clock: Clock): ReadonlyMap<string, FunctionHandler> {
  const handlers = Object.entries(FUNCTION_FACTORIES).map(([name, create]) =>
    [name, create({ ...createUserEffects(), clock })] as const
  );
  return new Map(handlers);
}

/**
 * A clock whose minutes pass faster, for looking on. Waits become shorter and measured times longer
 * by the same factor, so that what takes a minute still reads as a minute. The instants stay the
 * machine's: signatures and the database's rows are compared with them.
 *
 * @param inner The machine's clock.
 * @param speed 10 makes a minute six seconds; at least 1.
 */
export function fasterClock(inner: Clock, speed: number): Clock {
  if (!(speed >= 1)) throw new RangeError(`speed must be at least 1: ${speed}`);
  return {
    now: () => inner.now(),
    monotonicMs: () => inner.monotonicMs() * speed,
    sleep: (ms, signal) => inner.sleep(ms / speed, signal),
  };
}
