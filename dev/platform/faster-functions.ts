/**
 * The functions under a clock of the stack's choice; their entry files know the machine's only.
 *
 * @module
 */

import type { Clock } from "../../supabase/functions/_shared/runtime/clock.ts";
import { createEffects } from "../../supabase/functions/_shared/runtime/effects.ts";
import { readEnvironment } from "../../supabase/functions/_shared/runtime/environment.ts";
import { FUNCTION_FACTORIES } from "../world/function-handlers.ts";
import type { FunctionHandler } from "./functions.ts";

/**
 * Makes every function with `clock`, but for the database and the log-in: those are real, so their
 * time limits are real seconds. The environment that the functions read has to be there before.
 *
 * @returns Function name → handler.
 */
export function functionsWithClock(clock: Clock): ReadonlyMap<string, FunctionHandler> {
  const handlers = Object.entries(FUNCTION_FACTORIES).map(([name, create]) =>
    [name, create({ ...createEffects(readEnvironment()), clock })] as const
  );
  return new Map(handlers);
}
