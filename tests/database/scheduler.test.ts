import assert from "node:assert/strict";
import postgres from "postgres";
import { migrationOf } from "../../dev/platform/database/migrate.ts";
import { type PostgresServer, startPostgres } from "../../dev/platform/database/postgres.ts";
import { connected, runStatements } from "../../dev/platform/database/sql-file.ts";
import { createTemplate, TEMPLATE } from "../../dev/platform/database/template.ts";
import { readVerifyJwt } from "../../dev/platform/config.ts";
import { addInstances, databaseTest, only, ownCompanyTest } from "../support/database.ts";
import { quickTest } from "../support/quick-test.ts";
import { pass } from "../support/repair-calls.ts";
import { listSchema } from "../support/database-content.ts";
import { createStandIn, createVault, installStandIn } from "../support/stand-in-scheduler.ts";

const CRON = migrationOf("cron");

const VAULT = { project_url: "https://project.supabase.test", cron_secret: "the-cron-secret" };

/** Applies the clockwork and returns what it said. */
async function applyCron(url: string): Promise<string[]> {
  const notices: string[] = [];
  const sql = postgres(url, { max: 1, onnotice: (notice) => notices.push(String(notice.message)) });
  try {
    await runStatements(sql, "cron", await Deno.readTextFile(CRON));
  } finally {
    await sql.end({ timeout: 2 });
  }
  return notices.filter((notice) => !notice.endsWith("already exists, skipping"));
}

async function installNet(sql: postgres.Sql): Promise<void> {
  await createStandIn(sql, "pg_net");
  await createVault(sql, VAULT);
}

/** What the jobs call, functions and SQL functions, as the file says. */
async function scheduledNames(): Promise<string[]> {
  const text = await Deno.readTextFile(CRON);
  const jobs = [...text.matchAll(/\$job\$select (.+?)\$job\$/g)].map(([, call]) => call!);
  assert.equal(jobs.length, text.split("cron.schedule(").length - 1);
  return jobs.flatMap((call) => CALLED_BY[call] ?? [call]);
}

/** Which functions a job calls, by its call. */
const CALLED_BY: Readonly<Record<string, readonly string[]>> = {
  "ghost_repair.call_auto_reconnect()": ["auto-reconnect-instances"],
  "ghost_repair.call_due_functions()": [
    "advance-ghost-repairs",
    "watch-instances",
    "release-held-messages",
    "recover-messages",
    "send-alerts",
  ],
};

type Job = Readonly<Record<"jobname" | "schedule" | "command", string>>;

const jobsOf = (sql: postgres.Sql) =>
  sql<Job[]>`
    select jobname, schedule, command from cron.job order by jobname`;

databaseTest(
  "without pg_cron and pg_net the clockwork makes its functions alone",
  async ({ sql, url }) => {
    await sql`drop function ghost_repair.call_function(text), ghost_repair.call_auto_reconnect(),
      ghost_repair.call_due_functions()`;
    // By their names: what a later migration defines anew is set back by this one.
    const named = (line: string) => line.split(" ", 2).join(" ");
    const before = new Set((await listSchema(sql)).map(named));
    const notices = await applyCron(url);
    assert.equal(notices.length, 1);
    assert.match(notices[0]!, /^not scheduled: pg_cron, pg_net not available here/);
    for (const name of await scheduledNames()) {
      assert.ok(notices[0]!.includes(name), `${name} is to be called by somebody else`);
    }
    const added = (await listSchema(sql)).map(named).filter((name) =>
      !before.has(name) && !name.startsWith("grant")
    );
    assert.deepEqual(added.sort(), [
      "function ghost_repair.call_auto_reconnect()",
      "function ghost_repair.call_due_functions()",
      "function ghost_repair.call_function(text)",
    ]);
    const made = await sql`select from pg_namespace where nspname in ('cron', 'net')`;
    assert.equal(made.length, 0);
  },
);

quickTest("a function is called with the secret and given 55 seconds", async ({ sql }) => {
  await installNet(sql);
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
    await installNet(sql);
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

/** A repair that a person was told of, and nothing else of it is due. */
const NOTICE = `
  insert into public.ghost_repairs (instance_id, next_step_at)
    select id, ghost_repair.now() + interval '1 hour' from public.whatsapp_instances;
  update public.ghost_repairs set state = 'needs_operator', evidence = '{"reason": "outage"}'`;
/** Stores a message of ours in the company's conversation. */
const ours = (columns: string, values: string) => `
  insert into public.messages (organization_id, conversation_id, whatsapp_instance_id, is_from_me,
      message_type, ${columns})
    select c.organization_id, c.id, c.whatsapp_instance_id, true, 'text', ${values}
    from public.conversations c`;

for (
  const [what, change, due] of [
    ["nothing", "", []],
    [
      "a look at a connected number",
      "update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()",
      ["watch-instances"],
    ],
    [
      "a look at a number that waits",
      "update public.whatsapp_instances set status = 'awaiting_qr'",
      ["watch-instances"],
    ],
    [
      "a repair's step",
      "insert into public.ghost_repairs (instance_id) select id from public.whatsapp_instances",
      ["advance-ghost-repairs"],
    ],
    [
      "a repair without a gateway",
      `delete from private.instance_credentials;
        insert into public.ghost_repairs (instance_id) select id from public.whatsapp_instances`,
      ["advance-ghost-repairs"],
    ],
    ["a notice for a person", NOTICE, ["advance-ghost-repairs"]],
    [
      "a notice for a person whom nobody can call",
      `${NOTICE}; update ghost_repair.settings set operator_hook = false`,
      [],
    ],
    [
      "a notice that was sent",
      `${NOTICE}; update ghost_repair.operator_notices set sent_at = ghost_repair.now()`,
      [],
    ],
    [
      "a gateway's version",
      "update private.gateways set version_due_at = ghost_repair.now()",
      ["advance-ghost-repairs"],
    ],
    [
      "the version of another gateway",
      `insert into public.whatsapp_instances (organization_id, instance_name)
          select id, 'other' from public.organizations;
        update public.whatsapp_instances set status = 'disconnected', manual_disconnect = true
          where instance_name = 'other';
        insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
          select id, 'http://alpha.test', 'key', 'secret' from public.whatsapp_instances
          where instance_name = 'other';
        insert into ghost_repair.watches (instance_id, next_look_at)
          select id, ghost_repair.now() + interval '1 hour' from public.whatsapp_instances`,
      ["advance-ghost-repairs"],
    ],
    [
      "a message that nobody tried",
      ours("status, sender_until", "'sending', ghost_repair.now()"),
      ["release-held-messages"],
    ],
    [
      "a message that waits for a number that is away",
      "update public.whatsapp_instances set status = 'disconnected';" +
      ours("status, held_until", "'held', ghost_repair.now() + interval '10 minutes'"),
      [],
    ],
    [
      "a failure without words",
      ours("status, error_code, failed_at", "'failed', 'not_sent', ghost_repair.now()"),
      ["release-held-messages"],
    ],
  ] as const
) {
  quickTest(`functions are called only where they have work: ${what}`, async ({ sql }) => {
    await installNet(sql);
    await sql`select public.claim_gateway_versions(10)`;
    await sql`update private.gateways set version = '2.3.7'`;
    await sql`update ghost_repair.watched_numbers
      set next_look_at = ghost_repair.now() + interval '5 minutes'`;
    await sql.unsafe(change).simple();
    const calls = await only(sql`select ghost_repair.call_due_functions() as calls`);
    assert.deepEqual(calls, { calls: due.length });
    const urls = await sql<{ url: string }[]>`select url from net.requests`;
    assert.deepEqual(urls.map(({ url }) => url.split("/functions/v1/")[1]), due);
  });
}

quickTest("what is leased is no work, until its lease is over", async ({ sql, company }) => {
  await sql`insert into public.ghost_repairs (instance_id) values (${company.instanceId})`;
  await sql`select public.claim_gateway_versions(10)`;
  const due = async () => [...await sql`select name from ghost_repair.due_functions()`];
  assert.deepEqual(await due(), [{ name: "advance-ghost-repairs" }]);
  await sql`select from public.lease_due_repairs(10)`;
  assert.deepEqual(await due(), []);
});

// A database of its own: where others have undone theirs, five thousand rows are looked for among the dead.
ownCompanyTest("the watch is called once for 300 due looks, 14 times at most", async (db) => {
  const calls = async () => {
    await db.sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()`;
    const rows = await db.sql<{ calls: number }[]>`select calls from ghost_repair.due_functions()
    where name = 'watch-instances'`;
    return rows[0]?.calls ?? 0;
  };
  await addInstances(db.sql, db.company, 299);
  assert.equal(await calls(), 1);
  await addInstances(db.sql, db.company, 1);
  assert.equal(await calls(), 2);
  await addInstances(db.sql, db.company, 5_000);
  assert.equal(await calls(), 14);
});

quickTest("recover-messages is called where a gap is due, and only there", async ({ sql }) => {
  await installNet(sql);
  const calls = async () => {
    await sql`select ghost_repair.call_due_functions()`;
    const urls = (await sql`delete from net.requests returning url`).map(({ url }) => String(url));
    return urls.filter((url) => url.endsWith("/recover-messages"));
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
        for (const [version, schedule] of SCHEDULES) {
          await setVersion(server, version);
          await applyCron(url);
          const [due] = (await jobsOf(sql)).filter(({ jobname }) => jobname === "due-functions");
          assert.equal(due?.schedule, schedule, version);
        }
      } finally {
        await sql.end({ timeout: 2 });
      }
    } finally {
      await server.stop();
    }
  },
});

/** What is due is asked for every ten seconds where pg_cron knows seconds. */
const SCHEDULES = [
  ["1.4.2", "* * * * *"],
  ["1.5", "10 seconds"],
  ["1.6.4", "10 seconds"],
  ["1.10", "10 seconds"],
  ["2.0", "10 seconds"],
] as const;

async function setVersion(server: PostgresServer, version: string): Promise<void> {
  await connected(`${server.adminUrl}/${TEMPLATE}`, async (admin) => {
    await admin`update pg_catalog.pg_extension set extversion = ${version}
      where extname = 'pg_cron'`;
  });
}

/** Every job runs, and those that call a function call one that is there and open to the scheduler. */
async function assertJobs(
  sql: postgres.Sql,
  jobs: readonly Job[],
): Promise<void> {
  assert.deepEqual(jobs.map(({ jobname, schedule }) => `${schedule} ${jobname}`), [
    "* * * * * auto-reconnect-instances",
    "* * * * * due-functions",
    "17 * * * * prune",
    "* * * * * sweep",
  ]);
  await createVault(sql, VAULT);
  for (const { command } of jobs) await sql.unsafe(command);
  // Nothing else is due.
  const called = await sql<{ url: string }[]>`select url from net.requests order by url`;
  assert.deepEqual(called.map(({ url }) => url.split("/functions/v1/")[1]!), [
    "auto-reconnect-instances",
  ]);
  const names = Object.values(CALLED_BY).flat();
  const config = await Deno.readTextFile(new URL("../../supabase/config.toml", import.meta.url));
  const verifyJwt = readVerifyJwt(config);
  for (const name of names) {
    const folder = new URL(`../../supabase/functions/${name}/index.ts`, import.meta.url);
    assert.ok((await Deno.stat(folder)).isFile, name);
    assert.equal(verifyJwt(name), false, name);
  }
}
