/**
 * The whole product in one process under a clock that jumps: a real database behind a real
 * PostgREST, the real functions, the simulated gateway, and its clock put ahead as time passes.
 *
 * @module
 */

import type postgres from "postgres";
import type { Background } from "../../supabase/functions/_shared/runtime/background.ts";
import { createUserEffects } from "../../supabase/functions/evolution-api/authenticator.ts";
import type { Environment } from "../../supabase/functions/_shared/runtime/environment.ts";
import type { LocalAuth } from "../platform/auth/local-auth.ts";
import type { PostgresServer } from "../platform/database/postgres.ts";
import {
  createEvolutionSimulator,
  type EvolutionSimulator,
  type EvolutionSimulatorOptions,
} from "../evolution/simulator.ts";
import { type CleanUp, wholeOrNothing } from "../process/clean-up.ts";
import { withVerifyJwt } from "../platform/functions.ts";
import { createRouter } from "../platform/router.ts";
import { dueFunctions, EVERY_MINUTE, runScheduledSql } from "../platform/scheduler.ts";
import { createDatabaseTime, type UntilStuck } from "./database-time.ts";
import { trackCrypto, VirtualClock } from "./virtual-clock.ts";
import { FUNCTION_FACTORIES, type FunctionName } from "../platform/function-handlers.ts";
import { type Answer, callFunction, type CallOptions, timedSql } from "./calls.ts";
import { createGround, type Ground, SUPABASE_URL } from "./ground.ts";
import {
  type CompanyOptions,
  pairCompany,
  seedCompany,
  type SeededCompany,
} from "../platform/seed.ts";

export { SUPABASE_URL } from "./ground.ts";
/** See {@linkcode SUPABASE_URL}. */
export const EVOLUTION_URL = "http://evolution.test";
/** The simulated gateway's global key. */
export const EVOLUTION_KEY = "evolution-global-key-0001";
/** What the scheduler shows. */
export const CRON_SECRET = "cron-secret-for-this-world-0001";

/** What may be told of a world. */
export interface WorldOptions {
  /** Cleared before and not closed after; a new one unless told. */
  readonly ground?: Ground;
  /**
   * `today`, for a new ground: the project's legacy keys are switched off; `legacy`: the functions
   * know those alone. The project has both unless told, and the functions use today's.
   */
  readonly keys?: "today" | "legacy";
  readonly company?: Partial<CompanyOptions>;
  readonly simulator?: Partial<EvolutionSimulatorOptions>;
  readonly logLevel?: "debug" | "info";
  /** What the functions' configuration says otherwise. */
  readonly environment?: Partial<Environment>;
  /** How long time stands still for a request to the database; until it is done, unless told. */
  readonly untilStuck?: UntilStuck;
  /** Stands between the functions and PostgREST. */
  readonly aroundDatabase?: (inner: typeof fetch) => typeof fetch;
  /** Stands between the functions and the gateway. */
  readonly aroundGateway?: (inner: typeof fetch) => typeof fetch;
}

/** A running world. */
export interface VirtualWorld {
  readonly clock: VirtualClock;
  readonly gateway: EvolutionSimulator;
  readonly auth: LocalAuth;
  readonly company: SeededCompany;
  /** The company's user. */
  readonly userToken: string;
  /** Every log line. */
  readonly logs: string[];
  /** The database at the virtual instant. Tagged template, as `postgres`. */
  readonly sql: postgres.Sql;
  readonly databaseUrl: string;
  /** Another company on the same gateway, its instance paired and open. */
  addCompany(options: Partial<CompanyOptions>): Promise<{ company: SeededCompany; token: string }>;
  /** Calls a function; time passes until it has answered. */
  call(name: FunctionName, body: unknown, options?: CallOptions): Promise<Answer>;
  /** Calls a function; time stands still. */
  begin(name: FunctionName, body: unknown, options?: CallOptions): Promise<Answer>;
  /** Settles when no function works in the background any more; time has to be moved for it. */
  background(): Promise<void>;
  /** Time passes until no function works in the background. */
  settle(): Promise<void>;
  /** One tick of the scheduler; time has to be moved for it. */
  beginTick(): Promise<void>;
  /** One tick of the scheduler, as it comes every minute; time passes until it is over. */
  tick(): Promise<void>;
  /**
   * One of the ticks between, where the scheduler knows seconds: the functions that have work. Time
   * passes until it is over.
   */
  dueTick(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a world on a server that has the template. */
export function createVirtualWorld(
  server: PostgresServer,
  options: WorldOptions = {},
): Promise<VirtualWorld> {
  return wholeOrNothing((cleanUp) => build(server, options, cleanUp));
}

async function build(
  server: PostgresServer,
  options: WorldOptions,
  cleanUp: CleanUp,
): Promise<VirtualWorld> {
  const ground = options.ground ??
    await createGround(server, { legacyKeys: options.keys !== "today" });
  if (options.ground !== undefined) await ground.clear();
  else cleanUp.add("ground", () => ground.close());
  const { sql: raw, auth, databaseUrl } = ground;

  const clock = new VirtualClock();
  cleanUp.add("signatures", trackCrypto(clock));
  // What is on its way arrives before the next world begins.
  if (options.ground !== undefined) cleanUp.add("work under way", () => clock.idle());
  const time = createDatabaseTime(raw, clock, options.untilStuck);

  const gateway = createEvolutionSimulator({
    clock,
    apiKey: EVOLUTION_KEY,
    serverUrl: EVOLUTION_URL,
    deliver: (request) => clock.track(router(request)),
    ...options.simulator,
  });
  cleanUp.add("gateway", () => gateway.close());

  const logs: string[] = [];
  const backgrounds: Background[] = [];
  const reachSupabase: typeof fetch = (input, init) => router(new Request(input, init));
  const reachGateway: typeof fetch = (input, init) => gateway.fetch(new Request(input, init));
  const handlers = Object.entries(FUNCTION_FACTORIES).map(([name, create]) => {
    const effects = createUserEffects({
      supabaseUrl: SUPABASE_URL,
      ...(options.keys === "legacy"
        ? { secretKey: auth.serviceRoleKey, publishableKey: auth.anonKey }
        : { secretKey: auth.secretKey, publishableKey: auth.publishableKey }),
      cronSecrets: [CRON_SECRET],
      metricsTokens: [],
      allowPrivateAddresses: true,
      defaultGateway: { apiUrl: EVOLUTION_URL, apiKey: EVOLUTION_KEY },
      logLevel: options.logLevel ?? "info",
      ...options.environment,
    }, {
      clock,
      supabaseFetch: options.aroundDatabase?.(reachSupabase) ?? reachSupabase,
      gatewayFetch: options.aroundGateway?.(reachGateway) ?? reachGateway,
      logSink: (line) => logs.push(line),
    });
    backgrounds.push(effects.background);
    return [name, create(effects)] as const;
  });
  const router = createRouter({
    postgrestUrl: ground.postgrestUrl,
    auth,
    functions: await withVerifyJwt(new Map(handlers)),
    fetch: time.wrapFetch(fetch),
    report: (error) =>
      logs.push(JSON.stringify({ level: "error", event: "thrown", error: `${error}` })),
  });

  const addCompany = async (told: Partial<CompanyOptions>) => {
    const suffix = gateway.control.instances().length + 1;
    const company = await seedCompany(raw, {
      instanceName: `atendimento-${suffix}`,
      phone: `55119${String(suffix).padStart(8, "0")}`,
      email: `ana-${suffix}@example.test`,
      apiUrl: EVOLUTION_URL,
      apiKey: EVOLUTION_KEY,
      ...told,
    });
    pairCompany(gateway, company, SUPABASE_URL);
    return { company, token: await auth.userToken({ userId: company.userId }) };
  };
  const { company, token: userToken } = await addCompany(options.company ?? {});

  const begin = (name: FunctionName, body: unknown, call: CallOptions = {}) =>
    callFunction(router, name, body, { token: userToken, ...call });
  const background = async () => {
    await Promise.all(backgrounds.map((each) => each.settled()));
  };
  const sql = timedSql(raw, time, clock, options.untilStuck);
  const schedule = async (name: FunctionName) => {
    const { status } = await begin(name, {}, { headers: { "x-cron-secret": CRON_SECRET } });
    if (status !== 200) throw new Error(`${name} answered ${status}`);
  };
  const beginDueTick = async () => {
    for (const name of await dueFunctions(sql)) await schedule(name);
  };
  const beginTick = async () => {
    await schedule(EVERY_MINUTE);
    await beginDueTick();
    await runScheduledSql(sql);
  };
  return {
    clock,
    gateway,
    auth,
    company,
    userToken,
    logs,
    sql,
    databaseUrl,
    addCompany,
    begin,
    call: (name, body, call) => clock.until(begin(name, body, call)),
    background,
    settle: () => clock.until(background()),
    beginTick,
    tick: () => clock.until(beginTick()),
    dueTick: () => clock.until(beginDueTick()),
    close: () => cleanUp.close(),
  };
}
