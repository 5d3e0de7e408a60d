/**
 * The stack that is measured: the real functions, PostgREST and PostgreSQL, behind the real router.
 *
 * @module
 */

import postgres from "postgres";
import { systemClock, withTimeLimit } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { attachPostgres } from "../../platform/database/postgres.ts";
import { runSqlFile } from "../../platform/database/sql-file.ts";
import { startStack } from "../../platform/start-stack.ts";
import type { CleanUp } from "../../process/clean-up.ts";
import { createFloorFunction, FLOOR_FUNCTION } from "./floor-function.ts";
import { startGateway } from "./gateway.ts";
import { watchRest } from "./rest-traffic.ts";

/** A stack to measure. */
export type Stage = Awaited<ReturnType<typeof startStage>>;

/** Starts it. Functions log errors alone, to standard error. */
export async function startStage(cleanUp: CleanUp) {
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
    moreFunctions: () => new Map([[FLOOR_FUNCTION, createFloorFunction()]]),
  }, cleanUp);
  const sql = postgres(stack.databaseUrl, { max: 4, onnotice: () => {} });
  cleanUp.add("connections", () => sql.end({ timeout: 2 }));
  await sql`update public.whatsapp_instances set status = 'connected', disconnected_since = null`;
  await runSqlFile(stack.databaseUrl, new URL("floor.sql", import.meta.url));
  const server = attachPostgres(stack.adminUrl);
  cleanUp.add("administrator's connections", () => server.stop());

  const user = {
    authorization: `Bearer ${stack.userToken}`,
    apikey: stack.auth.anonKey,
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
    return text === "" ? null : JSON.parse(text) as unknown;
  };
  await untilServed(() => call("/rest/v1/rpc/bench_one", {}));
  return {
    stack,
    sql,
    server,
    traffic,
    /** Where the gateway is that answers after so many milliseconds. */
    gatewayAfter,
    /** Calls a function as Ana, or with other headers. @throws {Error} Unless it answers 200. */
    call,
    /** Every number's gateway answers after so many milliseconds from now on. */
    setGateway: async (ms: number): Promise<void> => {
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
