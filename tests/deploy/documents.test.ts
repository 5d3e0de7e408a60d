import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runStatements } from "../../dev/platform/database/sql-file.ts";
import { MIGRATIONS } from "../../dev/platform/database/migrate.ts";
import { companyTest, ownCompanyTest } from "../support/database.ts";
import { createVault } from "../support/stand-in-scheduler.ts";
import {
  commandsOf,
  documentedBlocks,
  documents,
  readDocument,
  ROOT,
} from "./support/documents.ts";

/** What people fill in. */
const FILLED_IN:
  readonly (readonly [RegExp, (company: Readonly<Record<string, string>>) => string])[] = [
    [/<organization id>/g, (company) => company["organizationId"]!],
    [/<email>/g, (company) => company["email"]!],
    [/<(?:instance id|the instance's id)>/g, (company) => company["instanceId"]!],
  ];

ownCompanyTest("every statement of the documents runs on the migrated database", async (db) => {
  await createVault(db.sql, {});
  await db.sql.unsafe(`
    alter table vault.secrets add column id uuid default gen_random_uuid();
    create function vault.create_secret(new_secret text, new_name text) returns uuid
    language sql as 'insert into vault.secrets (name, secret) values ($2, $1) returning id';
    create function vault.update_secret(secret_id uuid, new_secret text) returns void
    language sql as 'update vault.secrets set secret = $2 where id = $1'`).simple();
  const blocks = (await documentedBlocks("sql")).filter(({ about }) => about !== "adopt");
  assert.ok(blocks.length >= 15, `${blocks.length} blocks`);
  for (const { document, text } of blocks) {
    const company = { ...db.company };
    // A number that is described as new must not be there yet.
    if (text.includes("insert into public.whatsapp_instances")) {
      company.instanceId = crypto.randomUUID();
    }
    const filled = FILLED_IN.reduce((sql, [what, by]) => sql.replace(what, by(company)), text);
    const undo = new Error("undo");
    await db.sql.begin(async (transaction) => {
      await runStatements(transaction, `${document}:\n${filled}`, filled);
      throw undo;
    }).catch((error) => {
      if (error !== undo) throw error;
    });
  }
});

companyTest("the first query of the night names who needs a person, and why", async (db) => {
  const blocks = await documentedBlocks("sql");
  const [night] = blocks.filter(({ document }) => document === "docs/operations.md");
  assert.ok(night);
  assert.equal((await db.sql.unsafe(night.text)).length, 0);
  await db.sql`update public.whatsapp_instances set
  status = 'disconnected', disconnected_since = ghost_repair.now() where id = ${db.instanceId}`;
  await db.sql`insert into public.ghost_repairs
    (instance_id, organization_id, state, step, restart_called_at, evidence)
  values (${db.instanceId}, ${db.company.organizationId}, 'needs_operator', 'needs_operator',
    ghost_repair.now(), '{"reason": "steps_used_up"}')`;
  const [row, ...more] = await db.sql.unsafe(night.text);
  assert.equal(more.length, 0);
  assert.partialDeepStrictEqual({ ...row }, {
    instance_name: "atendimento",
    health: "needs_operator",
    reason: "steps_used_up",
    restart_tried: true,
    logout_tried: false,
  });
});

/** Commands that run anywhere, and what proves that they do. */
const COMMANDS: readonly (readonly [RegExp, (match: RegExpExecArray) => Promise<void>])[] = [
  [/^(?:[A-Z_]+=\S+ )*npx -y deno@2 task ([\w:]+)(.*)$/, async ([, task, rest]) => {
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    assert.ok(task! in tasks, `no task ${task}`);
    for (const argument of rest!.trim().split(/\s+/)) await assertPath(argument);
  }],
  [/^npx -y deno@2 test -A (.+)$/, async ([, paths]) => {
    for (const path of paths!.split(/\s+/)) await assertPath(path);
  }],
  [/^npx (?:-y )?supabase(?:@3\.1\.0)? (?:link|db push|secrets set|functions deploy)\b/, needs],
  [/^curl .*"\$EVOLUTION\/(?:instance|message|chat)\//, needs],
];

/** Of a gateway or a hosted project, in a document that says so around it. */
async function needs(): Promise<void> {}

/** Paths among a command's arguments lead somewhere. */
async function assertPath(argument: string): Promise<void> {
  if (/^(tests|dev|docs|supabase)\//.test(argument)) await Deno.stat(new URL(argument, ROOT));
}

Deno.test("every command of the documents is known to run, or marked as needing a project", async () => {
  let known = 0;
  for (const { document, about, text } of await documentedBlocks("sh")) {
    // `adopt`: run by tests/deploy/adopt.ts. `hosted`: needs a project of the reader's.
    if (about === "adopt" || about === "hosted") continue;
    for (const command of commandsOf(text)) {
      const match = COMMANDS.map(([pattern, prove]) => ({ found: pattern.exec(command), prove }))
        .find(({ found }) => found !== null);
      assert.ok(match, `${document}: nobody has ever run "${command}"`);
      await match.prove(match.found!);
      known++;
    }
  }
  assert.ok(known >= 8, `${known} commands`);
});

Deno.test("every link of the documents leads to a file, and to a heading in it", async () => {
  for (const document of documents()) {
    const text = await readDocument(document);
    for (const [, target] of text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)) {
      const [path = "", anchor] = target!.split("#");
      const file = new URL(path === "" ? document : path, new URL(document, ROOT));
      const stat = await Deno.stat(path === "" ? new URL(document, ROOT) : file).catch(() => null);
      assert.ok(stat, `${document}: ${target} leads nowhere`);
      if (anchor === undefined) continue;
      const whole = path === "" ? text : await Deno.readTextFile(file);
      const anchors = [...whole.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
        heading!.toLowerCase().replace(/[^\p{L}\p{N} -]/gu, "").replaceAll(" ", "-")
      );
      assert.ok(anchors.includes(anchor), `${document}: no heading for ${target}`);
    }
  }
});

for (const page of ["adopt", "operations"]) {
  Deno.test(`${page} says the same in Portuguese: headings, statements, tables by their codes`, async () => {
    const [english, portuguese] = await Promise.all([
      outline(`docs/${page}.md`),
      outline(`docs/pt-BR/${page}.md`),
    ]);
    assert.deepEqual(portuguese, english);
  });
}

/** What is the same in every language: how headings nest, what is run, the codes that rows begin with. */
async function outline(document: string) {
  const text = await readDocument(document);
  const outside = text.replaceAll(/^ *```.*?^ *```$/gms, "");
  const blocks = (await documentedBlocks("sql")).filter((block) => block.document === document);
  return {
    headings: [...outside.matchAll(/^(#+) /gm)].map(([, level]) => level),
    fences: [...text.matchAll(/^ *```(\w+)/gm)].map(([, language]) => language),
    statements: blocks.map((block) => block.text),
    rows: [...outside.matchAll(/^\| *(`[^|]*?)? *[^|]*\|/gm)].map(([, codes = ""]) =>
      [...codes.matchAll(/`[^`]+`/g)].map(([code]) => code)
    ),
  };
}

Deno.test("every kind of event is described, and none that does not exist", async () => {
  const written = new Set<string>();
  for (const { name } of Deno.readDirSync(MIGRATIONS)) {
    const sql = await Deno.readTextFile(new URL(name, MIGRATIONS));
    for (const [, kind] of sql.matchAll(/add_(?:repeated_)?event\(\s*[\w.]+,\s*'(\w+)'/g)) {
      written.add(kind!);
    }
  }
  // By a variable: what the verbs of a repair, a suspicion and `add_reconnect_event` are told, and the
  // three of a version.
  const byVariable = [
    "logout",
    "verified",
    "false_alarm",
    "suspected",
    "watch_dead",
    "reconnect",
    "not_found",
    "restart_requested",
    "recreating",
    "gateway_version",
  ];
  for (const kind of [...byVariable, "logout_unsafe_here"]) written.add(kind);
  const operations = await readDocument("docs/operations.md");
  const [, table = ""] = /^## Events\n(.*?)^## /ms.exec(operations) ?? [];
  const described = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, kind]) => kind);
  assert.deepEqual(described.sort(), [...written].sort());
});

Deno.test("every log event is described, and none that does not exist", async () => {
  const written = new Set<string>();
  const { stdout } = await new Deno.Command("grep", {
    args: [
      "-rhozE",
      `write\\(\\s*[^;]{0,120}|faultEvent: "[a-z_]+"`,
      fileURLToPath(new URL("supabase/functions", ROOT)),
    ],
  }).output();
  const levels = new Set(["debug", "info", "warn", "error"]);
  for (const call of new TextDecoder().decode(stdout).split("\0")) {
    // What takes turns is told the event of its faults.
    const [, fault] = /^faultEvent: "([a-z_]+)"/.exec(call) ?? [];
    if (fault !== undefined) written.add(fault);
    const [level, ...events] = [...call.matchAll(/"([a-z]+(?:_[a-z]+)*)"/g)].map(([, word]) =>
      word!
    );
    if (level === undefined || !levels.has(level)) continue;
    // The event, or both of a choice between two.
    const [first, second] = events;
    if (first !== undefined && !levels.has(first)) written.add(first);
    if (/\?\s*"/.test(call.split("{")[0]!) && second !== undefined) written.add(second);
  }
  const operations = await readDocument("docs/operations.md");
  const [, table = ""] = /^## The log\n(.*)/ms.exec(operations) ?? [];
  const described = [...table.matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map(([, event]) => event!)
  );
  assert.deepEqual(described.sort(), [...written].sort());
});

Deno.test("every secret is in the table of how it is changed, beside a test that is there", async () => {
  const environment = await Deno.readTextFile(
    new URL("supabase/functions/_shared/runtime/environment.ts", ROOT),
  );
  const variables = [...environment.matchAll(/^ {2}(\w+(?:SECRET|TOKEN|KEYS?)):/gm)]
    .map(([, name]) => name!);
  const columns: string[] = [];
  for (const { name } of Deno.readDirSync(MIGRATIONS)) {
    const sql = await Deno.readTextFile(new URL(name, MIGRATIONS));
    for (const [table] of sql.matchAll(/create table if not exists private\.[^;]*;/g)) {
      for (const [, column] of table.matchAll(/^ {2}(\w*(?:secret|token|key)) text/gm)) {
        if (!column!.startsWith("previous_")) columns.push(column!);
      }
    }
  }
  const security = await readDocument("docs/security.md");
  const [, table = ""] = /^## Changing a secret\n(.*?)^### /ms.exec(security) ?? [];
  assert.ok(variables.length >= 8 && columns.length >= 4, `${variables} ${columns}`);
  for (const name of [...variables, ...new Set(columns)]) {
    assert.ok(table.includes(`\`${name}\``), name);
  }
  for (const [, test] of table.matchAll(/`(tests\/[^`]+)`/g)) await Deno.stat(new URL(test!, ROOT));
});

Deno.test("the workflow runs what anybody runs", async () => {
  const workflow = await Deno.readTextFile(new URL(".github/workflows/ci.yml", ROOT));
  const runs = [...workflow.matchAll(/^\s*- run: (.+)$/gm)].map(([, command]) => command);
  assert.deepEqual(runs, [".ci/run", "npx -y deno@2 task demo"]);
  assert.ok(((await Deno.stat(new URL(".ci/run", ROOT))).mode! & 0o100) !== 0);
});
