/**
 * A local stack for the doctor to look at: healthy, until a test breaks something.
 *
 * @module
 */

import assert from "node:assert/strict";
import postgres from "postgres";
import type { DoctorEffects } from "../../../dev/tasks/doctor/check-gateway.ts";
import { examine } from "../../../dev/tasks/doctor/examine.ts";
import { readExpected } from "../../../dev/tasks/doctor/expected.ts";
import type { Finding, FindingCode } from "../../../dev/tasks/doctor/findings.ts";
import type { Project } from "../../../dev/tasks/doctor/report.ts";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { type DevStack, startDevStack } from "../../support/dev-stack.ts";
import { createStandIn, createVault } from "../../support/stand-in-scheduler.ts";

/** A stack that lacks nothing: the scheduler and Vault are stood in for. */
interface Patient {
  readonly stack: DevStack;
  readonly sql: postgres.Sql;
  /** Examines, in parts told otherwise. */
  look(project?: Partial<Project>, fetcher?: typeof fetch): Promise<readonly Finding[]>;
  /** A call to the simulated gateway that any administrator could make. */
  gateway(path: string, body: unknown): Promise<void>;
}

const expected = await readExpected();

let patient: Promise<Patient> | undefined;

async function admit(): Promise<Patient> {
  const stack = await startDevStack();
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await createStandIn(sql, "pg_cron");
  await createStandIn(sql, "pg_net");
  await createVault(sql, { project_url: stack.url, cron_secret: stack.cronSecret });
  await sql.unsafe("create table net._http_response (status_code int, created timestamptz)");
  for (const job of expected.jobs) await sql`select cron.schedule(${job}, '* * * * *', 'select 1')`;
  const own: Project = { url: stack.url, key: stack.secretKey };
  return {
    stack,
    sql,
    look: async (project = {}, fetcher = fetch) => {
      const effects: DoctorEffects = { fetch: fetcher, clock: systemClock };
      return (await examine({ ...own, ...project }, expected, effects)).findings;
    },
    gateway: async (path, body) => {
      const response = await fetch(`${stack.evolutionUrl}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", apikey: stack.evolutionApiKey },
        body: JSON.stringify(body),
      });
      assert.ok(response.ok, await response.text());
    },
  };
}

/** Registers the stack's end with the test file. */
export function dischargeAfterAll(): void {
  Deno.test.afterAll(async () => {
    const admitted = await patient;
    await admitted?.sql.end({ timeout: 2 });
    await admitted?.stack.stop();
  });
}

/** Registers a test on the one stack of this file; what it breaks it mends. */
export function doctorTest(name: string, run: (patient: Patient) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => await run(await (patient ??= admit())),
  });
}

/** Exactly this is found, in words that name what is wrong. */
export function assertFound(findings: readonly Finding[], code: FindingCode, words: RegExp): void {
  assert.deepEqual(findings.map((finding) => finding.code), [code], JSON.stringify(findings));
  assert.match(findings[0]!.what, words);
  assert.ok(findings[0]!.remedy.length > 10);
}
