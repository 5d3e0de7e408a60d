/**
 * The functions' handlers with effects of the caller's choice.
 *
 * @module
 */

import type { Effects } from "../../supabase/functions/_shared/runtime/effects.ts";
import { createHandler as advanceRepairs } from "../../supabase/functions/advance-ghost-repairs/handler.ts";
import { createHandler as autoReconnect } from "../../supabase/functions/auto-reconnect-instances/handler.ts";
import { createHandler as evolutionApi } from "../../supabase/functions/evolution-api/handler.ts";
import { createHandler as evolutionWebhook } from "../../supabase/functions/evolution-webhook/handler.ts";
import { createHandler as releaseHeld } from "../../supabase/functions/release-held-messages/handler.ts";
import type { FunctionHandler } from "../platform/functions.ts";

/** Every function of the project by its name. */
export const FUNCTION_FACTORIES = {
  "advance-ghost-repairs": advanceRepairs,
  "auto-reconnect-instances": autoReconnect,
  "evolution-api": evolutionApi,
  "evolution-webhook": evolutionWebhook,
  "release-held-messages": releaseHeld,
} as const satisfies Record<string, (effects: Effects) => FunctionHandler>;

/** A function's name. */
export type FunctionName = keyof typeof FUNCTION_FACTORIES;
