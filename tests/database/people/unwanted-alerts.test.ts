import assert from "node:assert/strict";
import { callSql, type CompanyDatabase } from "../../support/database.ts";
import { ask, tokenOf } from "../../support/instance-calls.ts";
import { eventKinds, pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { addChannel, event, goDown, sendAll, told } from "./alert-calls.ts";

/** A person disconnects the number; the registry then says this. */
async function disconnect(db: CompanyDatabase, registry: string): Promise<void> {
  await ask(db, "begin_disconnect");
  await callSql(db.sql, "record_logout", db.instanceId, { logout: "accepted", registry });
}

/** For half an hour the watch finds the same wherever the number is due. */
async function look(db: CompanyDatabase, outcome: string): Promise<void> {
  for (let minute = 0; minute < 30; minute++) {
    await pass(db.sql, 60);
    for (
      const { instance_id, token, connection_epoch } of await db.sql`
        select * from public.lease_waiting_numbers(10)`
    ) {
      await callSql(db.sql, "record_watch", instance_id, token, Number(connection_epoch), {
        outcome,
      });
    }
  }
}

const health = async ({ sql }: CompanyDatabase) =>
  (await sql`select health, reason from public.instance_health`).map((row) => ({ ...row }));

/** How it was disconnected, what its gateway says then, what is said of it, and on its timeline. */
const CASES = [
  ["close", "unreachable", null, []],
  ["close", "unauthorized", null, []],
  ["close", "not_found", null, []],
  ["timeout", "unreachable", "gateway_unreachable", ["needs_operator"]],
  ["timeout", "not_found", null, []],
] as const;

for (const [registry, outcome, reason, kinds] of CASES) {
  quickTest(
    `disconnected by a person, registry ${registry}, then ${outcome}: no alarm`,
    async (db) => {
      await addChannel(db);
      await disconnect(db, registry);
      await look(db, outcome);
      assert.deepEqual(await sendAll(db.sql), []);
      assert.deepEqual(await health(db), [{ health: "manual", reason }]);
      const known = ["manual_disconnect", "logout", "logout_owed"];
      const more = (await eventKinds(db.sql, db.instanceId)).filter((kind) =>
        !known.includes(kind)
      );
      assert.deepEqual(more, kinds);
    },
  );
}

quickTest(
  "what a number was told of before it is disconnected is no reason any more",
  async (db) => {
    await db.sql`select ghost_repair.note_trouble(${db.instanceId}, 'gateway_unauthorized', '0')`;
    await disconnect(db, "close");
    await look(db, "unauthorized");
    assert.deepEqual(await health(db), [{ health: "manual", reason: null }]);
  },
);

quickTest("a gateway that is still away when its number is wanted back is told of", async (db) => {
  await addChannel(db);
  await disconnect(db, "timeout");
  await look(db, "unreachable");
  assert.deepEqual(await sendAll(db.sql), []);
  const away = { result: "unknown", outcome: "unreachable" };
  const token = tokenOf(await ask(db, "begin_reconnect"));
  await callSql(db.sql, "record_connect", db.instanceId, token, "user", away);
  await pass(db.sql, 660);
  const [again] = await db.sql`select * from public.lease_due_reconnects(10)`;
  await callSql(db.sql, "record_connect", db.instanceId, again!["token"], "tick", away);
  const [down, ...more] = await sendAll(db.sql);
  assert.deepEqual(
    [down!.items.map(({ kind, reason }) => [kind, reason]), more],
    [[["down", "gateway_unreachable"]], []],
  );
});

quickTest("a code or an alarm of a number that a person disconnected is not told", async (db) => {
  await addChannel(db);
  await disconnect(db, "close");
  await event(db.sql, db.instanceId, "needs_operator", { reason: "outage" });
  await event(db.sql, db.instanceId, "qr_required");
  assert.deepEqual(await sendAll(db.sql), []);
});

quickTest("what was about to be told of a number is not told after it was deleted", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  const begun = await ask(db, "begin_delete", db.company.instanceName);
  await callSql(db.sql, "finish_delete", db.instanceId, tokenOf(begun), { deleted: true });
  assert.deepEqual(told(await sendAll(db.sql)), []);
});
