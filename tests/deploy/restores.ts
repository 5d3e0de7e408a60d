import assert from "node:assert/strict";
import { join } from "node:path";
import { migrate } from "../../dev/platform/database/migrate.ts";
import { connected, runSqlFile } from "../../dev/platform/database/sql-file.ts";
import { freePort } from "../../dev/process/program.ts";
import { openScratch } from "../../dev/process/scratch.ts";
import { foreignTest } from "./support/foreign-test.ts";
import { debianPostgresMissing, startDebianPostgres } from "./support/debian-postgres.ts";

const SUPABASE = new URL("../../dev/platform/database/supabase-project.sql", import.meta.url);
const PROGRAMS = "/usr/lib/postgresql/15/bin";
/** PostgreSQL refuses to run as root. */
const USER = Deno.uid() === 0 ? { uid: 65534, gid: 65534 } : {};

const skipped = await debianPostgresMissing();

/** A message that waits, written when the clockwork was last seen, ten minutes ago. */
const WAITING = `
  with organization as (
    insert into public.organizations (name) values ('Example') returning id
  ), conversation as (
    insert into public.conversations (organization_id, remote_jid)
    select id, '5511900000009@s.whatsapp.net' from organization returning id, organization_id
  )
  insert into public.messages (organization_id, conversation_id, is_from_me, message_type, content,
    status, sender_until, created_at)
  select organization_id, id, true, 'text', 'oi', 'sending', now(), now() - interval '10 minutes'
  from conversation;
  update ghost_repair.places set seen_at = now() - interval '10 minutes'`;

/** Whether a database is paused; and after its sweep, and a person's word, how its message is. */
async function look(url: string) {
  return await connected(url, async (sql) => {
    const [before] = await sql<{ paused: boolean }[]>`select ghost_repair.is_paused() as paused`;
    await sql`select public.sweep()`;
    const [message] = await sql<{ status: string; error_code: string | null }[]>`
      select status, error_code from public.messages`;
    await sql`select ghost_repair.end_pause()`;
    const [after] = await sql<{ paused: boolean }[]>`select ghost_repair.is_paused() as paused`;
    return { paused: before!.paused, ...message, released: !after!.paused };
  });
}

const RESTORED = { paused: true, status: "failed", error_code: "interrupted", released: true };

foreignTest(
  "a dump that was loaded, and a copy that was recovered, hold back what is due",
  skipped,
  async () => {
    const server = await startDebianPostgres();
    const scratch = await openScratch();
    try {
      await server.createDatabase("project");
      await runSqlFile(`${server.adminUrl}/project`, SUPABASE);
      await migrate(server.url("project"));
      await connected(server.url("project"), (sql) => sql.unsafe(WAITING).simple());

      const own = join(scratch.path, "own");
      await Deno.mkdir(own, { mode: 0o700 });
      if (USER.uid !== undefined) await Deno.chown(own, USER.uid, USER.gid);
      const dump = join(own, "dump");
      await run("pg_dump", ["--format=custom", `--file=${dump}`, `${server.adminUrl}/project`]);
      const cluster = join(own, "cluster");
      await run("pg_basebackup", [
        ...[`--pgdata=${cluster}`, `--dbname=${server.adminUrl}/postgres`],
        ...["--wal-method=stream", "--checkpoint=fast"],
      ]);

      await server.createDatabase("loaded");
      await run("pg_restore", [`--dbname=${server.adminUrl}/loaded`, dump]);
      assert.deepEqual(await look(server.url("loaded")), RESTORED, "a dump that was loaded");

      await Deno.writeTextFile(join(cluster, "recovery.signal"), "");
      await Deno.writeTextFile(
        join(cluster, "postgresql.auto.conf"),
        "restore_command = 'false'\nrecovery_target = 'immediate'\n" +
          "recovery_target_action = 'promote'\n",
        { append: true },
      );
      const port = await freePort();
      const copy = scratch.run("postgres", join(PROGRAMS, "postgres"), {
        args: [
          ...["-D", cluster, "-c", `port=${port}`, "-c", "listen_addresses=127.0.0.1"],
          ...["-c", "unix_socket_directories=", "-c", "fsync=off"],
        ],
        env: { TZ: "UTC", LC_ALL: "C" },
        ...(USER.uid === undefined ? {} : { uid: USER.uid }),
      });
      await copy.nextLine(/ready to accept connections/);
      const recovered = await look(`postgres://postgres@127.0.0.1:${port}/project`);
      assert.deepEqual(recovered, RESTORED, "a copy that was recovered to a point in time");

      assert.partialDeepStrictEqual(await look(server.url("project")), {
        paused: false,
        status: "sending",
      }, "the database itself, though its clockwork stood still");
    } finally {
      await scratch.close();
      await server.stop();
    }
  },
);

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(join(PROGRAMS, program), {
    args: [...args],
    cwd: "/",
    stdin: "null",
    ...USER,
  }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}
