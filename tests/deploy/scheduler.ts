import assert from "node:assert/strict";
import postgres from "postgres";
import { migrate } from "../../dev/platform/database/migrate.ts";
import { runSqlFile } from "../../dev/platform/database/sql-file.ts";
import { startDevStack } from "../support/dev-stack.ts";
import { createVault, installStandIn } from "../support/stand-in-scheduler.ts";
import { foreignTest } from "./support/foreign-test.ts";
import {
  debianPostgresMissing,
  installCron,
  startDebianPostgres,
} from "./support/debian-postgres.ts";

const SUPABASE = new URL("../../dev/platform/database/supabase-project.sql", import.meta.url);

// pg_cron 1.4 knows minutes alone, and its clock is the machine's: up to a minute of waiting.
const skipped = await debianPostgresMissing();

interface Request {
  readonly url: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

foreignTest(
  "the real pg_cron fires at the minute, and the functions take what it would send",
  skipped,
  async () => {
    const server = await startDebianPostgres();
    const stack = await startDevStack();
    const sql = postgres(server.url("postgres"), { max: 1, onnotice: () => {} });
    try {
      await runSqlFile(`${server.adminUrl}/postgres`, SUPABASE);
      await installStandIn(server, "pg_net");
      await installCron(server);
      await createVault(sql, { project_url: stack.url, cron_secret: stack.cronSecret });
      await migrate(server.url("postgres"));

      const jobs = await sql<{ jobname: string }[]>`select jobname from cron.job order by jobname`;
      assert.deepEqual(jobs.map(({ jobname }) => jobname), [
        "auto-reconnect-instances",
        "due-functions",
        "prune",
        "sweep",
      ]);
      // Work for each of them: a number to look at, its gateway's version, a failure without words.
      await sql.unsafe(`
        with organization as (
          insert into public.organizations (name) values ('Example') returning id
        ), number as (
          insert into public.whatsapp_instances (organization_id, instance_name, status)
          select id, 'example', 'connected' from organization returning id, organization_id
        ), gateway as (
          insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
          select id, 'http://evolution.test', 'key', 'secret' from number
        ), conversation as (
          insert into public.conversations (organization_id, whatsapp_instance_id, remote_jid)
          select organization_id, id, '5511900000009@s.whatsapp.net' from number
          returning id, organization_id
        )
        insert into public.messages (organization_id, conversation_id, is_from_me, message_type,
          status, error_code, failed_at)
        select organization_id, id, true, 'text', 'failed', 'not_sent', now() from conversation;
        update ghost_repair.watched_numbers set next_look_at = now();
      `).simple();
      // `recover-messages` is called where a gap is due: there is none.
      const expected = [
        "advance-ghost-repairs",
        "auto-reconnect-instances",
        "release-held-messages",
        "watch-instances",
      ].map((name) => `${stack.url}/functions/v1/${name}`);
      const requests = await untilRequested(sql, expected.length);
      assert.deepEqual(requests.map(({ url }) => url).sort(), expected);

      for (const { url, body, headers } of requests) {
        const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
        assert.equal(answer.status, 200, url);
        await answer.body?.cancel();
      }
      const failed = await sql`select * from cron.job_run_details where status = 'failed'`;
      assert.deepEqual([...failed], []);
    } finally {
      await sql.end({ timeout: 2 });
      await stack.stop();
      await server.stop();
    }
  },
);

/** Each look waits in the database for a moment; the next minute comes within sixty seconds. */
async function untilRequested(sql: postgres.Sql, count: number): Promise<readonly Request[]> {
  for (let look = 0; look < 150; look++) {
    const requests = await sql<Request[]>`
      select url, body, headers from net.requests order by id limit ${count}`;
    if (requests.length >= count) return [...requests];
    await sql`select pg_sleep(0.5)`;
  }
  throw new Error(`the scheduler called fewer than ${count} functions within 75 seconds`);
}
