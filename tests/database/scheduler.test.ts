import assert from "node:assert/strict";
import postgres from "postgres";
import { startPostgres } from "../../dev/platform/database/postgres.ts";
import { runStatements } from "../../dev/platform/database/sql-file.ts";
import { createTemplate, TEMPLATE } from "../../dev/platform/database/template.ts";
import { readVerifyJwt } from "../../dev/platform/config.ts";
import { databaseTest, only } from "../support/database.ts";
import { quickTest } from "../support/quick-test.ts";
import { pass } from "../support/repair-calls.ts";
import { listSchema, migrationFiles } from "../support/database-content.ts";
import { createStandIn, createVault, installStandIn } from "../support/stand-in-scheduler.ts";

const [CRON, ...OTHERS] = migrationFiles("_cron.sql");
assert.ok(CRON && OTHERS.length === 0, "one migration is the clockwork");

const VAULT = { project_url: "https://project.supabase.test", cron_secret: "the-cron-secret" };

/** Applies the clockwork and returns what it said. */
async function applyCron(url: string): Promise<string[]> {
  const notices: string[] = [];
  const sql = postgres(url, { max: 1, onnotice: (notice) => notices.push(String(notice.message)) });
  try {
    await runStatements(sql, "cron", await Deno.readTextFile(CRON!));
  } finally {
    await sql.end({ timeout: 2 });
  }
  return notices.filter((notice) => !notice.endsWith("already exists, skipping"));
}

/** What the jobs call, functions and SQL functions, as the file says. */
async function scheduledNames(): Promise<string[]> {
  const text = await Deno.readTextFile(CRON!);
  const jobs = [...text.matchAll(/\$job\$select (.+?)\$job\$/g)].map(([, call]) => call!);
  assert.equal(jobs.length, text.split("cron.schedule(").length - 1);
  const named: Readonly<Record<string, string>> = {
    "ghost_repair.call_auto_reconnect()": "auto-reconnect-instances",
    "ghost_repair.call_recover_messages()": "recover-messages",
  };
  return jobs.map((call) =>
    named[call] ??
      /^ghost_repair\.call_function\('(.+)'\)$/.exec(call)?.[1] ?? call
  );
}

const jobsOf = (sql: postgres.Sql) =>
  sql<{ jobname: string; schedule: string; command: string }[]>`
    select jobname, schedule, command from cron.job order by jobname`;

databaseTest(
  "without pg_cron and pg_net the clockwork makes its functions alone",
  async ({ sql, url }) => {
    await sql`drop function ghost_repair.call_function(text), ghost_repair.call_auto_reconnect()`;
    const before = await listSchema(sql);
    const notices = await applyCron(url);
    assert.equal(notices.length, 1);
    assert.match(notices[0]!, /^not scheduled: pg_cron, pg_net not available here/);
    for (const name of await scheduledNames()) {
      assert.ok(notices[0]!.includes(name), `${name} is to be called by somebody else`);
    }
    const added = (await listSchema(sql)).filter((line) =>
      !before.includes(line) && !line.startsWith("grant")
    );
    assert.deepEqual(added.map((line) => line.split(" ", 2).join(" ")).sort(), [
      "function ghost_repair.call_auto_reconnect()",
      "function ghost_repair.call_function(text)",
    ]);
    assert.deepEqual(
      [...await sql`select 1 from pg_namespace where nspname in ('cron', 'net')`],
      [],
    );
  },
);

quickTest("a function is called with the secret and given 55 seconds", async ({ sql }) => {
  await createStandIn(sql, "pg_net");
  await createVault(sql, VAULT);
  await sql`select ghost_repair.call_function('auto-reconnect-instances')`;
  const { id: _, ...request } = await only(sql`select * from net.requests`);
  assert.deepEqual(request, {
    url: "https://project.supabase.test/functions/v1/auto-reconnect-instances",
    body: {},
    params: {},
    headers: { "content-type": "application/json", "x-cron-secret": "the-cron-secret" },
    timeout_milliseconds: 55_000,
  });
});

quickTest(
  "auto-reconnect is called once for 250 due numbers, 1 to 10 times",
  async ({ sql, company }) => {
    await createStandIn(sql, "pg_net");
    await createVault(sql, VAULT);
    const add = (prefix: string, count: number, state: Record<string, string | number | boolean>) =>
      sql`insert into public.whatsapp_instances ${
        sql(Array.from({ length: count }, (_, index) => ({
          organization_id: company.organizationId,
          instance_name: `${prefix}-${index}`,
          ...state,
        })))
      }`;
    const calls = async () => {
      await sql`delete from net.requests`;
      await sql`select ghost_repair.call_auto_reconnect()`;
      const urls = await sql<{ url: string }[]>`select url from net.requests`;
      assert.deepEqual(
        [...new Set(urls.map(({ url }) => url))],
        ["https://project.supabase.test/functions/v1/auto-reconnect-instances"],
      );
      return urls.length;
    };
    assert.equal(await calls(), 1, "nothing is due");

    const due = { status: "disconnected", manual_disconnect: false, reconnect_attempts_count: 0 };
    await add("by-hand", 1_500, { ...due, manual_disconnect: true });
    await add("given-up", 1_500, { ...due, reconnect_attempts_count: 3 });
    assert.equal(await calls(), 1, "none of these is due");
    await add("due", 250, due);
    assert.equal(await calls(), 1, "250 are one invocation's");
    await add("one-more", 1, due);
    assert.equal(await calls(), 2);
    await add("many", 3_000, due);
    assert.equal(await calls(), 10);
  },
);

quickTest("recover-messages is called where a gap is due, and only there", async ({ sql }) => {
  await createStandIn(sql, "pg_net");
  await createVault(sql, VAULT);
  const calls = async () => {
    await sql`select ghost_repair.call_recover_messages()`;
    return (await sql`delete from net.requests returning url`).map(({ url }) => url);
  };
  assert.deepEqual(await calls(), []);
  await sql`update public.whatsapp_instances set status = 'disconnected'`;
  await sql`update public.whatsapp_instances set status = 'connected'`;
  assert.deepEqual(await calls(), [], "WhatsApp may still hand over what it kept");
  await pass(sql, 36);
  assert.deepEqual(await calls(), [
    "https://project.supabase.test/functions/v1/recover-messages",
  ]);
});

for (const missing of ["project_url", "cron_secret"] as const) {
  quickTest(`without ${missing} in Vault the error names what is needed`, async ({ sql }) => {
    await createStandIn(sql, "pg_net");
    const { [missing]: _, ...rest } = VAULT;
    await createVault(sql, rest);
    await assert.rejects(
      sql.begin((inner) => inner`select ghost_repair.call_function('auto-reconnect-instances')`),
      /Vault entries project_url and cron_secret are needed to call auto-reconnect-instances/,
    );
    assert.equal((await sql`select from net.requests`).length, 0);
  });
}

Deno.test({
  name: "where the extensions come late the clockwork begins then, and its jobs do what they say",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    // A server of its own: what is installed on it concerns nobody else.
    const server = await startPostgres();
    try {
      await installStandIn(server, "pg_cron");
      await createTemplate(server);
      const url = server.url(TEMPLATE);
      const sql = postgres(url, { max: 1, onnotice: () => {} });
      try {
        const early = await applyCron(url);
        assert.match(early.join(), /^not scheduled: pg_net not available here/);

        await installStandIn(server, "pg_net");
        await applyCron(url);
        const jobs = [...await jobsOf(sql)];
        // Applied again it changes nothing: a name holds one job.
        await applyCron(url);
        assert.deepEqual([...await jobsOf(sql)], jobs);
        await assertJobs(sql, jobs);
      } finally {
        await sql.end({ timeout: 2 });
      }
    } finally {
      await server.stop();
    }
  },
});

/** Every job runs, and those that call a function call one that is there and open to the scheduler. */
async function assertJobs(
  sql: postgres.Sql,
  jobs: readonly {
    readonly jobname: string;
    readonly schedule: string;
    readonly command: string;
  }[],
): Promise<void> {
  assert.deepEqual(jobs.map(({ jobname, schedule }) => `${schedule} ${jobname}`), [
    "* * * * * advance-ghost-repairs",
    "* * * * * auto-reconnect-instances",
    "17 * * * * prune",
    "* * * * * recover-messages",
    "* * * * * release-held-messages",
    "* * * * * sweep",
    "* * * * * watch-instances",
  ]);
  await createVault(sql, VAULT);
  for (const { command } of jobs) await sql.unsafe(command);
  const called = await sql<{ url: string }[]>`select url from net.requests order by url`;
  const names = called.map(({ url }) => url.split("/functions/v1/")[1]!);
  assert.deepEqual(names, [
    "advance-ghost-repairs",
    "auto-reconnect-instances",
    "release-held-messages",
    "watch-instances",
  ]);
  const config = await Deno.readTextFile(new URL("../../supabase/config.toml", import.meta.url));
  const verifyJwt = readVerifyJwt(config);
  for (const name of names) {
    const folder = new URL(`../../supabase/functions/${name}/index.ts`, import.meta.url);
    assert.ok((await Deno.stat(folder)).isFile, name);
    assert.equal(verifyJwt(name), false, name);
  }
}
