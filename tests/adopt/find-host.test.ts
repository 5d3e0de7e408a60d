import assert from "node:assert/strict";
import { findHost } from "../../dev/tasks/adopt/host/find-host.ts";
import type { Host, Told } from "../../dev/tasks/adopt/host/host.ts";
import { Refusal } from "../../dev/tasks/adopt/refusal.ts";
import { givenProject, TABLE } from "./given-project.ts";

const writes = (body: string) => ({
  "supabase/functions/hook/index.ts": `export async function set(db, state) { ${body} }`,
});
const UNCHECKED = TABLE.replace(/check .*\)\)/, "");

/** A project: its migrations, what a person says, its functions. */
type Given = [sql?: string | readonly string[], told?: Told, files?: Record<string, string>];

async function find(...[sql = TABLE, told = {}, files = {}]: Given): Promise<Host> {
  const { schema, files: sources } = await givenProject(sql, files);
  return findHost(schema, sources.values(), told);
}

const FOUND: readonly (readonly [name: string, expected: Partial<Host>, ...Given])[] = [
  ["the words of a CHECK", {
    table: "whatsapp_instances",
    connected: ["connected"],
    disconnected: "disconnected",
    pairing: [],
  }],
  ["an enum that grew", {
    id: { column: "id", type: "int8" },
    name: "session_name",
    status: "state",
    connected: ["online"],
    disconnected: "offline",
    pairing: ["awaiting_qr"],
  }, [
    `create type public.state as enum ('online', 'offline');
     create table public.sessions (id bigserial primary key, session_name text, state public.state);`,
    "alter type public.state add value 'awaiting_qr';",
  ]],
  ["columns that came, went and were renamed", {
    table: "wa_instances",
    id: { column: "id", type: "int4" },
    name: "instance_name",
    manualFlag: "manual_disconnect",
    pairingFlag: null,
    connected: ["open"],
    disconnected: "close",
  }, [
    "create table public.wa (id int primary key, inst text, status text, awaiting_qr text);",
    `alter table public.wa rename column inst to instance_name;
     alter table public.wa drop column awaiting_qr;
     alter table public.wa add column if not exists manual_disconnect boolean;
     alter table public.wa rename to wa_instances;
     alter table public.wa_instances add constraint s check (status = any (array['open', 'close']::text[]));`,
  ]],
  [
    "words that the code writes, through a variable and a condition",
    { connected: ["Conectado"], disconnected: "Desconectado" },
    UNCHECKED,
    {},
    writes(`
      const status = state === "open" ? "Conectado" : "Desconectado";
      await db.from("whatsapp_instances").update({ status }).eq("instance_name", "x");
      await db.from("tickets").update({ status: "open" });`),
  ],
  [
    "words that are set before they are written",
    { connected: ["connected"], disconnected: "disconnected" },
    UNCHECKED,
    {},
    writes(`
      const change = { seen: true };
      if (state === "open") change.status = "connected"; else change.status = "disconnected";
      await (db.from("whatsapp_instances") as any).update(change);`),
  ],
  [
    "what a person says",
    {
      schema: "crm",
      name: "label",
      connected: ["ligado"],
      disconnected: "desligado",
      pairing: ["lendo"],
    },
    "create table crm.phones (code text primary key, label text, situation text);",
    {
      table: "crm.phones",
      name: "label",
      status: "situation",
      connected: ["ligado"],
      disconnected: "desligado",
      pairing: ["lendo"],
    },
  ],
  [
    "a statement that is unknown hides no other one",
    { table: "whatsapp_instances" },
    `frobnicate the database;\n${TABLE}\n\\restrict abc`,
  ],
];

for (const [name, expected, ...given] of FOUND) {
  Deno.test(`the numbers' table is found: ${name}`, async () => {
    const host = await find(...given);
    const picked = Object.keys(expected).map((key) => [key, host[key as keyof Host]]);
    assert.deepEqual(Object.fromEntries(picked), expected);
  });
}

const REFUSED: readonly (readonly [name: string, words: RegExp, ...Given])[] = [
  [
    "what has a name and a status, and is no number",
    /say --table .* db pull/,
    `create table public.whatsapp_campaigns (id uuid primary key, name text, status text
      check (status in ('active', 'inactive')));`,
    {},
    writes(`await db.from("whatsapp_campaigns").select();`),
  ],
  ["there is none", /say --table/, "create table public.tickets (id uuid primary key);"],
  [
    "there are two",
    /whatsapp_instances and public\.whatsapp_backup could both/,
    TABLE + TABLE.replace("whatsapp_instances", "whatsapp_backup"),
  ],
  [
    "a view over two tables",
    /is a view over more than one table/,
    `create table public.a (id uuid primary key); create table public.b (id uuid primary key);
     create view public.whatsapp_instances as select a.id, b.id as instance_name, 'x' as status
       from public.a join public.b using (id);`,
  ],
  [
    "a key of two columns",
    /no primary key of one column/,
    TABLE.replace("primary key default gen_random_uuid()", "").replace(
      "api_url text",
      "api_url text, primary key (id, instance_name)",
    ),
  ],
  [
    "words that nobody knows",
    /means connected is not known: say --connected/,
    UNCHECKED,
    {},
    writes(`
    await db.from("whatsapp_instances").update({ status: state === "open" ? "ligado" : "desligado" });`),
  ],
  [
    "words that are the gateway's alone",
    /means connected is not known/,
    UNCHECKED,
    {},
    writes(`if (state === "open") await db.rpc("opened"); else if (state === "close") log("x");`),
  ],
  [
    "two spellings",
    /is written as/,
    UNCHECKED,
    {},
    writes(`
    await db.from("whatsapp_instances").update({ status: "connected" });
    await db.from("whatsapp_instances").update({ status: "Disconnected" });
    await db.from("whatsapp_instances").update({ status: "disconnected" });`),
  ],
  ["a word that the column forbids", /does not allow "dead"/, TABLE, { disconnected: "dead" }],
  ["a column that is not there", /no column nick/, TABLE, {
    table: "whatsapp_instances",
    name: "nick",
  }],
  ["a table that is not there", /no migration makes a table/, TABLE, { table: "numbers" }],
];

for (const [name, words, ...given] of REFUSED) {
  Deno.test(`a table is refused, with what to say: ${name}`, () =>
    assert.rejects(
      find(...given),
      (error) => error instanceof Refusal && words.test(error.message),
    ));
}
