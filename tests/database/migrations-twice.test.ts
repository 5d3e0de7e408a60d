import assert from "node:assert/strict";
import { migrate } from "../../dev/platform/database/migrate.ts";
import { runSqlFile } from "../../dev/platform/database/sql-file.ts";
import { ownCompanyTest } from "../support/database.ts";
import { claimed } from "../support/repair-calls.ts";
import { listRows, listSchema, migrationFiles } from "../support/database-content.ts";

/** What a file defines, whoever defined it before. */
async function definedIn(file: URL): Promise<ReadonlySet<string>> {
  const text = await Deno.readTextFile(file);
  return new Set(
    [...text.matchAll(/^\s*create or replace (?:function|view) ([\w.]+)/gm)].map(([, name]) =>
      name!
    ),
  );
}

ownCompanyTest("each migration applied a second time, alone, changes nothing", async (db) => {
  await claimed(db.sql, db.instanceId);
  await db.sql`update ghost_repair.settings set repair_window = '5 minutes'`;
  const before = { schema: await listSchema(db.sql), rows: await listRows(db.sql) };
  assert.ok(before.schema.length > 300, "the listing lists");
  const files = await Promise.all(
    migrationFiles().map(async (file) => ({ file, defined: await definedIn(file) })),
  );
  // The newest first: what an old one would set back no later one sets right again, but for what a
  // later one defines anew.
  for (const [index, { file, defined }] of [...files.entries()].toReversed()) {
    await runSqlFile(db.url, file);
    for (const later of files.slice(index + 1)) {
      if (!defined.isDisjointFrom(later.defined)) await runSqlFile(db.url, later.file);
    }
  }
  assert.deepEqual(await listSchema(db.sql), before.schema);
  assert.deepEqual(await listRows(db.sql), before.rows);
  assert.deepEqual(await migrate(db.url), [], "nothing is left to apply");
});
