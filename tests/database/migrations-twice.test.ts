import assert from "node:assert/strict";
import { migrate } from "../../dev/platform/database/migrate.ts";
import { runSqlFile } from "../../dev/platform/database/sql-file.ts";
import { companyTest } from "../support/database.ts";
import { claimed } from "../support/repair-calls.ts";
import { listRows, listSchema, migrationFiles } from "../support/database-content.ts";

companyTest("all migrations applied a second time change nothing", async (db) => {
  await claimed(db.sql, db.instanceId);
  await db.sql`update ghost_repair.settings set repair_window = '5 minutes'`;
  const before = { schema: await listSchema(db.sql), rows: await listRows(db.sql) };
  assert.ok(before.schema.length > 300, "the listing lists");
  for (const file of migrationFiles()) await runSqlFile(db.url, file);
  assert.deepEqual(await listSchema(db.sql), before.schema);
  assert.deepEqual(await listRows(db.sql), before.rows);
});

for (const file of migrationFiles()) {
  const name = file.pathname.split("/").at(-1);
  companyTest(`${name} applied again, alone, changes nothing`, async (db) => {
    const before = { schema: await listSchema(db.sql), rows: await listRows(db.sql) };
    await runSqlFile(db.url, file);
    assert.deepEqual(await listSchema(db.sql), before.schema);
    assert.deepEqual(await listRows(db.sql), before.rows);
  });
}

companyTest("a migrated database has nothing left to apply", async (db) => {
  assert.deepEqual(await migrate(db.url), []);
});
