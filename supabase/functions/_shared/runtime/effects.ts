/**
 * Everything that the functions do to the world, in one value that a test can replace.
 *
 * @module
 */

import { type Background, createBackground } from "./background.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createDatabase, type Database } from "./database.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { createLog, type Log, type LogSink, withinBudget } from "./log.ts";

/** The effects of a function. */
export interface Effects {
  /** For the gateway. */
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly database: Database;
  readonly background: Background;
  readonly log: Log;
  readonly cronSecrets: readonly string[];
  readonly metricsTokens: readonly string[];
  readonly operatorHook: Environment["operatorHook"];
  /** The project's own address: gateways send their webhooks there. */
  readonly supabaseUrl: string;
  readonly defaultGateway?: Environment["defaultGateway"];
  /** A name's IP addresses. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>;
  readonly allowPrivate: boolean;
}

/** Effects that somebody has others for: tests, and the local stack. */
export interface Replaced {
  readonly gatewayFetch?: typeof fetch;
  /** For the project's own API. */
  readonly supabaseFetch?: typeof fetch;
  readonly clock?: Clock;
  readonly logSink?: LogSink;
}

/** The real effects, from the process's environment unless told. */
export function createEffects(
  environment: Environment = readEnvironment(),
  replaced: Replaced = {},
): Effects {
  const clock = replaced.clock ?? systemClock;
  return {
    fetch: replaced.gatewayFetch ?? fetch,
    clock,
    database: createDatabase(environment, { fetch: replaced.supabaseFetch ?? fetch, clock }),
    background: createBackground(),
    log: createLog(
      environment.logLevel,
      replaced.logSink ?? withinBudget((line) => console.log(line), clock),
    ),
    cronSecrets: environment.cronSecrets,
    metricsTokens: environment.metricsTokens,
    operatorHook: environment.operatorHook,
    supabaseUrl: environment.supabaseUrl,
    defaultGateway: environment.defaultGateway,
    resolve: resolveAddresses,
    allowPrivate: environment.allowPrivateAddresses,
  };
}

/** Asks the system's resolver for both kinds of address. */
async function resolveAddresses(hostname: string): Promise<readonly string[]> {
  const found = await Promise.allSettled([
    Deno.resolveDns(hostname, "A"),
    Deno.resolveDns(hostname, "AAAA"),
  ]);
  return found.flatMap((result) => result.status === "fulfilled" ? result.value : []);
}
