import assert from "node:assert/strict";
import { FOUND_FAULTS } from "../../dev/tasks/mutate/found-faults.ts";
import { ROOT } from "../../dev/tasks/mutate/lane.ts";
import { findStale, mistakesIn, mutate, type Mutation } from "../../dev/tasks/mutate/mutation.ts";
import { MUTATIONS } from "../../dev/tasks/mutate/mutations.ts";

const MIGRATIONS = "supabase/migrations/";

const mistake = (rest: Partial<Mutation>): Mutation => ({
  name: "a mistake",
  file: "deno.json",
  edits: [['"strict": true', '"strict": false']],
  tests: ["dev/mutations.test.ts"],
  ...rest,
});

Deno.test("every mistake can still be made: its text is there once, and so are its tests", async () => {
  assert.deepEqual(await findStale(MUTATIONS, ROOT), []);
});

Deno.test("all that is out of date is named at once", async () => {
  const stale = await findStale([
    mistake({}),
    mistake({ edits: [["no such text", ""]] }),
    mistake({ name: "everywhere", edits: [["true", "false"]] }),
    mistake({ name: "in no file", file: "no-such-file.ts" }),
    mistake({ name: "without its test", tests: ["no-such.test.ts"] }),
  ], ROOT);
  const named = ["given twice", "found 0 times", "everywhere", "in no file", "without its test"];
  assert.equal(stale.length, named.length, stale.join("\n"));
  for (const [index, what] of named.entries()) assert.ok(stale[index]?.includes(what), what);
});

Deno.test("mistakes of one file share their tests", () => {
  const edits = [["a", "b"]] as const;
  assert.deepEqual(mistakesIn("a.ts", "a.test.ts", { one: edits, another: edits }), [
    { name: "one", file: "a.ts", edits, tests: ["a.test.ts"] },
    { name: "another", file: "a.ts", edits, tests: ["a.test.ts"] },
  ]);
});

Deno.test("an edit takes its text as it is, and comes after the one before it", () => {
  const edits = [["a", "$&"], ["$&b", "c"]] as const;
  assert.equal(mutate("ab", mistake({ edits })), "c");
});

Deno.test("each fault that was found has a mutation that takes its mend away", async () => {
  const names = new Set(MUTATIONS.map(({ name }) => name));
  const mends = [...FOUND_FAULTS.values()];
  assert.deepEqual(mends.filter((mutation) => !names.has(mutation)), []);
  assert.equal(new Set(mends).size, mends.length);
  const proof = await Deno.readTextFile(new URL("docs/proof.md", ROOT));
  const [, table = ""] = /^\| fault, its mend taken away .*\n.*\n((?:\|.*\n)+)/m.exec(proof) ?? [];
  const told = [...table.matchAll(/^\| (.+?) +\|/gm)].map(([, fault]) => fault);
  assert.deepEqual(told, [...FOUND_FAULTS.keys()]);
});

/** What only writes, reads or formats what others decided. */
const NOT_DECIDING: ReadonlySet<string> = new Set([
  "ghost_repair.now",
  "ghost_repair.chance",
  "ghost_repair.touch_updated_at",
  "ghost_repair.note_logout",
  "ghost_repair.note_open",
  "ghost_repair.read_address",
  "ghost_repair.take_lease",
  "ghost_repair.add_event",
  "ghost_repair.digest_media",
  "ghost_repair.digest_content",
  "ghost_repair.mark_disconnected",
  "ghost_repair.tell_missing",
  "ghost_repair.close_ghost_repair",
  "ghost_repair.tell_attempts_exhausted",
  "ghost_repair.most_reconnect_attempts",
  "ghost_repair.instance_view",
  "ghost_repair.settings_view",
  "ghost_repair.attention_reason",
  "ghost_repair.told_uptimes",
  "ghost_repair.told_absences",
  "public.save_instance_credentials",
  "public.record_logout",
  "public.note_webhook_updated",
  "public.doctor_report",
  "public.suspect_session",
  "ghost_repair.told_watches",
  "ghost_repair.watch_of",
  "ghost_repair.call_due_functions",
]);

Deno.test("every SQL function that decides, and every policy, has a mistake of its own", async () => {
  const migrations = await readMigrations();
  const untried = findDefinitions(migrations).filter(({ name, file, start, end, replacedBy }) => {
    const source = migrations.get(file) ?? "";
    return !NOT_DECIDING.has(name) && replacedBy === null &&
      !MUTATIONS.some((mutation) =>
        mutation.file === file && mutation.edits.map(([from]) => source.indexOf(from))
          .some((at) => at >= start && at < end)
      );
  });
  assert.deepEqual(untried.map(({ file, name }) => `${file}: ${name}`), []);
});

Deno.test("no mistake is made in a definition that a later migration replaces", async () => {
  assert.deepEqual(findVain(MUTATIONS, await readMigrations()), []);
  const define = (name: string) =>
    `create or replace function ${name}() returns int\nas $$\n  select 1;\n$$;\n`;
  const migrations = new Map([
    ["2_new.sql", `${define("twice")}select twice();\n`],
    ["1_old.sql", define("once") + define("twice").replace("1;", "0;")],
  ]);
  const inFile = (file: string, from: string) => mistake({ name: from, file, edits: [[from, ""]] });
  const found = findVain([
    inFile("1_old.sql", "select 1;"),
    inFile("1_old.sql", "select 0;"),
    inFile("2_new.sql", "  select 1;"),
    inFile("2_new.sql", "select twice"),
  ], migrations);
  assert.deepEqual(found, ['"select 0;": 2_new.sql replaces twice of 1_old.sql']);
});

/** Every migration's text by its path. */
async function readMigrations(): Promise<ReadonlyMap<string, string>> {
  const names = (await Array.fromAsync(Deno.readDir(new URL(MIGRATIONS, ROOT)))).map(({ name }) =>
    name
  );
  return new Map(
    await Promise.all(
      names.map(async (name) =>
        [MIGRATIONS + name, await Deno.readTextFile(new URL(MIGRATIONS + name, ROOT))] as const
      ),
    ),
  );
}

/** A function, view or policy: where it stands, and the last migration that defines it anew. */
interface Definition {
  readonly file: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly replacedBy: string | null;
}

/** All of them, in the order of the migrations. */
function findDefinitions(migrations: ReadonlyMap<string, string>): Definition[] {
  const functions = /^create or replace function ([\w.]+)\([\s\S]*?\$\$;$/gm;
  const others = /^create (?:or replace view ([\w.]+)|policy "([^"]+)")[\s\S]*?;$/gm;
  const files = [...migrations].sort(([one], [other]) => one < other ? -1 : 1);
  const found = files.flatMap(([file, source]) =>
    [functions, others].flatMap((pattern) =>
      [...source.matchAll(pattern)].map(({ index, 0: { length }, 1: name, 2: policy }) => ({
        file,
        name: name ?? policy ?? "",
        start: index,
        end: index + length,
      }))
    )
  );
  const last = new Map(found.map(({ name, file }) => [name, file]));
  return found.map((definition) => {
    const file = last.get(definition.name) ?? definition.file;
    return { ...definition, replacedBy: file === definition.file ? null : file };
  });
}

/** Mistakes that change nothing, for what they edit is replaced. */
function findVain(
  mutations: readonly Mutation[],
  migrations: ReadonlyMap<string, string>,
): readonly string[] {
  const replaced = findDefinitions(migrations).filter(({ replacedBy }) => replacedBy !== null);
  return mutations.flatMap(({ name: mistake, file, edits }) =>
    edits.flatMap(([from]) => {
      const at = migrations.get(file)?.indexOf(from) ?? -1;
      return replaced.filter((old) => old.file === file && at >= old.start && at < old.end)
        .map(({ name, replacedBy }) => `"${mistake}": ${replacedBy} replaces ${name} of ${file}`);
    })
  );
}
