/**
 * What the functions need from outside, read and checked once.
 *
 * @module
 */

import { z } from "zod";

const schema = z.object({
  SUPABASE_URL: z.url(),
  SUPABASE_SERVICE_ROLE_KEY: z.string().min(1),
  /** Shared with the scheduler; long enough not to be guessed. */
  CRON_SECRET: z.string().min(16).optional(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

/** The functions' configuration. */
export interface Environment {
  readonly supabaseUrl: string;
  readonly serviceRoleKey: string;
  /** Undefined: the functions that a scheduler calls refuse every caller. */
  readonly cronSecret: string | undefined;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/**
 * Reads the configuration.
 *
 * @param source The variables; the process's own unless told.
 * @throws {Error} Naming each variable that is missing or wrong, never its value.
 */
export function readEnvironment(
  source: Record<string, string | undefined> = Deno.env.toObject(),
): Environment {
  const parsed = schema.safeParse(source);
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join("."));
    throw new Error(`environment: missing or wrong: ${[...new Set(names)].join(", ")}`);
  }
  return {
    supabaseUrl: parsed.data.SUPABASE_URL,
    serviceRoleKey: parsed.data.SUPABASE_SERVICE_ROLE_KEY,
    cronSecret: parsed.data.CRON_SECRET,
    logLevel: parsed.data.LOG_LEVEL,
  };
}
