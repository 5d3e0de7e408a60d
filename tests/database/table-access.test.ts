import assert from "node:assert/strict";
import type postgres from "postgres";
import type { SeededCompany } from "../../dev/platform/seed.ts";
import { type ApiRole, as, refusal } from "../support/api-roles.ts";
import { addCompany } from "../support/database.ts";
import { quickTest } from "../support/quick-test.ts";

/**
 * Every table there is, and the column that says whose a row is where members may read it. A new
 * table is to be put here by somebody who has decided who may see it.
 */
const READ_BY_MEMBERS: Readonly<Record<string, string>> = {
  "public.organizations": "id",
  "public.organization_members": "organization_id",
  "public.whatsapp_instances": "organization_id",
  "public.conversations": "organization_id",
  "public.messages": "organization_id",
  "public.instance_events": "organization_id",
  "public.ghost_repairs": "organization_id",
  "public.message_gaps": "organization_id",
  "public.instance_health": "organization_id",
  "public.message_states": "organization_id",
  "public.repair_events_daily": "organization_id",
};
const REACHED_THROUGH_FUNCTIONS_ONLY = [
  "ghost_repair.attentions",
  "ghost_repair.connecting_signals",
  "ghost_repair.connection_doubts",
  "ghost_repair.connection_reports",
  "private.early_acknowledgements",
  "private.gateways",
  "ghost_repair.claims",
  "ghost_repair.policies",
  "ghost_repair.settings",
  "private.instance_credentials",
  "private.instance_qr_codes",
  "private.message_media",
  "private.message_settings",
  "private.alert_channels",
  "private.restart_agents",
  "private.sent_answers",
  "ghost_repair.operator_notices",
  "ghost_repair.leases",
  "ghost_repair.deleted_messages",
  "ghost_repair.deleted_people",
  "ghost_repair.due_gaps",
  "ghost_repair.due_messages",
  "ghost_repair.due_releases",
  "ghost_repair.due_repairs",
  "ghost_repair.due_restart_requests",
  "ghost_repair.restart_requests",
  "ghost_repair.alerts",
  "ghost_repair.alert_messages",
  "ghost_repair.due_alert_messages",
  "ghost_repair.due_alerts",
  "ghost_repair.number_alerts",
  "ghost_repair.own_alerts",
  "ghost_repair.number_states",
  "ghost_repair.times_away",
  "ghost_repair.settled_restarts",
  "ghost_repair.hearing",
  "ghost_repair.unheard_logouts",
  "ghost_repair.due_recreations",
  "ghost_repair.habit_hours",
  "ghost_repair.canary_policies",
  "ghost_repair.canary_trials",
  "ghost_repair.canaries",
  "ghost_repair.due_trials",
  "ghost_repair.unremoved_canaries",
  "ghost_repair.left_to_reconnect",
  "ghost_repair.reconnectable",
  "ghost_repair.requested_looks",
  "ghost_repair.session_conflicts",
  "ghost_repair.owed_logouts",
  "ghost_repair.silent_gateways",
  "ghost_repair.told_watches",
  "ghost_repair.troubles",
  "ghost_repair.unanswered_messages",
  "ghost_repair.waiting_numbers",
  "ghost_repair.watches",
  "ghost_repair.watch_policies",
  "ghost_repair.watched_gateways",
  "ghost_repair.watched_numbers",
  "ghost_repair.watched_states",
  "ghost_repair.blocked_repairs",
  "ghost_repair.unlinked_numbers",
  "ghost_repair.due_gateway_versions",
  "ghost_repair.due_notices",
  "ghost_repair.beats",
  "ghost_repair.current_totals",
  "ghost_repair.erasures",
  "ghost_repair.gateway_labels",
  "ghost_repair.oldest_work",
  "ghost_repair.places",
  "ghost_repair.raised_totals",
  "ghost_repair.totals",
  "ghost_repair.waiting_messages",
];
const PUBLIC_TABLES = Object.keys(READ_BY_MEMBERS);
/** They join or count, so PostgreSQL lets nobody write to them; read with the reader's own rights. */
const VIEWS = ["public.instance_health", "public.message_states", "public.repair_events_daily"];
/** Lists of what is due, or told. */
const INNER_VIEWS = REACHED_THROUGH_FUNCTIONS_ONLY.filter((name) =>
  /^ghost_repair\.(?:due_|left_to_|settled_|attentions|number_states|reconnectable|waiting_numbers|told_watches|watched_states|blocked_|unremoved_|current_|gateway_labels|oldest_|waiting_messages)/
    .test(name)
);
const PRIVILEGES = [
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
  "TRUNCATE",
  "REFERENCES",
  "TRIGGER",
  "MAINTAIN",
] as const;
const FORBIDDEN = "42501";

quickTest("every table has been decided about, and nothing else holds rows", async ({ sql }) => {
  const found = await sql<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private', 'ghost_repair')
      and c.relkind in ('r', 'p', 'v', 'm', 'f')`;
  assert.deepEqual(
    found.map(({ name }) => name).sort(),
    [...PUBLIC_TABLES, ...REACHED_THROUGH_FUNCTIONS_ONLY].sort(),
  );
});

quickTest("the API shows schema public alone; every table has row security", async ({ sql }) => {
  const config = await Deno.readTextFile(new URL("../../supabase/config.toml", import.meta.url));
  assert.match(config, /^schemas = \["public"\]$/m);
  const open = await sql`
  select c.oid::regclass from pg_catalog.pg_class c
  where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace,
      'ghost_repair'::regnamespace) and c.relkind in ('r', 'p') and not c.relrowsecurity`;
  assert.deepEqual([...open], []);
});

/** What a role may do with a table, in the order of {@linkcode PRIVILEGES}. */
async function privilegesOf(sql: postgres.Sql, role: ApiRole, table: string): Promise<string[]> {
  const rows = await sql<{ p: string }[]>`
    select p from unnest(${[...PRIVILEGES]}::text[]) with ordinality u (p, n)
    where has_table_privilege(${role}, ${table}, p)
      or (p in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
        and has_any_column_privilege(${role}, ${table}, p))
    order by n`;
  return rows.map(({ p }) => p);
}

quickTest("users may read what members may read, and no more", async ({ sql }) => {
  for (const table of [...PUBLIC_TABLES, ...REACHED_THROUGH_FUNCTIONS_ONLY]) {
    assert.deepEqual(await privilegesOf(sql, "anon", table), [], table);
    const read = table in READ_BY_MEMBERS ? ["SELECT"] : [];
    assert.deepEqual(await privilegesOf(sql, "authenticated", table), read, table);
    const service = (await privilegesOf(sql, "service_role", table)).length > 0;
    assert.equal(service, table.startsWith("public."), table);
  }
});

quickTest("a view shows its reader what the reader may read", async ({ sql }) => {
  const views = await sql<{ name: string; invoker: boolean }[]>`
  select n.nspname || '.' || c.relname as name,
    coalesce(c.reloptions, '{}') @> array['security_invoker=true'] as invoker
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('public', 'private') and c.relkind in ('v', 'm') order by 1`;
  assert.deepEqual([...views], VIEWS.map((name) => ({ name, invoker: true })));
});

quickTest("no sequence can be moved or read by users", async ({ sql }) => {
  const open = await sql`
    select c.oid::regclass, r from pg_catalog.pg_class c, unnest(array['anon', 'authenticated']) r
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind = 'S'
      and has_sequence_privilege(r, c.oid, 'USAGE, SELECT, UPDATE')`;
  assert.deepEqual([...open], []);
});

/** A row of the company's in every table that the API can name. */
async function fill(sql: postgres.Sql, company: SeededCompany): Promise<void> {
  await sql`insert into public.messages (organization_id, conversation_id, whatsapp_instance_id,
      is_from_me, message_type, content, status)
    values (${company.organizationId}, ${company.conversationId}, ${company.instanceId},
      false, 'text', 'oi', 'received')`;
  await sql`select * from public.claim_ghost_repair(${company.instanceId})`;
  await sql`insert into public.message_gaps (instance_id, organization_id, reason, state, gap_from)
    values (${company.instanceId}, ${company.organizationId}, 'away', 'open', ghost_repair.now())`;
  await sql`insert into public.ghost_repairs (instance_id, organization_id)
    values (${company.instanceId}, ${company.organizationId})`;
}

quickTest("a member sees the own organization's rows alone, of every table", async (db) => {
  const other = await addCompany(db.sql, "other");
  await fill(db.sql, db.company);
  await fill(db.sql, other);
  for (const { userId, organizationId } of [db.company, other]) {
    for (const [table, column] of Object.entries(READ_BY_MEMBERS)) {
      const seen = await as(
        db.sql,
        { role: "authenticated", userId },
        (sql) => sql.unsafe<{ owner: string }[]>(`select ${column} as owner from ${table}`),
      );
      assert.deepEqual([...new Set(seen.map(({ owner }) => owner))], [organizationId], table);
    }
  }
});

quickTest("who is in no organization sees no row, and who is in two sees both", async (db) => {
  const other = await addCompany(db.sql, "other");
  await fill(db.sql, db.company);
  await fill(db.sql, other);
  const stranger = { role: "authenticated", userId: crypto.randomUUID() } as const;
  for (const table of Object.keys(READ_BY_MEMBERS)) {
    const seen = await as(db.sql, stranger, (sql) => sql.unsafe(`select from ${table}`));
    assert.equal(seen.length, 0, table);
    const nobody = await as(
      db.sql,
      { role: "authenticated" },
      (sql) => sql.unsafe(`select from ${table}`),
    );
    assert.equal(nobody.length, 0, table);
  }
  await db.sql`insert into public.organization_members (organization_id, user_id)
    values (${other.organizationId}, ${db.company.userId})`;
  const both = await as(
    db.sql,
    { role: "authenticated", userId: db.company.userId },
    (sql) => sql`select from public.messages`,
  );
  assert.equal(both.length, 2);
});

quickTest("an owner writes nothing; without a sign-in nothing is seen", async (db) => {
  await fill(db.sql, db.company);
  const owner = { role: "authenticated", userId: db.company.userId } as const;
  for (const table of [...PUBLIC_TABLES, ...REACHED_THROUGH_FUNCTIONS_ONLY]) {
    const [column] = await db.sql<{ attname: string }[]>`
    select attname from pg_catalog.pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and attidentity = '' limit 1`;
    const writes = [
      `insert into ${table} default values`,
      `update ${table} set ${column?.attname} = ${column?.attname}`,
      `delete from ${table}`,
      `truncate ${table}`,
    ];
    for (const statement of [...VIEWS, ...INNER_VIEWS].includes(table) ? [] : writes) {
      assert.equal(await refusal(db.sql, owner, statement), FORBIDDEN, statement);
      assert.equal(await refusal(db.sql, { role: "anon" }, statement), FORBIDDEN, statement);
    }
    const read = `select from ${table}`;
    assert.equal(await refusal(db.sql, { role: "anon" }, read), FORBIDDEN, read);
    const readable = table in READ_BY_MEMBERS;
    assert.equal(await refusal(db.sql, owner, read), readable ? null : FORBIDDEN, read);
  }
});
