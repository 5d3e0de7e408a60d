/**
 * What the functions need from outside, read and checked once.
 *
 * @module
 */

import * as z from "zod/mini";
import { LOG_LEVELS, type LogLevel } from "./log.ts";
import { platformKey } from "./platform-keys.ts";

const keys = z.optional(platformKey);
const text = z.optional(z.string());
/** Long enough not to be guessed. */
const secret = z.optional(z.string().check(z.minLength(16)));
const httpUrl = z.optional(z.url({ protocol: /^https?$/ }));

const schema = z.object({
  SUPABASE_URL: z.url(),
  SUPABASE_SECRET_KEYS: keys,
  SUPABASE_PUBLISHABLE_KEYS: keys,
  /** Legacy, like the next one: for projects that have no keys of today. */
  SUPABASE_SERVICE_ROLE_KEY: text,
  SUPABASE_ANON_KEY: text,
  /** Shared with the scheduler. */
  CRON_SECRET: secret,
  /** Still valid while the scheduler learns the new one. */
  CRON_SECRET_PREVIOUS: secret,
  /** Who shows it reads what was measured; none: nobody does. Rotated like the scheduler's. */
  METRICS_TOKEN: secret,
  METRICS_TOKEN_PREVIOUS: secret,
  /** Called, signed, when a person must act. */
  OPERATOR_HOOK_URL: httpUrl,
  OPERATOR_HOOK_SECRET: secret,
  /** The Evolution server that new numbers are made on, unless the request names another. */
  EVOLUTION_API_URL: httpUrl,
  EVOLUTION_API_KEY: z.optional(z.string().check(z.minLength(1))),
  /** Local stacks only: gateways, media and hooks may be on this machine. */
  ALLOW_PRIVATE_ADDRESSES: z._default(z.enum(["true", "false"]), "false"),
  LOG_LEVEL: z._default(z.enum(LOG_LEVELS), "info"),
}).check(
  z.refine((value) => secretKeyOf(value) !== undefined, { path: ["SUPABASE_SECRET_KEYS"] }),
  z.refine((value) => !value.OPERATOR_HOOK_URL || value.OPERATOR_HOOK_SECRET, {
    path: ["OPERATOR_HOOK_SECRET"],
  }),
  z.refine((value) => !value.EVOLUTION_API_URL || value.EVOLUTION_API_KEY, {
    path: ["EVOLUTION_API_KEY"],
  }),
);

/** The functions' configuration. */
export interface Environment {
  readonly supabaseUrl: string;
  /** For the database, as the service role: `sb_secret_…`, or the legacy service role key. */
  readonly secretKey: string;
  /** For the auth server: `sb_publishable_…`, or the legacy anon key. */
  readonly publishableKey?: string;
  /** None: the functions that a scheduler calls refuse every caller. */
  readonly cronSecrets: readonly string[];
  /** None: `metrics` is switched off. */
  readonly metricsTokens: readonly string[];
  readonly operatorHook?: { readonly url: string; readonly secret: string };
  /** Where new numbers are made, unless told. */
  readonly defaultGateway?: { readonly apiUrl: string; readonly apiKey: string };
  readonly allowPrivateAddresses: boolean;
  readonly logLevel: LogLevel;
}

interface Keys {
  readonly SUPABASE_SECRET_KEYS?: string | undefined;
  readonly SUPABASE_SERVICE_ROLE_KEY?: string | undefined;
}

/** A project whose legacy keys are switched off may still have them in its environment. */
function secretKeyOf(value: Keys): string | undefined {
  return value.SUPABASE_SECRET_KEYS || value.SUPABASE_SERVICE_ROLE_KEY || undefined;
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
  const parsed = z.safeParse(schema, source);
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join("."));
    throw new Error(`environment: missing or wrong: ${[...new Set(names)].join(", ")}`);
  }
  const publishableKey = parsed.data.SUPABASE_PUBLISHABLE_KEYS || parsed.data.SUPABASE_ANON_KEY;
  const { OPERATOR_HOOK_URL: url, OPERATOR_HOOK_SECRET: secret } = parsed.data;
  const { EVOLUTION_API_URL: apiUrl, EVOLUTION_API_KEY: apiKey } = parsed.data;
  return {
    ...(apiUrl === undefined || apiKey === undefined ? {} : { defaultGateway: { apiUrl, apiKey } }),
    ...(url === undefined || secret === undefined ? {} : { operatorHook: { url, secret } }),
    allowPrivateAddresses: parsed.data.ALLOW_PRIVATE_ADDRESSES === "true",
    supabaseUrl: parsed.data.SUPABASE_URL,
    secretKey: secretKeyOf(parsed.data)!,
    ...(publishableKey ? { publishableKey } : {}),
    cronSecrets: [parsed.data.CRON_SECRET, parsed.data.CRON_SECRET_PREVIOUS]
      .filter((secret) => secret !== undefined),
    metricsTokens: parsed.data.METRICS_TOKEN === undefined
      ? []
      : [parsed.data.METRICS_TOKEN, parsed.data.METRICS_TOKEN_PREVIOUS]
        .filter((token) => token !== undefined),
    logLevel: parsed.data.LOG_LEVEL,
  };
}
