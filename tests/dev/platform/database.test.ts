import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import postgres from "postgres";
import {
  locatePostgres,
  locatePostgrest,
  MissingBinaryError,
} from "../../../dev/platform/database/binaries.ts";
import { migrate } from "../../../dev/platform/database/migrate.ts";
import { type PostgresServer, startPostgres } from "../../../dev/platform/database/postgres.ts";
import { connected, SqlFileError } from "../../../dev/platform/database/sql-file.ts";
import { createTemplate, TEMPLATE } from "../../../dev/platform/database/template.ts";

let server: PostgresServer;
let migrations: URL;

Deno.test.beforeAll(async () => {
  const folder = await Deno.makeTempDir();
  migrations = pathToFileURL(`${folder}/`);
  await write("20260101000100_notes.sql", "create table public.notes (id int primary key);");
  await write(
    "20260101000200_more.sql",
    "create function public.five() returns int language sql as 'select 5';\n" +
      "create schema private; create table private.keys (id int);",
  );
  await write("README.sql", "this is no migration");
  server = await startPostgres();
  await createTemplate(server, migrations);
});

Deno.test.afterAll(async () => {
  await server.stop();
  await Deno.remove(migrations, { recursive: true });
});

const write = (file: string, text: string) => Deno.writeTextFile(new URL(file, migrations), text);

/** Registers a test that gets a connection to a fresh clone of the template. */
function cloneTest(title: string, run: (sql: postgres.Sql, name: string) => Promise<void>): void {
  Deno.test(title, async () => {
    const name = `clone_${crypto.randomUUID()}`;
    await server.createDatabase(name, { template: TEMPLATE });
    await connected(server.url(name), (sql) => run(sql, name));
    await server.dropDatabase(name);
  });
}

cloneTest("a clone holds what the migrations made, recorded as the CLI records it", async (sql) => {
  const [made] = await sql`select public.five(), count(*)::int from public.notes`.values();
  assert.deepEqual([...made!], [5, 0]);
  const recorded = await sql`
    select version || '_' || name from supabase_migrations.schema_migrations order by 1`.values();
  assert.deepEqual(recorded.flat(), ["20260101000100_notes", "20260101000200_more"]);
});

cloneTest(
  "migrations run as no superuser; what they make in public is open to the API until revoked",
  async (sql) => {
    const [role] = await sql`
      select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user`;
    assert.deepEqual({ ...role }, { rolname: "postgres", rolsuper: false, rolbypassrls: true });
    for (const role of ["anon", "authenticated", "service_role"]) {
      const [grants] = await sql`
        select has_table_privilege(${role}, 'public.notes', 'insert'),
          has_function_privilege(${role}, 'public.five()', 'execute'),
          has_schema_privilege(${role}, 'private', 'usage'),
          has_table_privilege(${role}, 'private.keys', 'select')`.values();
      assert.deepEqual([...grants!], [true, true, false, false], role);
    }
  },
);

cloneTest(
  "migrating again applies only what is new; a failing file leaves nothing of itself",
  async (sql, name) => {
    await write("20260101000300_broken.sql", "create table public.half (id int);\nselect 1 +;\n");
    try {
      await assert.rejects(
        migrate(server.url(name), migrations),
        (error) => error instanceof SqlFileError && error.line === 2,
      );
      assert.deepEqual([...await sql`select to_regclass('public.half')`.values()], [[null]]);
      await write("20260101000300_broken.sql", "create table public.half (id int);");
      const applied = await migrate(server.url(name), migrations);
      assert.deepEqual(applied, ["20260101000300_broken.sql"]);
      assert.deepEqual(await migrate(server.url(name), migrations), []);
      assert.deepEqual(await migrate(server.url(name), new URL("missing/", migrations)), []);
    } finally {
      await Deno.remove(new URL("20260101000300_broken.sql", migrations));
    }
  },
);

const MISSING: readonly (readonly [find: () => Promise<string>, says: readonly RegExp[]])[] = [
  [() => locatePostgres("windows-arm64"), [/no PostgreSQL binary for windows-arm64/]],
  [
    () => locatePostgrest("darwin-arm64", undefined, ""),
    [/no PostgREST binary for darwin-arm64/, /`brew install postgrest`/, /POSTGREST_BIN/],
  ],
  [
    () => locatePostgrest("windows-x64", undefined, ""),
    [/`scoop install postgrest`/, /`task demo` needs none/],
  ],
  [
    () => locatePostgrest("linux-x64", "none", "/usr/bin"),
    [/no PostgREST binary/, /github.com\/PostgREST/],
  ],
];

Deno.test("a platform without a program is told what is missing and what to do instead", async () => {
  for (const [find, says] of MISSING) {
    await assert.rejects(find(), (error) => {
      assert.ok(error instanceof MissingBinaryError);
      for (const part of [...says, /`npx supabase start`/]) assert.match(error.message, part);
      return true;
    });
  }
  // A platform without PostgREST may bring its own.
  assert.equal(await locatePostgrest("darwin-arm64", "/opt/bin/postgrest"), "/opt/bin/postgrest");
  const folder = await Deno.makeTempDir();
  try {
    const path = `/nowhere:${folder}`;
    await Deno.mkdir(join(folder, "postgrest"));
    await assert.rejects(locatePostgrest("darwin-arm64", undefined, path), MissingBinaryError);
    await Deno.remove(join(folder, "postgrest"));
    await Deno.writeTextFile(join(folder, "postgrest"), "");
    const found = await locatePostgrest("darwin-arm64", undefined, path);
    assert.equal(found, join(folder, "postgrest"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
