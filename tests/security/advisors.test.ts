import assert from "node:assert/strict";
import { databaseTest } from "../support/database.ts";
import { isLong } from "../../dev/tasks/security/counts.ts";

/** Supabase's own command line, as its documentation starts it. */
const CLI = ["-y", "supabase@3.1.0"];

async function supabase(...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: [...CLI, ...args],
    env: { SUPABASE_TELEMETRY_DISABLED: "1", PGSSLMODE: "disable", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, said: text(stdout) + text(stderr) };
}

/** Null where the command runs: the first time it comes from npm's registry. */
const missing: string | null = !isLong
  ? "part of `deno task test:security`"
  : await supabase("--version").then(
    ({ code, said }) => code === 0 && said.includes("3.1.0") ? null : `exit code ${code}`,
    (error: Error) => error.name,
  );

if (missing === null) {
  databaseTest("Supabase's advisors find nothing in our database, and would", async (database) => {
    const advise = () => supabase("db", "advisors", `--remote=${database.url}`, "--fail-on=warn");
    const ours = await advise();
    assert.equal(ours.code, 0, ours.said);
    assert.match(ours.said, /No issues found/);
    // A table that anybody may read is an error.
    await database.sql`create table public.open_to_all (id int primary key)`;
    await database.sql`grant all on public.open_to_all to anon`;
    const open = await advise();
    assert.notEqual(open.code, 0, open.said);
    assert.match(open.said, /open_to_all/);
  });
} else {
  Deno.test.ignore(`Supabase's advisors look at our database (not now: ${missing})`, () => {});
}
