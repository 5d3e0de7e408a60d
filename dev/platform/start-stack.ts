/**
 * The local stack on one origin: database, API, log-in, functions, gateway, scheduler.
 *
 * @module
 */

import postgres from "postgres";
import { type Clock, systemClock } from "../../supabase/functions/_shared/runtime/clock.ts";
import { createGateway } from "../../supabase/functions/_shared/gateway/client.ts";
import { createLocalAuth, type LocalAuth } from "./auth/local-auth.ts";
import { recordJobs } from "./console/job-record.ts";
import { createPages } from "./console/pages.ts";
import { startPostgrest } from "./database/postgrest.ts";
import { startTemplateServer } from "./database/template-server.ts";
import { TEMPLATE } from "./database/template.ts";
import { serveEvolution } from "../evolution/serve.ts";
import { createEvolutionSimulator, type EvolutionSimulator } from "../evolution/simulator.ts";
import { fasterClock } from "./faster-clock.ts";
import { hurryDatabase } from "./hurry-database.ts";
import { seedCompany, type SeededCompany, webhookSetting } from "../world/seed.ts";
import type { CleanUp } from "../process/clean-up.ts";
import { functionsWithClock } from "./faster-functions.ts";
import { loadFunctions, withVerifyJwt } from "./functions.ts";
import { createRouter } from "./router.ts";
import { schedulerJobs } from "./scheduler-jobs.ts";
import { startTicker } from "./ticker.ts";

/** Ana's, who exists on local stacks only. */
const PASSWORD = "ghost-repair";

/** What may be told of the stack. */
export interface StackOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** Seconds between the scheduler's ticks; 0 for never. */
  readonly tickSeconds: number;
  /** Minutes pass this many times faster, at the simulator and in the functions; 1 unless told. */
  readonly speed?: number;
  /** A real Evolution server; the simulator unless told. */
  readonly evolution?: {
    readonly url: string;
    readonly apiKey: string;
    readonly instanceName: string;
  };
  /** False: the project's legacy keys are switched off; the functions get none. */
  readonly legacyKeys?: boolean;
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
  const origin = listen(options.port, cleanUp);
  const legacyKeys = options.legacyKeys ?? true;
  const auth = await createLocalAuth({ url: origin.url, legacyKeys });

  const server = await startTemplateServer(cleanUp);
  await server.createDatabase("local", { template: TEMPLATE });
  const databaseUrl = server.url("local");
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => {} });
  cleanUp.add("connections", () => sql.end({ timeout: 2 }));
  const postgrest = await startPostgrest({ databaseUrl, jwks: auth.jwks });
  cleanUp.add("PostgREST", () => postgrest.stop());

  const speed = options.speed ?? 1;
  const clock = speed === 1 ? systemClock : fasterClock(systemClock, speed);
  const evolution: EvolutionServer = options.evolution ??
    await startSimulator(clock, speed, cleanUp);
  const company = await seed(sql, evolution, auth, origin.url);
  const cronSecret = crypto.randomUUID() + crypto.randomUUID();
  Deno.env.set("SUPABASE_URL", origin.url);
  Deno.env.set("SUPABASE_PUBLISHABLE_KEYS", JSON.stringify({ default: auth.publishableKey }));
  Deno.env.set("SUPABASE_SECRET_KEYS", JSON.stringify({ default: auth.secretKey }));
  if (legacyKeys) {
    Deno.env.set("SUPABASE_ANON_KEY", auth.anonKey);
    Deno.env.set("SUPABASE_SERVICE_ROLE_KEY", auth.serviceRoleKey);
  } else {
    for (const name of ["SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY"]) Deno.env.delete(name);
  }
  Deno.env.set("SUPABASE_DB_URL", databaseUrl);
  Deno.env.set("CRON_SECRET", cronSecret);
  Deno.env.set("EVOLUTION_API_URL", evolution.url);
  Deno.env.set("EVOLUTION_API_KEY", evolution.apiKey);
  Deno.env.set("ALLOW_PRIVATE_ADDRESSES", "true");

  const scheduler = recordJobs(
    schedulerJobs({ url: origin.url, cronSecret, sql }),
    () => systemClock.now(),
  );
  origin.answerWith(createRouter({
    postgrestUrl: postgrest.url,
    auth,
    // The real entry files, unless they would go by a clock of their own.
    functions: await withVerifyJwt(speed === 1 ? await loadFunctions() : functionsWithClock(clock)),
    pages: createPages({
      url: origin.url,
      publishableKey: auth.publishableKey,
      login: { email: company.email, password: PASSWORD },
      conversationId: company.conversationId,
      instanceName: company.instanceName,
      customer: company.customerJid.replace(/@.*/, ""),
      tickSeconds: options.tickSeconds,
      speed,
      runs: scheduler.runs,
      gatewayUrl: evolution.url,
      simulator: evolution.simulator,
      sql,
    }),
    fetch: options.restFetch ?? fetch,
  }));
  const onError = (job: string, error: unknown) => console.error(`${job}: ${error}`);
  const ticker = startTicker({
    clock: systemClock,
    seconds: options.tickSeconds,
    jobs: scheduler.jobs,
    onError,
  });
  cleanUp.add("scheduler", () => ticker.stop());
  if (speed > 1) {
    const hurry = { name: "hurry", run: () => hurryDatabase(sql, (speed - 1) * 1_000) };
    const hurrying = startTicker({ clock: systemClock, seconds: 1, jobs: [hurry], onError });
    cleanUp.add("hurry", () => hurrying.stop());
  }

  return {
    url: origin.url,
    auth,
    cronSecret,
    evolutionUrl: evolution.url,
    evolutionApiKey: evolution.apiKey,
    simulator: evolution.simulator,
    company,
    userToken: await auth.userToken({ userId: company.userId, expiresIn: 7 * 86_400 }),
    databaseUrl,
    adminUrl: server.adminUrl,
    postgrestUrl: postgrest.url,
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

interface EvolutionServer {
  readonly url: string;
  readonly apiKey: string;
  readonly instanceName: string;
  readonly simulator?: EvolutionSimulator;
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
  sql: postgres.Sql,
  evolution: EvolutionServer,
  auth: LocalAuth,
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
  if (evolution.simulator) {
    evolution.simulator.control.createPaired({
      name: company.instanceName,
      phone: company.phone,
      webhook: webhookSetting(url, company),
    });
  } else {
    await believeRegistry(sql, evolution, company.instanceId);
  }
  return company;
}

/** A real server's number is what its registry says; where it says nothing, nothing is known. */
async function believeRegistry(
  sql: postgres.Sql,
  evolution: EvolutionServer,
  instanceId: string,
): Promise<void> {
  const gateway = createGateway({
    apiUrl: evolution.url,
    apiKey: evolution.apiKey,
    instanceName: evolution.instanceName,
  }, { fetch, clock: systemClock });
  const registry = await gateway.registry();
  const ownNumber = "ownNumber" in registry ? registry.ownNumber : null;
  const closed = registry.outcome === "close" || registry.outcome === "not_found";
  await sql`update public.whatsapp_instances set
      phone_number = ${ownNumber},
      status = ${closed ? "disconnected" : "connected"},
      disconnected_since = ${closed ? sql`ghost_repair.now()` : null}
    where id = ${instanceId}`;
}
