import assert from "node:assert/strict";
import { findHost } from "../../dev/tasks/adopt/host/find-host.ts";
import type { KeySource } from "../../dev/tasks/adopt/host/host.ts";
import { findKeySource } from "../../dev/tasks/adopt/ladder/key-source.ts";
import {
  addFilters,
  filteredRelations,
  findReconnectQueries,
  removeFilters,
} from "../../dev/tasks/adopt/ladder/reconnect-filter.ts";
import { addWebhookLine, removeWebhookLine } from "../../dev/tasks/adopt/ladder/webhook-line.ts";
import { readSourceFile } from "../../dev/tasks/adopt/project/read-functions.ts";
import { Refusal } from "../../dev/tasks/adopt/refusal.ts";
import { givenProject, SENDER, TABLE } from "./given-project.ts";

const PATH = "supabase/functions/reconnect/index.ts";
const CONNECTS = "await fetch(`${url}/instance/connect/${name}`);\n";
const VIEW = `${TABLE}
  create view public.lines as select i.id as line_id, i.instance_name, i.status as state
  from public.whatsapp_instances i;`;

/** The file with the filter in it; null: refused. */
async function filtered(text: string, sql = TABLE): Promise<string | null> {
  const { schema, files } = await givenProject(sql);
  const host = findHost(schema, files.values(), {});
  const file = readSourceFile(PATH, text);
  try {
    const queries = findReconnectQueries([file], host);
    const after = addFilters(file, queries);
    assert.equal(removeFilters(after), text);
    const again = readSourceFile(PATH, after);
    assert.equal(addFilters(again, findReconnectQueries([again], host)), after);
    return after.replaceAll('.eq("ghost_repair_open", false)', "@");
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

const QUERIES: readonly (readonly [string, string, string | null, sql?: string])[] = [
  [
    "the list of those that are disconnected",
    `await db.from("whatsapp_instances").select("id").eq("status", "disconnected");`,
    `await db.from("whatsapp_instances").select("id")@.eq("status", "disconnected");`,
  ],
  [
    "written over several lines, through a type and a condition as text",
    `await (db as any)\n  .from("whatsapp_instances")\n  .select("*")\n  .or("status.eq.disconnected,status.is.null");`,
    `await (db as any)\n  .from("whatsapp_instances")\n  .select("*")@\n  .or("status.eq.disconnected,status.is.null");`,
  ],
  [
    "two of them, beside what reads one row and what writes",
    `const a = db.from("whatsapp_instances").select().neq("status", "connected");
db.from("whatsapp_instances").select().in("status", ["disconnected"]).limit(5);
db.from("whatsapp_instances").select().eq("status", "disconnected").single();
db.from("whatsapp_instances").update({ status: "x" }).eq("status", "disconnected").select();
db.from("whatsapp_instances").select().eq("status", "connected");
db.from("whatsapp_instances").select().neq("status", "suspended");
db.from("tickets").select().eq("status", "open");`,
    `const a = db.from("whatsapp_instances").select()@.neq("status", "connected");
db.from("whatsapp_instances").select()@.in("status", ["disconnected"]).limit(5);
db.from("whatsapp_instances").select().eq("status", "disconnected").single();
db.from("whatsapp_instances").update({ status: "x" }).eq("status", "disconnected").select();
db.from("whatsapp_instances").select().eq("status", "connected");
db.from("whatsapp_instances").select().neq("status", "suspended");
db.from("tickets").select().eq("status", "open");`,
  ],
  [
    "by a view, in its words",
    `db.from("lines").select().eq("state", "disconnected");`,
    `db.from("lines").select()@.eq("state", "disconnected");`,
    VIEW,
  ],
  ["a list for people is none", `db.from("whatsapp_instances").select().order("status");`, null],
  [
    "one that is put together elsewhere is not guessed",
    `let q = db.from("whatsapp_instances").select();
q = q.eq("status", "disconnected");`,
    null,
  ],
];

for (const [name, text, expected, sql] of QUERIES) {
  Deno.test(`the query of their auto-reconnect: ${name}`, async () => {
    const after = await filtered(`${text}\n${CONNECTS}`, sql);
    assert.equal(after, expected === null ? null : `${expected}\n${CONNECTS}`);
  });
}

const FLAGGED = TABLE.replace(
  "status text check (status in ('connected', 'disconnected'))",
  "is_connected bool",
);

for (
  const [asks, isFound] of [
    ['.eq("is_connected", false)', true],
    ['.is("is_connected", null)', true],
    ['.not("is_connected", "is", true)', true],
    ['.or("is_connected.is.null,is_connected.eq.false")', true],
    ['.eq("is_connected", true)', false],
    ['.or("is_connected.eq.true,name.eq.false")', false],
  ] as const
) {
  Deno.test(`a flag that is asked for by ${asks} ${isFound ? "lists the dead" : "does not"}`, async () => {
    const text = `db.from("whatsapp_instances").select()${asks};\n${CONNECTS}`;
    assert.equal(await filtered(text, FLAGGED) !== null, isFound);
  });
}

Deno.test("a list in a file that connects nobody gets no filter", async () => {
  assert.equal(await filtered(QUERIES[0]![1]), null);
});

Deno.test("a view that hides the ids cannot be filtered", async () => {
  const sql = VIEW.replace("i.id as line_id, ", "");
  assert.equal(
    await filtered(`db.from("lines").select().eq("state", "disconnected");${CONNECTS}`, sql),
    `db.from("lines").select()@.eq("state", "disconnected");${CONNECTS}`,
  );
  const { schema, files } = await givenProject(sql);
  const host = findHost(schema, files.values(), {});
  assert.throws(
    () => filteredRelations([{ path: PATH, table: "lines", end: 0 }], host),
    /does not show the numbers' ids/,
  );
});

const ASKS = `  if (event === "connection.update") set(data.state);\n`;
const LINE = (value: string) =>
  `  void import("../_shared/ghost-repair/webhook.ts").then(({ report }) => report(${value}));\n`;

const WEBHOOKS: readonly (readonly [string, string, string | null])[] = [
  ["a body", "  const body = await req.json();\n", "body"],
  [
    "its parts",
    "  const { event, instance, data = {} } = await req.json();\n",
    "{ event, instance, data }",
  ],
  [
    "parts by other names",
    "  const { event: kind, instance, data } = (await c.req.json()) as any;\n",
    "{ event: kind, instance, data }",
  ],
  [
    "a text that is parsed",
    "  const text = await request.text();\n  const body: Hook = JSON.parse(text);\n",
    "body",
  ],
  [
    "what is set later, in a try",
    "  let body: Hook;\n  const raw = await req.text();\n  body = JSON.parse(raw);\n",
    "body",
  ],
  [
    "parts of which the gateway's name is none",
    "  const { event, data } = await req.json();\n",
    null,
  ],
  ["an answer of somebody else", "  const body = await response.json();\n", null],
  ["two bodies", "  const a = await req.json();\n  const b = await req.json();\n", null],
];

for (const [name, reads, value] of WEBHOOKS) {
  Deno.test(`the line in their webhook stands behind what is read: ${name}`, () => {
    const [before, after] = [`serve(async (req) => {\n${reads}`, `${ASKS}});\n`];
    const file = readSourceFile(PATH, before + after);
    const added = addWebhookLine(file);
    assert.equal(added, value === null ? null : before + LINE(value) + after);
    if (added === null) return;
    assert.equal(removeWebhookLine(added), file.text);
    assert.equal(addWebhookLine(readSourceFile(PATH, added)), added);
  });
}

Deno.test("who only subscribes to the event has no webhook to report", () => {
  const text =
    `serve(async (req) => {\n  const body = await req.json();\n  subscribe(["connection.update"]);\n});\n`;
  assert.equal(addWebhookLine(readSourceFile(PATH, text)), null);
});

const SERVERS = `create table public.servers (id uuid primary key, token text);`;
const KEYS: readonly (readonly [string | undefined, string, KeySource | RegExp])[] = [
  [undefined, TABLE, { from: "send" }],
  ["env:EVOLUTION_KEY", TABLE, { from: "environment", variable: "EVOLUTION_KEY" }],
  ["api_url", TABLE, { from: "column", column: "api_url" }],
  ["api_key", TABLE, /no such column/],
  ["servers.token", SERVERS + TABLE, /no foreign key joins/],
  ["servers.key", SERVERS + TABLE, /no migration makes such a column/],
  [
    "servers.token",
    `${SERVERS}${TABLE} alter table public.whatsapp_instances add column server uuid
      references public.servers;`,
    { from: "table", table: '"public"."servers"', column: "token", theirs: "id", ours: "server" },
  ],
  [
    "private.keys.secret",
    `${TABLE} create table private.keys (owner uuid, secret text,
      foreign key (owner) references public.whatsapp_instances (id));`,
    { from: "table", table: '"private"."keys"', column: "secret", theirs: "owner", ours: "id" },
  ],
];

for (const [told, sql, expected] of KEYS) {
  Deno.test(`where the key is from, as a person says it: ${told ?? "nothing"}, ${expected instanceof RegExp ? "refused" : expected.from}`, async () => {
    const { schema, files } = await givenProject(sql);
    const host = findHost(schema, files.values(), { table: "whatsapp_instances" });
    const find = () => findKeySource(schema, host, told);
    if (expected instanceof RegExp) assert.throws(find, expected);
    else assert.deepEqual(find(), expected);
  });
}

Deno.test("a name that the code composes is read from the path of its sends", async () => {
  const { schema, files } = await givenProject(
    `create table public.shop_lines (id bigint primary key, shop text, status text
      check (status in ('open', 'close')));`,
    {
      [SENDER]: `
        const name = "shop-" + row.shop + "_" + row.id;
        const url = \`\${base}/message/sendText/\${encodeURIComponent(name)}?x=1\`;
        await fetch(url, { method: "POST", headers: { apikey } });
        const { data } = await db.from("shop_lines").select().eq("status", "open");`,
    },
  );
  assert.equal(findHost(schema, files.values(), {}).name, "shop-{shop}_{id}");
  assert.equal(findHost(schema, files.values(), { name: "x{id}" }).name, "x{id}");
  assert.throws(
    () => findHost(schema, files.values(), { table: "shop_lines", name: "x{nick}" }),
    /no column nick/,
  );
});
