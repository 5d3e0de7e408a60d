import assert from "node:assert/strict";
import type postgres from "postgres";
import { runStatements } from "../../dev/platform/database/sql-file.ts";
import { databaseTest } from "../support/database.ts";
import { adoptDatabase } from "./adopted-world.ts";
import { type KindName, kindOf } from "./projects.ts";

const DOOR = (sql: postgres.Sql, name: string, url: string) =>
  sql<{ found: { id: string } | null }[]>`
    select public.ghost_repair_number(${name}, ${url}) as found`.then(([row]) => row!.found);

const claimOf = async (sql: postgres.Sql, name: string, url = "https://e.example") => {
  const found = await DOOR(sql, name, url);
  if (found === null) return null;
  const [claim] = await sql<{ claimed: boolean; reason: string | null }[]>`
    select * from public.claim_ghost_repair(${found.id})`;
  return claim!.claimed ? "claimed" : claim!.reason;
};

/** Rows as they are in a project, and what a claim of theirs comes to. */
const ROWS: readonly (readonly [
  kind: KindName,
  name: string,
  rows: string,
  expected: Readonly<Record<string, string | null>>,
])[] = [
  [
    "checked-words",
    "flags beside the status, null, false and true",
    `
    insert into public.whatsapp_connections
      (session_name, status, awaiting_qr, manually_disconnected) values
      ('nulls', 'connected', null, null), ('falses', 'error', false, false),
      ('pairs', 'disconnected', true, null), ('by-hand', 'connected', null, true)`,
    {
      nulls: "claimed",
      falses: "claimed",
      pairs: "awaiting_qr",
      "by-hand": "manual_disconnect",
      nobody: null,
    },
  ],
  [
    "view",
    "words of an enum, deleted rows, other kinds",
    `
    insert into public.channels (tenant_id, kind, instance, server_url, state, deleted_at) values
      (gen_random_uuid(), 'whatsapp', 'online', 'https://e.example', 'online', null),
      (gen_random_uuid(), 'whatsapp', 'qr', 'https://e.example', 'qrcode', null),
      (gen_random_uuid(), 'whatsapp', 'gone', 'https://e.example', 'online', now()),
      (gen_random_uuid(), 'whatsapp', 'again', 'https://e.example', 'offline', now()),
      (gen_random_uuid(), 'whatsapp', 'again', 'https://e.example', 'online', null)`,
    {
      online: "claimed",
      qr: "awaiting_qr",
      gone: null,
      again: "claimed",
    },
  ],
  [
    "mission",
    "two numbers of one name: the gateway decides, however its address is written",
    `
    insert into public.whatsapp_instances (instance_name, api_url, api_key, status) values
      ('two', 'https://E.example/manager/', 'k', 'connected'), ('two', 'https://f.example', null, null),
      ('twins', 'https://e.example', 'k', 'connected'), ('twins', 'http://e.example/', 'k', 'connected'),
      ('alone', 'http://inside:8080', null, null)`,
    { two: "claimed", twins: null, alone: "claimed" },
  ],
];

for (const [kind, name, rows, expected] of ROWS) {
  databaseTest(`a project's rows are read in its own words: ${name}`, async (db) => {
    await adoptDatabase(db, kindOf(kind));
    await db.sql.unsafe(rows);
    for (const [number, claim] of Object.entries(expected)) {
      assert.equal(await claimOf(db.sql, number), claim, number);
    }
  }, { template: null });
}

databaseTest(
  "the migration may be applied again, and keeps settings and what happened",
  async (db) => {
    const sql = await adoptDatabase(db, kindOf("mission"));
    await db.sql.unsafe(kindOf("mission").insert, ["vendas", "https://e.example"]);
    assert.equal(await claimOf(db.sql, "vendas"), "claimed");
    await db.sql`update ghost_repair.settings set enabled = false`;
    await db.sql.begin((transaction) => runStatements(transaction, "again", sql));
    assert.equal(await claimOf(db.sql, "vendas"), "disabled");
    const [events] = await db.sql<
      { n: number }[]
    >`select count(*)::int as n from ghost_repair.events`;
    assert.equal(events!.n, 3);
    // Nobody reads or calls what is inside, over the API.
    for (const role of ["anon", "authenticated", "service_role"]) {
      const [may] = await db.sql<{ usage: boolean; calls: boolean }[]>`
      select has_schema_privilege(${role}, 'ghost_repair', 'usage') as usage,
        has_function_privilege(${role}, 'public.ghost_repair_number(text, text)', 'execute') as calls`;
      assert.deepEqual({ ...may }, { usage: false, calls: role === "service_role" });
    }
  },
  { template: null },
);

databaseTest("a project whose patch is of 0.1.0 takes the migration", async (db) => {
  const before = async (sql: postgres.Sql) => {
    await sql.unsafe(`
      create schema private;
      create function private.raise_connection_epoch() returns trigger language plpgsql as
        'begin return new; end';
      alter table public.whatsapp_instances add column connection_epoch bigint not null default 0;
      create trigger whatsapp_instances_epoch before update of status on public.whatsapp_instances
        for each row execute function private.raise_connection_epoch();
      create table public.instance_events (id bigint primary key, other text);
      create function public.claim_ghost_repair(p_instance_id uuid) returns boolean
        language sql as 'select true';
      create function public.finish_ghost_repair(p_id uuid, p_token uuid, p_outcome jsonb) returns text
        language sql as $$ select 'marked' $$;`).simple();
  };
  await adoptDatabase(db, kindOf("mission"), { before });
  await db.sql.unsafe(kindOf("mission").insert, ["vendas", "https://e.example"]);
  assert.equal(await claimOf(db.sql, "vendas"), "claimed");
}, { template: null });
