import assert from "node:assert/strict";
import type { Told } from "../../dev/tasks/adopt/host/host.ts";
import { type Change, showChange } from "../../dev/tasks/adopt/change.ts";
import { MANIFEST, parseManifest } from "../../dev/tasks/adopt/manifest.ts";
import { isOurs, OUR_PATHS, type OurFiles } from "../../dev/tasks/adopt/our-files.ts";
import { planAdoption, type Product } from "../../dev/tasks/adopt/plan.ts";
import { MODULE, readSourceFile, REPAIR } from "../../dev/tasks/adopt/project/read-functions.ts";
import type { Project } from "../../dev/tasks/adopt/project/read-project.ts";
import { planUndo } from "../../dev/tasks/adopt/undo.ts";
import { givenProject, SENDER, TABLE } from "./given-project.ts";

const PRODUCT: Product = {
  version: "1",
  sql: {
    time: "-- time",
    ghostRepair: "-- public.whatsapp_instances, public.instance_events",
    ladder: ["create or replace function public.lease_due_repairs()", "-- private.gateways"],
  },
  module: "// module 1",
  repair: "// repair 1",
  webhook: "// webhook 1",
  ladder: "// ladder 1",
};
const NOW = new Date("2026-11-27T12:00:00Z");
const LATER = new Date("2026-12-01T00:00:00Z");
const NO_FILES = { module: null, repair: null, webhook: null, ladder: null, manifest: null };
const NOTHING = { manifest: null, files: NO_FILES, now: NOW };
const WISHES = { told: {}, except: [], ladder: false };

/** The project after the changes, and what is there of ours. */
function after(project: Project, changes: readonly Change[]) {
  const files = new Map(project.files);
  const migrations = new Map(project.migrations);
  const ours: Record<string, string | null> = {};
  for (const { path, after } of changes) {
    const migration = /^supabase\/migrations\/(.*)$/.exec(path)?.[1];
    ours[path] = after;
    if (migration !== undefined) {
      if (after === null) migrations.delete(migration);
      else migrations.set(migration, after);
    } else if (path.endsWith(".ts") && !isOurs(path)) {
      files.set(path, readSourceFile(path, after!));
    }
  }
  return {
    project: { ...project, files, migrations },
    manifest: parseManifest(ours[MANIFEST]!),
    files: Object.fromEntries(
      Object.entries(OUR_PATHS).map(([name, path]) => [name, ours[path] ?? null]),
    ) as OurFiles,
  };
}

/** Adopts a project: the changes, and the project after them. */
function adopted(first: Project, wishes: Partial<typeof WISHES & { told: Told }> = {}) {
  const { changes } = planAdoption(first, { ...WISHES, ...wishes }, PRODUCT, NOTHING);
  return { changes, ...after(first, changes) };
}

type Adopted = ReturnType<typeof adopted>;

/** What a later run would change. */
const again = ({ project, manifest, files }: Adopted, product = PRODUCT, now = NOW) =>
  paths(planAdoption(project, WISHES, product, { manifest, files, now }).changes);

const UNDO = { pushed: false, dropData: false, now: NOW };
const undo = ({ project, manifest, files }: Adopted, options = UNDO) =>
  planUndo(project, manifest, { ...options, files });

const paths = (changes: readonly Change[]) => changes.map(({ path }) => path);

Deno.test("an adoption is one line in each file that sends, and four files of its own", async () => {
  const { changes } = planAdoption(await givenProject(), WISHES, PRODUCT, NOTHING);
  assert.deepEqual(paths(changes), [
    ...[SENDER, MODULE, REPAIR, MANIFEST],
    "supabase/migrations/20261127120000_adopt_ghost_repair.sql",
  ]);
  const lines = (text: string) => text.split("\n").length;
  assert.equal(lines(changes[0]!.after!), lines(changes[0]!.before!) + 1);
  const sql = changes.at(-1)!.after!;
  assert.match(sql, /-- ghost_repair\.numbers, ghost_repair\.events/);
  assert.match(sql, /references "public"\."whatsapp_instances"/);
});

Deno.test("the migration is later than the project's last one, whatever today is", async () => {
  const project = await givenProject();
  const migrations = new Map([...project.migrations, ["20270101000000_future.sql", ""]]);
  const { changes } = planAdoption({ ...project, migrations }, WISHES, PRODUCT, NOTHING);
  assert.match(changes.at(-1)!.path, /20270101000001_adopt_ghost_repair\.sql$/);
});

Deno.test("a second run does nothing, a newer version writes what is new, and asks nothing again", async () => {
  const told = { connected: ["connected"], disconnected: "disconnected" };
  const first = adopted(await givenProject(), { told });
  assert.deepEqual(first.manifest.told, told);
  assert.deepEqual(again(first), []);
  assert.deepEqual(again(first, { ...PRODUCT, version: "2", module: "// 2" }), [MODULE, MANIFEST]);
  const { project, manifest, files } = first;
  const product = { ...PRODUCT, sql: { ...PRODUCT.sql, time: "-- other time" } };
  const { changes } = planAdoption(project, WISHES, product, { manifest, files, now: LATER });
  assert.deepEqual(paths(changes), [
    MANIFEST,
    "supabase/migrations/20261201000000_adopt_ghost_repair.sql",
  ]);
  assert.deepEqual(parseManifest(changes[0]!.after!).migrations, [
    "20261127120000_adopt_ghost_repair.sql",
    "20261201000000_adopt_ghost_repair.sql",
  ]);
});

Deno.test("a sender that came later gets its line, and nothing else changes", async () => {
  const first = adopted(await givenProject());
  const path = "supabase/functions/later/index.ts";
  const text = `await fetch("https://e.example/message/sendText/x");\n`;
  first.project.files.set(path, readSourceFile(path, text));
  assert.deepEqual(again(first), [path, MANIFEST]);
});

Deno.test("undone before a push, everything is to the byte as it was", async () => {
  const first = await givenProject();
  const changes = undo(adopted(first));
  for (const { path, after } of changes) {
    assert.equal(after, first.files.get(path)?.text ?? null, path);
  }
  assert.equal(changes.length, 5);
});

for (const dropData of [false, true]) {
  Deno.test(`undone after a push, the migration stays and a new one drops ${dropData ? "all" : "all but the data"}`, async () => {
    const first = adopted(await givenProject());
    const changes = undo(first, { pushed: true, dropData, now: LATER });
    const { path, after: sql } = changes.at(-1)!;
    assert.equal(path, "supabase/migrations/20261201000000_undo_adopt_ghost_repair.sql");
    assert.match(
      sql!,
      /drop trigger if exists ghost_repair_reported_open on "public"\."whatsapp_instances"/,
    );
    assert.equal(/drop schema if exists ghost_repair cascade/.test(sql!), dropData);
    assert.equal(changes.some((change) => change.path.includes("20261127120000")), false);
  });
}

const RECONNECT = "supabase/functions/reconnect/index.ts";
const HOOK = "supabase/functions/hook/index.ts";

/** A project with an auto-reconnect and a webhook, which sends, too. */
const withReconnect = async () => {
  const { files } = await givenProject();
  return await givenProject(TABLE, {
    [SENDER]: files.get(SENDER)!.text,
    [RECONNECT]: `const dead = await db.from("whatsapp_instances").select()
  .eq("status", "disconnected");
await fetch(url + "/instance/connect/" + name);\n`,
    [HOOK]: `serve(async (req) => {
  const body = await req.json();
  if (body.event === "connection.update") return;
  await fetch(url + "/message/sendText/" + body.instance);
});\n`,
  });
};

Deno.test("with the ladder come two files, a filter and a line, and all of it goes again", async () => {
  const theirs = await withReconnect();
  const first = adopted(theirs, { ladder: true });
  const { changes } = first;
  assert.deepEqual(paths(changes), [
    ...[RECONNECT, HOOK, SENDER, MODULE, REPAIR, OUR_PATHS.webhook, OUR_PATHS.ladder, MANIFEST],
    "supabase/migrations/20261127120000_adopt_ghost_repair.sql",
  ]);
  assert.match(changes[0]!.after!, /\.select\(\)\.eq\("ghost_repair_open", false\)\n/);
  assert.match(changes[1]!.after!, /^import \{ fetch \}[\s\S]*report\(body\)\);\n {2}if/);
  const sql = changes.at(-1)!.after!;
  assert.match(sql, /-- ghost_repair\.gateways/);
  assert.match(sql, /'lease_due_repairs',/);
  // What was wished for once stays, and nothing is added twice.
  assert.deepEqual(again(first), []);
  const undone = undo(first);
  assert.equal(undone.length, 9);
  for (const { path, after } of undone) {
    assert.equal(after, theirs.files.get(path)?.text ?? null, path);
  }
});

Deno.test("a ladder is refused where there is a function of its name, and a key's place without one", async () => {
  const project = await withReconnect();
  const theirs = { ...NOTHING, files: { ...NO_FILES, ladder: "// theirs" } };
  assert.throws(
    () => planAdoption(project, { ...WISHES, ladder: true }, PRODUCT, theirs),
    /you have one of that name/,
  );
  assert.throws(
    () => planAdoption(project, { ...WISHES, told: { keyFrom: "send" } }, PRODUCT, NOTHING),
    /--key-from goes with --ladder/,
  );
});

const OLD = `import x from "./x.ts";
export async function handleConnectionClosed(
  suspicion: Suspicion,
  effects: RepairEffects,
): Promise<RepairResult> {
  const claim = await attempt("claim", effects, effects.claim);
}
`;

Deno.test("the patch that was taken by hand is taken over, and given back", async () => {
  // Its words are nowhere in the code: the copy itself wrote them, in SQL.
  const base = await givenProject(TABLE.replace(/check .*\)\)/, ""));
  const copy = "supabase/functions/send/connection-closed.ts";
  const client = "supabase/functions/_shared/gateway/client.ts";
  const sends = `export const send = (fetch) => fetch("/message/sendText/x");`;
  const more = [[copy, OLD], [client, sends]] as const;
  const first = {
    ...base,
    files: new Map([
      ...base.files,
      ...more.map(([path, text]) => [path, readSourceFile(path, text)] as const),
    ]),
  };
  const plan = planAdoption(first, WISHES, PRODUCT, NOTHING);
  assert.deepEqual(plan.senders.map(({ path }) => path), [SENDER]);
  assert.deepEqual([plan.host.connected, plan.host.disconnected], [["connected"], "disconnected"]);
  const change = plan.changes.find(({ path }) => path === copy)!;
  assert.match(change.after!, /reason: "taken_over"[\s\S]*const claim/);
  const taken = adopted(first);
  assert.deepEqual(again(taken), []);
  assert.equal(undo(taken).find(({ path }) => path === copy)?.after, OLD);
});

Deno.test("a file that is to be left out and is not there is refused", async () => {
  const project = await givenProject();
  assert.throws(
    () =>
      planAdoption(project, { ...WISHES, except: ["supabase/functions/x.ts"] }, PRODUCT, NOTHING),
    /there is no such file/,
  );
});

Deno.test("what changes is shown as a diff, what is new as a line", () => {
  const before = "a\nb\nc\nd\ne\n";
  assert.equal(
    showChange({ path: "x.ts", before, after: "a\nb\nc\nNEW\nd\ne\n" }),
    "--- a/x.ts\n+++ b/x.ts\n@@ -2,4 +2,5 @@\n b\n c\n+NEW\n d\n e",
  );
  assert.equal(
    showChange({ path: "x.ts", before, after: "NEW\na\nb\nc\nd\nE\n" }),
    "--- a/x.ts\n+++ b/x.ts\n@@ -1,2 +1,3 @@\n+NEW\n a\n b\n@@ -3,3 +4,3 @@\n c\n d\n-e\n+E",
  );
  assert.equal(
    showChange({ path: "x.ts", before, after: "f\n".repeat(60) }),
    "changed x.ts (5 lines taken out, 60 put in)",
  );
  assert.equal(showChange({ path: "x.ts", before: null, after: before }), "new     x.ts (5 lines)");
  assert.equal(showChange({ path: "x.ts", before, after: null }), "deleted x.ts (5 lines)");
});
