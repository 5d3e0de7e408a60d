/**
 * The stack that is measured: the real functions, PostgREST and PostgreSQL, behind the real router.
 *
 * @module
 */

import postgres from "postgres";
import { systemClock, withTimeLimit } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { runSqlFile } from "../../platform/database/sql-file.ts";
import { attachPostgres, type PostgresServer } from "../../platform/database/postgres.ts";
import type { CleanUp } from "../../process/clean-up.ts";
import { type Stack, startStack } from "../../platform/start-stack.ts";
import { type GatewayAfter, startGateway } from "./gateway.ts";
import { type RestTraffic, watchRest } from "./rest-traffic.ts";

/** A stack to measure. */
export interface Stage {
  readonly stack: Stack;
  readonly sql: postgres.Sql;
  readonly server: PostgresServer;
  readonly traffic: RestTraffic;
  readonly gatewayAfter: GatewayAfter;
  /** Every number's gateway answers after so many milliseconds from now on. */
  setGateway(ms: number): Promise<void>;
  /** Calls a function as Ana, or with headers of the caller's. @throws {Error} Unless it answers 200. */
  call(path: string, body: unknown, headers?: HeadersInit): Promise<unknown>;
}

/** Starts it. Functions log errors alone, to standard error. */
export async function startStage(cleanUp: CleanUp): Promise<Stage> {
  Deno.env.set("LOG_LEVEL", "error");
  // Standard output is the report's.
  console.log = console.error;
  const traffic = watchRest();
  const gatewayAfter = await startGateway(cleanUp);
  const stack = await startStack({
    port: 0,
    tickSeconds: 0,
    evolution: { url: gatewayAfter(0), apiKey: "bench-key", instanceName: "atendimento" },
    restFetch: traffic.fetch,
  }, cleanUp);
  const sql = postgres(stack.databaseUrl, { max: 4, onnotice: () => {} });
  cleanUp.add("connections", () => sql.end({ timeout: 2 }));
  await sql`update public.whatsapp_instances set status = 'connected', disconnected_since = null`;
  await runSqlFile(stack.databaseUrl, new URL("floor.sql", import.meta.url));
  const server = attachPostgres(stack.adminUrl);
  cleanUp.add("administrator's connections", () => server.stop());

  const user = {
    authorization: `Bearer ${stack.userToken}`,
    apikey: stack.auth.publishableKey,
    "content-type": "application/json",
  };
  const call = async (path: string, body: unknown, headers: HeadersInit = user) => {
    const response = await fetch(stack.url + path, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  };
  await untilServed(() => call("/rest/v1/rpc/bench_one", {}));
  return {
    stack,
    sql,
    server,
    traffic,
    gatewayAfter,
    call,
    setGateway: async (ms) => {
      await sql`update private.instance_credentials set api_url = ${gatewayAfter(ms)}`;
    },
  };
}

/** PostgREST reads the schema again some moments after it was told. */
async function untilServed(ask: () => Promise<unknown>): Promise<void> {
  await withTimeLimit(systemClock, 10_000, async (limit) => {
    while (!limit.aborted) {
      if (await ask().then(() => true, () => false)) return;
      await systemClock.sleep(20);
    }
  });
}
