import assert from "node:assert/strict";
import { runSqlFile, runStatements } from "../../../dev/platform/database/sql-file.ts";
import { databaseTest, only } from "../../support/database.ts";
import {
  claimed,
  instanceRow,
  leaseRepairs,
  recordLogout,
  recordStep,
  verify,
} from "../../support/repair-calls.ts";
import { migrationFiles } from "../../support/database-content.ts";
import { guideBlocks } from "../../deploy/support/guide.ts";

const SUPABASE = new URL("../../../dev/platform/database/supabase-project.sql", import.meta.url);
const PROJECT = new URL("../../deploy/existing-project/supabase/migrations/", import.meta.url);
const PATCH = ["_time.sql", "_session.sql", "_ghost_repair.sql"].flatMap((name) =>
  migrationFiles(name)
);
const LADDER = [
  "_gateways.sql",
  "_leases.sql",
  "_session_conflict.sql",
  "_ghost_ladder.sql",
  "_alerts.sql",
]
  .flatMap((name) => migrationFiles(name));

databaseTest("the ladder stands on the existing project after the guide's SQL", async (db) => {
  const { sql, url } = db;
  await runSqlFile(`${db.server.adminUrl}/${db.name}`, SUPABASE);
  for (const { name } of Deno.readDirSync(PROJECT)) await runSqlFile(url, new URL(name, PROJECT));
  const { id } = await only(sql<{ id: string }[]>`
    insert into public.whatsapp_instances (instance_name, api_url, api_key, status)
    values ('vendas', 'https://evolution.example', 'the-key', 'connected') returning id`);

  for (const file of PATCH) await runSqlFile(url, file);
  const [preparation, leaveOut, look, switchOff, ...more] = (await guideBlocks())
    .filter(({ language, about }) => language === "sql" && about === "adopt")
    .map(({ text }) => text);
  assert.ok(preparation && leaveOut && look && switchOff && more.length === 0);
  await runStatements(sql, "the guide's preparation", preparation);
  for (const file of LADDER) await runSqlFile(url, file);
  await runStatements(sql, "the guide's preparation again", preparation);

  const { token } = await claimed(sql, id);
  assert.equal(await recordLogout(sql, id, token, { logout: "socket_dead" }), "marked");
  const verified = { outcome: "not_invalidated", registry: "open" };
  assert.equal(await verify(sql, id, token, verified), "verified");
  assert.equal((await sql.unsafe(leaveOut)).length, 0);

  await sql`update public.ghost_repairs set next_step_at = ghost_repair.now()`;
  const lease = await only(leaseRepairs(sql));
  assert.partialDeepStrictEqual(lease, {
    instance_id: id,
    api_url: "https://evolution.example",
    api_key: "the-key",
  });
  assert.equal(await recordStep(sql, lease, { next: "healed" }), true);
  assert.equal((await instanceRow(sql, id)).status, "connected");

  const timeline = [...await sql.unsafe(look)].map((row) => row["kind"]).reverse();
  assert.deepEqual(timeline, [
    "connection_closed",
    "logout",
    "marked_disconnected",
    "verified",
    "healed",
  ]);

  // The project's own webhook.
  const report = (state: string | null) =>
    only(sql<{ fight: boolean }[]>`
      select public.report_webhook(${id}, ${state}, null) as fight`);
  const heard = () =>
    only(sql<{ heard: boolean }[]>`
    select ghost_repair.webhook_delivered(${id}) as heard`);
  assert.equal((await heard()).heard, false);
  assert.equal((await report(null)).fight, false);
  assert.equal((await heard()).heard, true);
  await sql`select ghost_repair.open_ghost_repair(${id}, '{}')`;
  await report("connecting");
  const { loop } = await only(sql`select public.connecting_seen(${id}, 5) as loop`);
  assert.equal(loop, true);
  const reports: boolean[] = [];
  for (let opening = 0; opening < 9; opening++) reports.push((await report("open")).fight);
  assert.deepEqual(reports, [...Array<boolean>(7).fill(false), true, true]);
  assert.equal((await instanceRow(sql, id)).status, "disconnected");
  const { reason: told } = await only(sql`
    select evidence ->> 'reason' as reason from public.ghost_repairs
    where instance_id = ${id} and closed_at is null`);
  assert.equal(told, "session_conflict");
  await sql`select ghost_repair.close_ghost_repair(${id}, 'healed')`;
  await sql`delete from ghost_repair.session_conflicts`;

  await runStatements(sql, "the guide's switch", switchOff);
  await sql`update public.whatsapp_instances set last_disconnected_at = null`;
  const { reason } = await only(sql`select * from public.claim_ghost_repair(${id})`);
  assert.equal(reason, "disabled");
}, { template: null });
