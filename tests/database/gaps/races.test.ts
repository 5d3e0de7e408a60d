import assert from "node:assert/strict";
import { callSql, companyTest } from "../../support/database.ts";
import { acknowledge, answerSent, beginText, report } from "../../support/message-calls.ts";
import { pass } from "../../support/repair-calls.ts";
import {
  gapsOf,
  lastPage,
  leaseGaps,
  missed,
  recordPage,
  secondsAgo,
  setStatus,
} from "./gap-calls.ts";

companyTest(
  "live, told as history and compared at the same moment, each message is one row, and nobody waits for ever",
  async (db) => {
    await pass(db.sql, 3_600);
    const ours = await beginText(db);
    await answerSent(db.sql, ours, "M05");
    await setStatus(db, "awaiting_qr");
    await pass(db.sql, 60);
    await setStatus(db, "connected");
    await pass(db.sql, 36);
    const leased = await Promise.all([leaseGaps(db.sql), leaseGaps(db.sql), leaseGaps(db.sql)]);
    const [lease = assert.fail("nothing was leased"), ...more] = leased.flat();
    assert.deepEqual(more, [], "of three callers at once one has the number");

    const sentAt = await secondsAgo(db.sql, 60);
    const ids = Array.from({ length: 20 }, (_, n) => `M${String(n).padStart(2, "0")}`);
    const other = "5511955554444@s.whatsapp.net";
    const messages = ids.map((id, n) =>
      id === "M05"
        ? missed(db, id, sentAt, { from_me: true, status: "read", edited: true })
        : missed(db, id, sentAt, n % 2 === 0 ? { remote_jid: other } : {})
    );
    const page = { ...lastPage(messages), full: true, oldest: lease.window_until.toISOString() };
    const live = messages.filter(({ whatsapp_message_id: id }) => id !== "M05");
    await Promise.all([
      recordPage(db.sql, lease, page),
      callSql(db.sql, "apply_history", db.instanceId, live.toReversed()),
      ...live.toReversed().map((message) =>
        report(db, message.whatsapp_message_id, message as never)
      ),
      ...ids.map((id) => acknowledge(db.sql, db.instanceId, id, "delivered")),
      recordPage(db.sql, lease, page),
    ]);
    const rows = await db
      .sql`select whatsapp_message_id as id, count(*)::int as n from public.messages
      where whatsapp_message_id is not null group by 1 order by 1`;
    assert.deepEqual(rows.map(({ id, n }) => [id, n]), ids.map((id) => [id, 1]));
    const conversations = await db.sql`select from public.conversations
      where whatsapp_instance_id = ${db.instanceId}`;
    assert.equal(conversations.length, 2);
    assert.equal((await recordPage(db.sql, lease, lastPage(messages))).next, "done");
    assert.equal((await gapsOf(db.sql, db.instanceId))[0]?.state, "done");
  },
);
