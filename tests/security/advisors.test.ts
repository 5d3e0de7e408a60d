import assert from "node:assert/strict";
import { isLong } from "../../dev/tasks/security/counts.ts";
import { cliMissing, supabase } from "../deploy/support/supabase-cli.ts";
import { databaseTest } from "../support/database.ts";

/** Null where it runs: the first time Supabase's command line comes from npm's registry. */
const missing = isLong ? await cliMissing() : "part of `deno task test:security`";

if (missing === null) {
  databaseTest(
    "Supabase's advisors find the clock in our database, nothing else, and would",
    async (database) => {
      const advise = async () => {
        const told = ["db", "advisors", `--remote=${database.url}`, "--fail-on=warn"];
        const { code, stdout, stderr } = await supabase(told);
        return { code, said: stdout + stderr };
      };
      const ours = await advise();
      // The one named exception: with a path of its own no index could serve a condition on it.
      assert.deepEqual(
        [...ours.said.matchAll(/"detail": "([^"]+)"/g)].map(([, detail]) => detail),
        [
          "Function `ghost_repair.now` has a role mutable search_path",
        ],
      );
      // A table that anybody may read is an error.
      await database.sql`create table public.open_to_all (id int primary key)`;
      await database.sql`grant all on public.open_to_all to anon`;
      const open = await advise();
      assert.notEqual(open.code, 0, open.said);
      assert.match(open.said, /open_to_all/);
    },
  );
} else {
  Deno.test.ignore(`Supabase's advisors look at our database (not now: ${missing})`, () => {});
}
