import assert from "node:assert/strict";
import { findHost } from "../../dev/tasks/adopt/host/find-host.ts";
import type { Host, Told } from "../../dev/tasks/adopt/host/host.ts";
import { Refusal } from "../../dev/tasks/adopt/refusal.ts";
import { givenProject, TABLE } from "./given-project.ts";

const writes = (body: string) => ({
  "supabase/functions/hook/index.ts": `export async function set(db, state) { ${body} }`,
});
const UNCHECKED = TABLE.replace(/check .*\)\)/, "");

const FOUND: readonly (readonly [
  string,
  string | readonly string[],
  Readonly<Record<string, string>>,
  Told,
  Partial<Host>,
])[] = [
  ["the words of a CHECK", TABLE, {}, {}, {
    table: "whatsapp_instances",
    connected: ["connected"],
    disconnected: "disconnected",
    pairing: [],
  }],
  [
    "an enum that grew",
    [
      `create type public.state as enum ('online', 'offline');
     create table public.sessions (id bigserial primary key, session_name text, state public.state);`,
      "alter type public.state add value 'awaiting_qr';",
    ],
    {},
    {},
    {
      id: { column: "id", type: "int8" },
      name: "session_name",
      status: "state",
      connected: ["online"],
      disconnected: "offline",
      pairing: ["awaiting_qr"],
    },
  ],
  [
    "columns that came, went and were renamed",
    [
      "create table public.wa (id int primary key, inst text, status text, awaiting_qr text);",
      `alter table public.wa rename column inst to instance_name;
     alter table public.wa drop column awaiting_qr;
     alter table public.wa add column if not exists manual_disconnect boolean;
     alter table public.wa rename to wa_instances;
     alter table public.wa_instances add constraint s check (status = any (array['open', 'close']::text[]));`,
    ],
    {},
    {},
    {
      table: "wa_instances",
      id: { column: "id", type: "int4" },
      name: "instance_name",
      manualFlag: "manual_disconnect",
      pairingFlag: null,
      connected: ["open"],
      disconnected: "close",
    },
  ],
  [
    "words that the code writes, through a variable and a condition",
    UNCHECKED,
    writes(`
      const status = state === "open" ? "Conectado" : "Desconectado";
      await db.from("whatsapp_instances").update({ status }).eq("instance_name", "x");
      await db.from("tickets").update({ status: "open" });`),
    {},
    { connected: ["Conectado"], disconnected: "Desconectado" },
  ],
  [
    "words that are set before they are written",
    UNCHECKED,
    writes(`
      const change = { seen: true };
      if (state === "open") change.status = "connected"; else change.status = "disconnected";
      await (db.from("whatsapp_instances") as any).update(change);`),
    {},
    { connected: ["connected"], disconnected: "disconnected" },
  ],
  [
    "what a person says",
    "create table crm.phones (code text primary key, label text, situation text);",
    {},
    {
      table: "crm.phones",
      name: "label",
      status: "situation",
      connected: ["ligado"],
      disconnected: "desligado",
      pairing: ["lendo"],
    },
    {
      schema: "crm",
      name: "label",
      connected: ["ligado"],
      disconnected: "desligado",
      pairing: ["lendo"],
    },
  ],
  [
    "a statement that is unknown hides no other one",
    `frobnicate the database;\n${TABLE}\n\\restrict abc`,
    {},
    {},
    { table: "whatsapp_instances" },
  ],
];

for (const [name, sql, files, told, expected] of FOUND) {
  Deno.test(`the numbers' table is found: ${name}`, async () => {
    const { schema, files: sources } = await givenProject(sql, files);
    const host = findHost(schema, sources.values(), told);
    const picked = Object.keys(expected).map((key) => [key, host[key as keyof Host]]);
    assert.deepEqual(Object.fromEntries(picked), expected);
  });
}

const REFUSED: readonly (readonly [
  string,
  string,
  Readonly<Record<string, string>>,
  Told,
  RegExp,
])[] = [
  [
    "what has a name and a status, and is no number",
    `create table public.whatsapp_campaigns (id uuid primary key, name text, status text
      check (status in ('active', 'inactive')));`,
    writes(`await db.from("whatsapp_campaigns").select();`),
    {},
    /say --table .* db pull/,
  ],
  ["there is none", "create table public.tickets (id uuid primary key);", {}, {}, /say --table/],
  [
    "there are two",
    TABLE + TABLE.replace("whatsapp_instances", "whatsapp_backup"),
    {},
    {},
    /whatsapp_instances and public\.whatsapp_backup could both/,
  ],
  [
    "a view over two tables",
    `create table public.a (id uuid primary key); create table public.b (id uuid primary key);
     create view public.whatsapp_instances as select a.id, b.id as instance_name, 'x' as status
       from public.a join public.b using (id);`,
    {},
    {},
    /is a view over more than one table/,
  ],
  [
    "a key of two columns",
    TABLE.replace("primary key default gen_random_uuid()", "").replace(
      "api_url text",
      "api_url text, primary key (id, instance_name)",
    ),
    {},
    {},
    /no primary key of one column/,
  ],
  [
    "words that nobody knows",
    UNCHECKED,
    writes(`
    await db.from("whatsapp_instances").update({ status: state === "open" ? "ligado" : "desligado" });`),
    {},
    /means connected is not known: say --connected/,
  ],
  [
    "words that are the gateway's alone",
    UNCHECKED,
    writes(`if (state === "open") await db.rpc("opened"); else if (state === "close") log("x");`),
    {},
    /means connected is not known/,
  ],
  [
    "two spellings",
    UNCHECKED,
    writes(`
    await db.from("whatsapp_instances").update({ status: "connected" });
    await db.from("whatsapp_instances").update({ status: "Disconnected" });
    await db.from("whatsapp_instances").update({ status: "disconnected" });`),
    {},
    /is written as/,
  ],
  ["a word that the column forbids", TABLE, {}, { disconnected: "dead" }, /does not allow "dead"/],
  [
    "a column that is not there",
    TABLE,
    {},
    { table: "whatsapp_instances", name: "nick" },
    /no column nick/,
  ],
  ["a table that is not there", TABLE, {}, { table: "numbers" }, /no migration makes a table/],
];

for (const [name, sql, files, told, words] of REFUSED) {
  Deno.test(`a table is refused, with what to say: ${name}`, async () => {
    const { schema, files: sources } = await givenProject(sql, files);
    assert.throws(
      () => findHost(schema, sources.values(), told),
      (error) => error instanceof Refusal && words.test(error.message),
    );
  });
}
