import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import postgres from "postgres";
import { migrate } from "../../dev/platform/database/migrate.ts";
import { adoptDatabase, adoptedTest } from "../adopt/adopted-world.ts";
import { KINDS, type ProjectKind } from "../adopt/projects.ts";
import { takeOver } from "../../dev/tasks/adopt/older-patch.ts";
import { MODULE, readSourceFile, REPAIR } from "../../dev/tasks/adopt/project/read-functions.ts";
import { undoMigration } from "../../dev/tasks/adopt/undo.ts";
import { checkTypes } from "../../dev/tasks/adopt/type-check.ts";
import type { TestDatabase } from "../support/database.ts";
import { installStandIn } from "../support/stand-in-scheduler.ts";
import { foreignTest } from "./support/foreign-test.ts";
import {
  debianPostgresMissing,
  installCron,
  startDebianPostgres,
} from "./support/debian-postgres.ts";
import { checkUpload } from "./support/deployed-function.ts";
import { copyProject, prepareDatabase, push, startProject } from "./support/adopted-project.ts";
import { cliDatabaseTest, cliTest, deployFunctions } from "./support/supabase-cli.ts";

type Files = ReadonlyMap<string, string>;

/** None of their files is longer by more than a line. */
function assertOneLineMore(theirs: Files, now: Files): void {
  const lines = (text: string) => text.split("\n").length;
  for (const [path, before] of theirs) {
    assert.ok(lines(now.get(path)!) - lines(before) <= 1, path);
  }
}

for (const kind of KINDS) {
  const name = `adopted, pushed, repaired and taken back: ${kind.about}`;
  await cliDatabaseTest(name, (db) => theWholeWay(db, kind));
}

async function theWholeWay(db: TestDatabase, kind: ProjectKind): Promise<void> {
  const copy = await copyProject(kind);
  try {
    const theirs = await copy.files();
    // What they have is deployed.
    await prepareDatabase(db);
    await deploy(db, copy.folder);

    const adopted = await copy.adopt();
    assert.equal(adopted.code, 0, adopted.said);
    assert.match(adopted.said, /no new mistake/);
    const now = await copy.files();
    assertOneLineMore(theirs, now);
    assert.equal(now.size, theirs.size + 4);

    await push(db, copy.folder);
    // This clock is a real one.
    await db.sql`update ghost_repair.settings set confirm_at_ms = '{20,300,1500}'`;
    const project = await startProject(db, kind, copy.folder);
    try {
      const ghost = await project.addNumber("vendas");
      const state = async (id: string) =>
        (await db.sql.unsafe<{ state: unknown }[]>(kind.state, [id]))[0]!.state;
      project.gateway.control.ghost("vendas", "A2");
      const repaired = project.repairSays(/not_invalidated/);
      await Promise.all(Array.from(
        { length: 50 },
        (_, n) => project.send(n % 2 === 0 ? "text" : "media", ghost),
      ));
      await repaired;
      assert.equal(project.logouts("vendas"), 1);
      assert.equal(await state(ghost), kind.dead);

      const blip = await project.addNumber("blip");
      // Closed at the send, and back before the first probe, however slow this machine is.
      const closed = { response: { message: ["Error: Connection Closed"] } };
      project.gateway.control.fault("sendMedia", { status: 400, body: closed });
      const spared = project.repairSays(/false_alarm/);
      await project.send("media", blip);
      await spared;
      assert.equal(project.logouts("blip"), 0);
    } finally {
      await project.close();
    }

    const undone = await copy.adopt("--undo", "--pushed", "--drop-data");
    assert.equal(undone.code, 0, undone.said);
    const left = await copy.files();
    for (const [path, before] of theirs) assert.equal(left.get(path), before, path);
    await deploy(db, copy.folder);
    const [ours] = await db.sql<{ n: number }[]>`
      select count(*)::int as n from pg_proc p join pg_namespace s on s.oid = p.pronamespace
      where s.nspname = 'ghost_repair' or p.proname like '%ghost%'`;
    assert.equal(ours!.n, 0);
    const triggers = await db.sql`select from pg_trigger where tgname like 'ghost_repair%'`;
    assert.equal(triggers.length, 0);
  } finally {
    await copy.remove();
  }
}

/** As the CLI does it, without its seconds: what is tried with it is the push of what was written. */
const deploy = (db: TestDatabase, folder: string) =>
  migrate(db.url, pathToFileURL(join(folder, "supabase/migrations/")));

const [mission] = KINDS;

Deno.test("looked at first, adopted, looked at again, and undone before a push: to the byte", async () => {
  const copy = await copyProject(mission!);
  try {
    const theirs = await copy.files();
    const run = async (words: RegExp, ...options: readonly string[]) => {
      const { code, said } = await copy.adopt(...options);
      assert.equal(code, 0, said);
      assert.match(said, words);
    };
    await run(/\+import \{ fetch \}[\s\S]*nothing was written/, "--check");
    assert.deepEqual(await copy.files(), theirs);
    await run(/next:[\s\S]*functions deploy evolution-api /);
    const files = await copy.files();
    const imports = [MODULE, REPAIR].flatMap((path) =>
      [...files.get(path)!.matchAll(/\bfrom "[^"\n]+";$|\bimport\("[^"]+"\)/gm)].map(([found]) =>
        found
      )
    );
    assert.deepEqual(new Set(imports), new Set([`import("./repair.ts")`]), "it stands alone");
    await run(/nothing to do/);
    await run(/5 file\(s\) changed/, "--undo");
    assert.deepEqual(await copy.files(), theirs);
    const refused = await copy.adopt("--table", "nowhere");
    assert.equal(refused.code, 1);
    assert.match(refused.said, /^adopt: no migration makes .* Nothing was changed\.$/m);
    assert.deepEqual(await copy.files(), theirs);
  } finally {
    await copy.remove();
  }
});

for (const kind of KINDS) {
  // The mission's own: below, pushed.
  if (kind.name === "mission") continue;
  const has = kind.name === "environment-key" || kind.name === "checked-words";
  Deno.test(`--ladder ${has ? "and back to the byte" : "is refused, and nothing has changed"}: ${kind.about}`, async () => {
    const copy = await copyProject(kind);
    try {
      const theirs = await copy.files();
      const { code, said } = await copy.adopt("--ladder");
      if (has) {
        assert.equal(code, 0, said);
        assert.match(said, /^\+.*\.eq\(["']ghost_repair_open["'], false\)/m);
        assert.match(said, / void import\(["']\.\.\/_shared\/ghost-repair\/webhook\.ts["']\)/);
        assert.match(said, /no new mistake/);
        const now = await copy.files();
        assertOneLineMore(theirs, now);
        assert.equal(now.size, theirs.size + 6);
        assert.equal((await copy.adopt("--undo")).code, 0);
      } else {
        assert.equal(code, 1, said);
        assert.match(said, /^adopt: --ladder needs the query .* Nothing was changed\.$/m);
      }
      assert.deepEqual(await copy.files(), theirs);
    } finally {
      await copy.remove();
    }
  });
}

await cliDatabaseTest("adopted with --ladder, pushed, called and taken back", theLadder);

const cronMissing = await debianPostgresMissing();
foreignTest(
  "the real pg_cron takes an adopted ladder's job, and loses it when it is taken back",
  cronMissing,
  async () => {
    const server = await startDebianPostgres();
    const [name, url] = ["postgres", server.url("postgres")];
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    try {
      await installStandIn(server, "pg_net");
      await installCron(server);
      const adopted = await adoptDatabase({ server, name, url, sql }, mission!, { ladder: true });
      const jobs = () => sql`select schedule, command from cron.job`;
      // pg_cron 1.4 knows minutes alone.
      assert.deepEqual([...await jobs()], [
        { schedule: "* * * * *", command: "select ghost_repair.call_ladder()" },
      ]);
      const [tick] = await sql`select public.ghost_repair_tick('') as told`;
      assert.deepEqual(tick!["told"], { allowed: false, key_variable: null, scheduled: true });
      await sql.unsafe(undoMigration("public.whatsapp_instances", [adopted], true)).simple();
      assert.deepEqual([...await jobs()], []);
    } finally {
      await sql.end({ timeout: 2 });
      await server.stop();
    }
  },
);

/** Asks again and again, for ten seconds at most. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; !await holds(); look++) {
    assert.ok(look < 200, "never");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function theLadder(db: TestDatabase): Promise<void> {
  const copy = await copyProject(mission!);
  try {
    await prepareDatabase(db);
    await deploy(db, copy.folder);
    const theirs = await copy.files();
    const adopted = await copy.adopt("--ladder");
    assert.equal(adopted.code, 0, adopted.said);
    const now = await copy.files();
    assertOneLineMore(theirs, now);
    await push(db, copy.folder);
    await db.sql`update ghost_repair.settings set confirm_at_ms = '{20,300}', handover = '0'`;
    const others = ["advance-ghost-repairs", "auto-reconnect-instances", "evolution-webhook"];
    const project = await startProject(db, mission!, copy.folder, others);
    try {
      const id = await project.addNumber("vendas");
      project.gateway.control.ghost("vendas", "H1");
      const repaired = project.repairSays(/not_invalidated/);
      await project.send("text", id);
      await repaired;
      // Their auto-reconnect does not find the number, although its registry says open.
      const status = async () =>
        (await db.sql`select status from public.whatsapp_instances where id = ${id}`)[0]!["status"];
      const [code, body] = await project.call("auto-reconnect-instances", {});
      assert.equal(code, 200, body);
      assert.equal(await status(), "disconnected");
      // Their webhook writes what it always wrote, and the ladder knows of it.
      const update = { event: "connection.update", instance: "vendas" };
      await project.call("evolution-webhook", {
        body: JSON.stringify({ ...update, data: { state: "connecting" } }),
      });
      const signals = async () =>
        (await db.sql`select seen from ghost_repair.connecting_signals`).length;
      await until(async () => await signals() === 1);

      assert.equal((await project.call("advance-ghost-repairs", {}))[0], 401);
      // Back by itself: the ladder's probe finds out.
      project.gateway.control.restartProcess();
      await until(() => project.gateway.control.inspect("vendas").socket === "open");
      const [scheduler] = await db.sql`select secret from ghost_repair.scheduler`;
      const ticked = await project.call("advance-ghost-repairs", {
        headers: { "x-cron-secret": scheduler!["secret"] },
      });
      assert.deepEqual([ticked[0], JSON.parse(ticked[1]).healed], [200, 1]);
      assert.equal(await status(), "connected");
    } finally {
      await project.close();
    }
    assert.equal((await copy.adopt("--undo", "--pushed")).code, 0);
    await deploy(db, copy.folder);
    const [left] = await db.sql<{ n: number }[]>`
      select count(*)::int as n from pg_proc p join pg_namespace s on s.oid = p.pronamespace
      where s.nspname = 'public' and p.prosecdef`;
    assert.equal(left!.n, 0);
    const [kept] = await db.sql<{ events: number; keys: number; triggers: number }[]>`
      select (select count(*)::int from ghost_repair.events) as events,
        (select count(*)::int from ghost_repair.credentials) as keys,
        (select count(*)::int from pg_trigger where tgname like 'ghost_repair%') as triggers`;
    assert.ok(kept!.events > 0);
    assert.deepEqual([kept!.keys, kept!.triggers], [0, 0]);
  } finally {
    await copy.remove();
  }
}

await cliTest("what the CLI uploads of an adopted function is complete", async () => {
  const copy = await copyProject(mission!);
  try {
    const adopted = await copy.adopt("--ladder");
    assert.equal(adopted.code, 0, adopted.said);
    const uploads = await deployFunctions(copy.folder);
    const expected = {
      "evolution-api": ["/ghost-repair/fetch.ts", "/ghost-repair/repair.ts"],
      "evolution-webhook": ["/ghost-repair/webhook.ts"],
      "advance-ghost-repairs": ["/advance-ghost-repairs/index.ts"],
    };
    for (const [name, ends] of Object.entries(expected)) {
      const files = [...uploads.get(name)!.files.keys()];
      for (const end of ends) assert.ok(files.some((path) => path.endsWith(end)), end);
    }
    assert.equal(await checkUpload(uploads.get("evolution-api")!), null);
  } finally {
    await copy.remove();
  }
});

Deno.test("what a change would break in a function is found in a copy, and its own mistakes are not", async () => {
  const copy = await copyProject(mission!);
  try {
    const sender = "supabase/functions/evolution-api/index.ts";
    const file = join(copy.folder, sender);
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, `${text}\nconst theirs: number = "wrong";\n`);
    const before = await copy.files();
    const { checked, broken: found, unwell } = await checkTypes(copy.folder, [sender], [
      {
        path: sender,
        before: before.get(sender)!,
        after: `\n${before.get(sender)!}\nconst one: string = 1;\n`,
      },
    ]);
    assert.deepEqual([checked, unwell], [[sender], [sender]]);
    assert.deepEqual(found, [
      `${sender}: TS2322 [ERROR]: Type 'number' is not assignable to type 'string'.`,
    ]);
    assert.deepEqual(await copy.files(), before);

    // What is put into a copy of 0.1.0's patch breaks nothing, whatever stands behind it.
    const old = "supabase/functions/evolution-api/connection-closed.ts";
    await Deno.writeTextFile(join(copy.folder, old), OLD_PATCH);
    const { changes } = takeOver(new Map([[old, readSourceFile(old, OLD_PATCH)]]));
    assert.deepEqual((await checkTypes(copy.folder, [old], changes)).broken, []);
    assert.equal(changes.length, 1);
  } finally {
    await copy.remove();
  }
});

/** As far as types go. */
const OLD_PATCH = `type RepairResult = { outcome: "skipped"; reason: string };
interface Effects {
  claim(): Promise<{ claimed: boolean; token: string }>;
  failMessage(): Promise<void>;
}
async function attempt<T>(_: string, _effects: Effects, run: () => Promise<T>): Promise<T | null> {
  return await run();
}
export async function handleConnectionClosed(effects: Effects): Promise<RepairResult> {
  const claim = await attempt("claim", effects, effects.claim);
  return { outcome: "skipped", reason: claim!.token };
}
`;

adoptedTest(
  "of a hundred ghosts a hundred are logged out, although a cron reports all of them open meanwhile",
  mission!,
  async (project, sql) => {
    // The database's clock is a real one, and a busy machine needs longer than a claim is fresh.
    await sql`update ghost_repair.settings set claim_grace = '10 minutes'`;
    const names = Array.from({ length: 100 }, (_, index) => `n-${index}`);
    for (const name of names) {
      await project.addNumber(name);
      project.gateway.control.ghost(name, "A2");
    }
    // As often as their cron runs: once within the probes, for all of them.
    let minute: Promise<unknown> | undefined;
    project.hooks.onProbe = async () =>
      void await (minute ??= sql`update public.whatsapp_instances set status = 'connected'`);
    await project.sendAll(names);
    const logouts = names.map((name) => project.logouts(name));
    assert.deepEqual(logouts, names.map(() => 1), [...new Set(project.lines)].join());
    const states = await sql`select distinct status from public.whatsapp_instances`;
    assert.deepEqual([...states], [{ status: "disconnected" }]);
  },
);
