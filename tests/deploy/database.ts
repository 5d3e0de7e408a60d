import assert from "node:assert/strict";
import { generateTypes, TYPES } from "../../dev/tasks/types.ts";
import { runSqlFile } from "../../dev/platform/database/sql-file.ts";
import { TEMPLATE } from "../../dev/platform/database/template.ts";
import postgres from "postgres";
import { databaseTest } from "../support/database.ts";
import { listRows, listSchema, migrationFiles } from "../support/database-content.ts";
import { testServer } from "../support/server.ts";
import { cliMissing, cliTest, copyOfProject, supabaseOutput } from "./support/supabase-cli.ts";

const SUPABASE = new URL("../../dev/platform/database/supabase-project.sql", import.meta.url);

/** The schema and rows that this repository's own way of applying migrations makes. */
async function ownSchema(): Promise<readonly string[]> {
  const sql = postgres((await testServer()).url(TEMPLATE), { max: 1, onnotice: () => {} });
  try {
    return await listSchema(sql);
  } finally {
    await sql.end({ timeout: 2 });
  }
}

const missing = await cliMissing();
if (missing === null) {
  databaseTest(
    "db push takes a blank project to the same schema, and a second push changes nothing",
    async (db) => {
      await runSqlFile(`${db.server.adminUrl}/${db.name}`, SUPABASE);
      const folder = await copyOfProject();
      const push = () =>
        supabaseOutput(["db", "push", `--remote=${db.url}`, "--yes"], { cwd: folder });
      try {
        await push();
        const pushed = { schema: await listSchema(db.sql), rows: await listRows(db.sql) };
        assert.deepEqual(pushed.schema, await ownSchema());
        const versions = await db.sql<{ n: number }[]>`
          select count(*)::int as n from supabase_migrations.schema_migrations`;
        assert.equal(versions[0]?.n, migrationFiles().length);

        assert.match(await push(), /up to date/);
        assert.deepEqual(await listSchema(db.sql), pushed.schema);
        assert.deepEqual(await listRows(db.sql), pushed.rows);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
    { template: null },
  );

  databaseTest("the committed types are those of the migrated database", async (db) => {
    const committed = await Deno.readTextFile(TYPES);
    assert.equal(committed, await generateTypes(db.url), "run `npx -y deno@2 task types`");
  });
} else {
  await cliTest("db push and gen types on a blank database", () => Promise.resolve());
}
