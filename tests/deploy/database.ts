import assert from "node:assert/strict";
import { generateTypes, TYPES } from "../../dev/tasks/types.ts";
import { connected, runSqlFile } from "../../dev/platform/database/sql-file.ts";
import { TEMPLATE } from "../../dev/platform/database/template.ts";
import { listRows, listSchema, migrationFiles } from "../support/database-content.ts";
import { cliDatabaseTest, copyOfProject, supabaseOutput } from "./support/supabase-cli.ts";

const SUPABASE = new URL("../../dev/platform/database/supabase-project.sql", import.meta.url);

await cliDatabaseTest(
  "db push takes a blank project to the same schema, and a second push changes nothing",
  async (db) => {
    await runSqlFile(`${db.server.adminUrl}/${db.name}`, SUPABASE);
    const folder = await copyOfProject();
    const push = () =>
      supabaseOutput(["db", "push", `--remote=${db.url}`, "--yes"], { cwd: folder });
    try {
      await push();
      const pushed = { schema: await listSchema(db.sql), rows: await listRows(db.sql) };
      assert.deepEqual(pushed.schema, await connected(db.server.url(TEMPLATE), listSchema));
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
);

await cliDatabaseTest("the committed types are those of the migrated database", async (db) => {
  const committed = await Deno.readTextFile(TYPES);
  assert.equal(committed, await generateTypes(db.url), "run `npx -y deno@2 task types`");
}, TEMPLATE);
