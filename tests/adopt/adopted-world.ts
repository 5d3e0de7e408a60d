/**
 * An adopted project under a clock that jumps: its own tables with the generated migration, the
 * simulated gateway, and the `fetch` that watches between them.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { join } from "node:path";
import type postgres from "postgres";
import { createLadder } from "../../adopt/advance-repairs.ts";
import { createReporter } from "../../adopt/report-webhook.ts";
import { isConnectionClosed } from "../../supabase/functions/_shared/gateway/answer.ts";
import { repairNumber } from "../../adopt/repair-number.ts";
import { watchSends } from "../../adopt/watch-sends.ts";
import { createEvolutionSimulator } from "../../dev/evolution/simulator.ts";
import { runSqlFile, runStatements } from "../../dev/platform/database/sql-file.ts";
import { planAdoption } from "../../dev/tasks/adopt/plan.ts";
import { readProductSql } from "../../dev/tasks/adopt/product.ts";
import { readProject } from "../../dev/tasks/adopt/project/read-project.ts";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { databaseTest, type TestDatabase } from "../support/database.ts";
import { folderOf, type ProjectKind } from "./projects.ts";

const SUPABASE = new URL("../../dev/platform/database/supabase-project.sql", import.meta.url);
const API_URL = "http://evolution.test";
const API_KEY = "evolution-key";

/** How a project is adopted. */
interface Adoption {
  /** What else is done to the database before the generated migration. */
  readonly before?: (sql: postgres.Sql) => Promise<void>;
  readonly ladder?: boolean;
  readonly keyFrom?: string;
}

/**
 * Applies the kind's own migrations to an empty database, and the generated one.
 *
 * @returns The generated one.
 */
export async function adoptDatabase(
  db: TestDatabase,
  kind: ProjectKind,
  { before, ladder = false, keyFrom }: Adoption = {},
): Promise<string> {
  await runSqlFile(`${db.server.adminUrl}/${db.name}`, SUPABASE);
  const project = await readProject(folderOf(kind));
  for (const name of project.migrations.keys()) {
    const file = join(project.root, "supabase/migrations", name);
    await runSqlFile(db.url, pathToFileURL(file));
  }
  await before?.(db.sql);
  const wishes = { told: keyFrom === undefined ? {} : { keyFrom }, except: [], ladder };
  const texts = { version: "1", module: "", repair: "", webhook: "", ladder: "" };
  const { changes } = planAdoption(project, wishes, { ...texts, sql: await readProductSql() }, {
    manifest: null,
    files: { module: null, repair: null, webhook: null, ladder: null, manifest: null },
    now: new Date(),
  });
  const sql = changes.at(-1)!.after!;
  await db.sql.begin((transaction) => runStatements(transaction, "adopted", sql));
  return sql;
}

/** Registers a test of an adopted project, alive. */
export function adoptedTest(
  name: string,
  kind: ProjectKind,
  run: (project: ReturnType<typeof startAdopted>, sql: postgres.Sql) => Promise<void>,
  adoption: Adoption = {},
): void {
  databaseTest(name, async (db) => {
    await adoptDatabase(db, kind, adoption);
    const project = startAdopted(db, kind);
    try {
      await run(project, db.sql);
    } finally {
      await project.close();
    }
  }, { template: null });
}

/** The parts of an adopted project. */
function startAdopted(db: TestDatabase, kind: ProjectKind) {
  const clock = new VirtualClock();
  const gateway = createEvolutionSimulator({ clock, apiKey: API_KEY });
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const repairs: Promise<void>[] = [];
  /** Called before each probe reaches the gateway. */
  const hooks = { onProbe: () => Promise.resolve() };
  const plain: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.url.includes("fetchBusinessProfile")) await clock.track(hooks.onProbe());
    return await gateway.fetch(request);
  };
  const database = (name: string, args: Readonly<Record<string, unknown>>) =>
    clock.track(callAsService(db.sql, name, args));
  const watched = watchSends({
    fetch: plain,
    monotonicMs: () => clock.monotonicMs(),
    isConnectionClosed: (body, words) => Promise.resolve(isConnectionClosed(body, words)),
    repair: (send, why) =>
      repairNumber(send, why, {
        ...{ fetch: plain, clock, database, log },
        project: { url: "https://project.test", publicKey: "eyJ.public" },
      }),
    keepAlive: (work) => repairs.push(work),
  });
  const sendOnce = async (
    name: string,
    { media, ...init }: RequestInit & { media?: boolean } = {},
  ) => {
    const path = media ? "sendMedia" : "sendText";
    const message = media
      ? { mediatype: "image", media: "https://files.example/a.jpg" }
      : { text: "bom dia" };
    const response = await watched(`${API_URL}/message/${path}/${name}`, {
      method: "POST",
      headers: { apikey: API_KEY, "content-type": "application/json" },
      body: JSON.stringify({ number: "5511988887777", ...message }),
      ...init,
    });
    await response.text();
    return response.status;
  };
  const ladder = createLadder({
    ...{ fetch: plain, clock, database, log },
    read: (name) => name === "EVOLUTION_API_KEY" ? API_KEY : undefined,
  });
  const report = createReporter({ database, monotonicMs: () => clock.monotonicMs(), log });
  let numbers = 0;
  return {
    clock,
    gateway,
    hooks,
    lines,
    /** A number of theirs, connected, added after the adoption. */
    addNumber: async (name: string) => {
      gateway.control.createPaired({ name, phone: `55119${String(++numbers).padStart(8, "0")}` });
      const [row] = await db.sql.unsafe<{ id: string }[]>(kind.insert, [name, API_URL]);
      return row!.id;
    },
    /** Sends as their functions do; settles when every repair has ended. Returns the statuses. */
    send: (name: string, count = 1, options: RequestInit & { media?: boolean } = {}) =>
      clock.until((async () => {
        const sends = Array.from({ length: count }, () => sendOnce(name, options));
        const statuses = await Promise.all(sends);
        await Promise.all(repairs.splice(0));
        return statuses;
      })()),
    /** Sends once through each, all at once. */
    sendAll: (names: readonly string[]) =>
      clock.until((async () => {
        await Promise.all(names.map((name) => sendOnce(name)));
        await Promise.all(repairs.splice(0));
      })()),
    /** Settles when every repair has ended. */
    repaired: () => clock.until(Promise.all(repairs.splice(0))),
    state: async (id: string) => {
      const [row] = await db.sql.unsafe<{ state: unknown }[]>(kind.state, [id]);
      return row!.state;
    },
    reportOpen: async (id: string) => void await db.sql.unsafe(kind.reportOpen, [id]),
    logouts: (name: string) =>
      gateway.calls.filter((call) => call.route === "logout" && call.instance === name).length,
    events: async (id: string) =>
      (await db.sql<{ kind: string }[]>`
        select e.kind from ghost_repair.events e join ghost_repair.numbers n on n.id = e.instance_id
        where n.host_id::text = ${id} order by e.id`).map((row) => row.kind),
    /** Calls the ladder's function as the database does, or with another secret. */
    tick: async (told?: string) => {
      const [own] = await db.sql<{ secret: string }[]>`select secret from ghost_repair.scheduler`;
      const headers = { "x-cron-secret": told ?? own!.secret };
      const request = new Request("https://project.test", { method: "POST", headers });
      return await clock.until(ladder(request));
    },
    /** What their webhook reports of its body. */
    report: (body: unknown) => clock.until(report(body)),
    close: () => gateway.close(),
  };
}

const LISTS: ReadonlySet<string> = new Set([
  ...["claim_ghost_repair", "lease_due_repairs", "claim_gateway_versions"],
]);

/** As PostgREST calls a function for the service role. */
async function callAsService(
  sql: postgres.Sql,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  return await sql.begin(async (transaction) => {
    await transaction`set local role service_role`;
    const named = Object.entries(args).map(([key, value], index) => {
      const type = Array.isArray(value)
        ? "::text[]"
        : typeof value === "object" && value !== null
        ? "::jsonb"
        : "";
      return [`${key} => $${index + 1}${type}`, value] as const;
    });
    const call = `public.${name}(${named.map(([text]) => text).join(", ")})`;
    const rows = await transaction.unsafe<{ answer: unknown }[]>(
      `select to_jsonb(answer) as answer from ${call} answer`,
      named.map(([, value]) => value) as string[],
    );
    const answers = rows.map(({ answer }) => answer);
    return LISTS.has(name) ? answers : answers[0] ?? null;
  });
}
