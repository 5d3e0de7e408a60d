/**
 * The local stack on one origin: database, API, log-in, functions, gateway, scheduler.
 *
 * @module
 */

import type postgres from "postgres";
import { createGateway } from "../../supabase/functions/_shared/gateway/client.ts";
import { type Clock, systemClock } from "../../supabase/functions/_shared/runtime/clock.ts";
import { serveEvolution } from "../evolution/serve.ts";
import { createEvolutionSimulator, type EvolutionSimulator } from "../evolution/simulator.ts";
import type { CleanUp } from "../process/clean-up.ts";
import type { LocalAuth } from "./auth/local-auth.ts";
import { startTemplateServer } from "./database/template.ts";
import { fasterClock, functionsWithClock } from "./function-handlers.ts";
import { type FunctionHandler, loadFunctions, withVerifyJwt } from "./functions.ts";
import { advanceDatabase } from "./database/database-clock.ts";
import { createPages } from "./pages.ts";
import { type Project, startProject } from "./project.ts";
import { createRouter } from "./router.ts";
import { schedulerPaces, startTicker, type TickerJob } from "./scheduler.ts";
import { WEBHOOK_EVENTS } from "../../supabase/functions/_shared/gateway/webhook-events.ts";
import { pairCompany, seedCompany, type SeededCompany } from "./seed.ts";

/** Ana's, who exists on local stacks only. */
const PASSWORD = "ghost-repair";

/** An Evolution server, real or simulated. */
interface EvolutionServer {
  readonly url: string;
  readonly apiKey: string;
  readonly instanceName: string;
  /** Undefined with a real one. */
  readonly simulator?: EvolutionSimulator;
}

/** What may be told of the stack. */
export interface StackOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** Seconds between the scheduler's ticks; 0 for never. */
  readonly tickSeconds: number;
  /** Minutes pass this many times faster, at the simulator and in the functions; 1 unless told. */
  readonly speed?: number;
  /** A real Evolution server; the simulator unless told. */
  readonly evolution?: EvolutionServer;
  /** False: the project's legacy keys are switched off; the functions get none. */
  readonly legacyKeys?: boolean;
  /** Made when the functions' environment is set, and served beside them. */
  readonly moreFunctions?: () => ReadonlyMap<string, FunctionHandler>;
  /** Reaches PostgREST; `fetch` unless told. */
  readonly restFetch?: typeof fetch;
}

/** A running stack. */
export interface Stack {
  readonly url: string;
  readonly auth: LocalAuth;
  readonly cronSecret: string;
  readonly evolutionUrl: string;
  readonly evolutionApiKey: string;
  /** Undefined with a real Evolution server. */
  readonly simulator: EvolutionSimulator | undefined;
  readonly company: SeededCompany;
  readonly userToken: string;
  readonly databaseUrl: string;
  /** The server's, for `attachPostgres`. */
  readonly adminUrl: string;
  /** Behind the router. */
  readonly postgrestUrl: string;
}

/**
 * Starts the stack.
 *
 * @param cleanUp Gets everything that has to be stopped.
 * @throws {MissingBinaryError} Where a program has no package for this platform.
 */
export async function startStack(options: StackOptions, cleanUp: CleanUp): Promise<Stack> {
  const { tickSeconds, speed = 1, legacyKeys = true } = options;
  const { url, answerWith } = listen(options.port, cleanUp);
  const server = await startTemplateServer(cleanUp);
  const project = await startProject(server, { url, database: "local", legacyKeys }, cleanUp);
  const { sql, auth, databaseUrl, postgrestUrl } = project;

  // People scan no faster.
  await sql`update ghost_repair.settings set qr_time = qr_time * ${speed}`;
  const clock = speed === 1 ? systemClock : fasterClock(systemClock, speed);
  const evolution = options.evolution ?? await startSimulator(clock, speed, cleanUp);
  const company = await seed(project, evolution, url);
  const cronSecret = crypto.randomUUID() + crypto.randomUUID();
  setEnvironment({
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: auth.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: auth.secretKey }),
    SUPABASE_DB_URL: databaseUrl,
    CRON_SECRET: cronSecret,
    EVOLUTION_API_URL: evolution.url,
    EVOLUTION_API_KEY: evolution.apiKey,
    ALLOW_PRIVATE_ADDRESSES: "true",
    SUPABASE_ANON_KEY: legacyKeys ? auth.anonKey : null,
    SUPABASE_SERVICE_ROLE_KEY: legacyKeys ? auth.serviceRoleKey : null,
  });

  // The real entry files, unless they would go by a clock of their own.
  const handlers = speed === 1 ? await loadFunctions() : functionsWithClock(clock);
  const more = options.moreFunctions?.() ?? [];
  const functions = await withVerifyJwt(new Map([...handlers, ...more]));
  const tick = (name: string, seconds: number, jobs: readonly TickerJob[]) => {
    const onError = (job: string, error: unknown) => console.error(`${job}: ${error}`);
    const ticker = startTicker({ clock: systemClock, seconds, jobs, onError });
    cleanUp.add(name, () => ticker.stop());
    return ticker;
  };
  const tickers = schedulerPaces({ url, cronSecret, sql }, tickSeconds)
    .map(({ seconds, jobs }) => tick("scheduler", seconds, jobs));
  const runs = () => tickers.flatMap((ticker) => ticker.runs());
  const hurry = { name: "hurry", run: () => advanceDatabase(sql, (speed - 1) * 1_000) };
  tick("hurry", speed > 1 ? 1 : 0, [hurry]);

  answerWith(createRouter({
    postgrestUrl,
    auth,
    functions,
    pages: createPages({
      url,
      publishableKey: auth.publishableKey,
      login: { email: company.email, password: PASSWORD },
      conversationId: company.conversationId,
      instanceName: company.instanceName,
      customer: company.customerJid.replace(/@.*/, ""),
      tickSeconds,
      speed,
      runs,
      gatewayUrl: evolution.url,
      simulator: evolution.simulator,
      sql,
    }),
    fetch: options.restFetch ?? fetch,
  }));
  return {
    url,
    auth,
    cronSecret,
    evolutionUrl: evolution.url,
    evolutionApiKey: evolution.apiKey,
    simulator: evolution.simulator,
    company,
    userToken: await auth.userToken({ userId: company.userId, expiresIn: 7 * 86_400 }),
    databaseUrl,
    adminUrl: server.adminUrl,
    postgrestUrl,
  };
}

/** Listens before there is anything to answer with, because the address is part of everything. */
function listen(port: number, cleanUp: CleanUp) {
  let answer: (request: Request) => Promise<Response> = () =>
    Promise.resolve(new Response("starting", { status: 503 }));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    (request) => answer(request),
  );
  cleanUp.add("origin", () => server.shutdown());
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    answerWith: (handler: typeof answer) => void (answer = handler),
  };
}

/** Sets variables of the functions' environment; null takes one away. */
function setEnvironment(variables: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === null) Deno.env.delete(name);
    else Deno.env.set(name, value);
  }
}

async function startSimulator(
  clock: Clock,
  speed: number,
  cleanUp: CleanUp,
): Promise<EvolutionServer> {
  const apiKey = crypto.randomUUID();
  const simulator = createEvolutionSimulator({
    clock,
    apiKey,
    // People scan no faster, and a live loop is not to flood the machine.
    qrLifetimeMs: 25_000 * speed,
    reconnectLoopMs: 200 * speed,
  });
  cleanUp.add("simulator", () => simulator.close());
  const served = await serveEvolution(simulator);
  cleanUp.add("simulator's port", () => served.close());
  return { url: served.url, apiKey, instanceName: "atendimento", simulator };
}

async function seed(
  { sql, auth }: Project,
  evolution: EvolutionServer,
  url: string,
): Promise<SeededCompany> {
  const company = await seedCompany(sql, {
    instanceName: evolution.instanceName,
    phone: "5511912345678",
    email: "ana@example.test",
    apiUrl: evolution.url,
    apiKey: evolution.apiKey,
  });
  auth.addUser({ id: company.userId, email: company.email, password: PASSWORD });
  if (evolution.simulator) pairCompany(evolution.simulator, company, url, WEBHOOK_EVENTS);
  else await believeRegistry(sql, evolution, company.instanceId);
  return company;
}

/** A real server's number is what its registry says; where it says nothing, nothing is known. */
async function believeRegistry(
  sql: postgres.Sql,
  { url, apiKey, instanceName }: EvolutionServer,
  instanceId: string,
): Promise<void> {
  const address = { apiUrl: url, apiKey, instanceName };
  const registry = await createGateway(address, { fetch, clock: systemClock }).registry();
  const ownNumber = "ownNumber" in registry ? registry.ownNumber : null;
  const closed = registry.outcome === "close" || registry.outcome === "not_found";
  await sql`update public.whatsapp_instances set
      phone_number = ${ownNumber},
      status = ${closed ? "disconnected" : "connected"},
      disconnected_since = ${closed ? sql`ghost_repair.now()` : null}
    where id = ${instanceId}`;
}
