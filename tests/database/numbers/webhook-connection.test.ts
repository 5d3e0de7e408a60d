import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { addInstances, type CompanyDatabase, only } from "../../support/database.ts";
import { eventKinds, events, instanceRow, pass, timesOf } from "../../support/repair-calls.ts";
import { at, connection, qrCode } from "../../support/webhook-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const SEED = 20_260_101;

/** Its session ended: a QR code is what is to be expected. */
async function away({ sql }: CompanyDatabase): Promise<void> {
  await sql`update public.whatsapp_instances set status = 'disconnected'`;
}

quickTest("open: connected, the epoch raised, the number kept, a QR forgotten", async (db) => {
  await away(db);
  await qrCode(db.sql, db.instanceId, "2@x", at(0));
  const told = { ownNumber: "5511977776666" };
  assert.equal(await connection(db.sql, db.instanceId, "open", at(1), told), "applied");
  const row = await instanceRow(db.sql, db.instanceId);
  assert.partialDeepStrictEqual({ ...row }, {
    status: "connected",
    disconnected_since: null,
    connection_epoch: "2",
    phone_number: told.ownNumber,
    last_webhook_event: "connection.update:open",
  });
  assert.equal((await db.sql`select from private.instance_qr_codes`).length, 0);
  assert.deepEqual((await events(db.sql, db.instanceId)).at(-1), {
    kind: "connected",
    detail: { source: "webhook" },
  });
  await connection(db.sql, db.instanceId, "open", at(2));
  assert.equal((await instanceRow(db.sql, db.instanceId)).phone_number, told.ownNumber);
});

quickTest("an opening every ten seconds for an hour is no event each", async (db) => {
  for (let opening = 0; opening < 360; opening++) {
    await connection(db.sql, db.instanceId, "open", at(opening));
    await pass(db.sql, 10);
  }
  const kinds = await eventKinds(db.sql, db.instanceId);
  assert.deepEqual(new Set(kinds), new Set(["connected"]));
  // One in ten minutes, with a count.
  assert.ok(kinds.length <= 7, `${kinds.length} events`);
  assert.equal(await timesOf(db.sql, db.instanceId, "connected"), 360);
});

quickTest("a connection that came back is an event of its own", async (db) => {
  await connection(db.sql, db.instanceId, "open", at(1));
  await away(db);
  await connection(db.sql, db.instanceId, "open", at(2));
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), ["connected", "connected"]);
});

quickTest("close: disconnected, with both times and the reason, once", async (db) => {
  await connection(db.sql, db.instanceId, "close", at(1), { reason: 401 });
  const row = await instanceRow(db.sql, db.instanceId);
  assert.equal(row.status, "disconnected");
  assert.ok(row.last_disconnected_at instanceof Date);
  assert.deepEqual(row.disconnected_since, row.last_disconnected_at);
  assert.deepEqual(await events(db.sql, db.instanceId), [
    { kind: "webhook_close", detail: { reason: 401 } },
  ]);
  await connection(db.sql, db.instanceId, "close", at(2));
  const again = await instanceRow(db.sql, db.instanceId);
  assert.deepEqual(again.last_disconnected_at, row.last_disconnected_at);
  assert.deepEqual(again.disconnected_since, row.disconnected_since);
  assert.equal((await events(db.sql, db.instanceId)).length, 1);
});

quickTest("a close does not take a QR away", async (db) => {
  await away(db);
  await qrCode(db.sql, db.instanceId, "2@x", at(1));
  await connection(db.sql, db.instanceId, "close", at(2));
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "awaiting_qr");
  assert.equal((await db.sql`select from private.instance_qr_codes`).length, 1);
});

for (const status of ["connected", "connecting", "disconnected", "awaiting_qr"]) {
  quickTest(`connecting alone changes nothing of a number that is ${status}`, async (db) => {
    await db.sql`update public.whatsapp_instances set status = ${status}`;
    const before = await instanceRow(db.sql, db.instanceId);
    assert.equal(await connection(db.sql, db.instanceId, "connecting", at(1)), "ignored");
    assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
    assert.deepEqual(await eventKinds(db.sql, db.instanceId), []);
  });
}

quickTest("a fresh QR: waiting for the scan; the next one replaces it", async (db) => {
  await away(db);
  assert.equal(await qrCode(db.sql, db.instanceId, "2@first", at(1)), "applied");
  assert.equal(await qrCode(db.sql, db.instanceId, "2@second", at(2)), "applied");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "awaiting_qr");
  const { code } = await only(db.sql`select code from private.instance_qr_codes`);
  assert.equal(code, "2@second");
  assert.deepEqual(await events(db.sql, db.instanceId), [
    { kind: "qr_required", detail: { source: "webhook" } },
  ]);
});

for (const [attempts, status] of [[2, "disconnected"], [3, "awaiting_qr"]] as const) {
  quickTest(`refused after ${attempts}: ${status}, and the dead QR is gone`, async (db) => {
    await away(db);
    await qrCode(db.sql, db.instanceId, "2@x", at(1));
    await db.sql`update public.whatsapp_instances set reconnect_attempts_count = ${attempts}`;
    assert.equal(
      await connection(db.sql, db.instanceId, "refused", at(2), { reason: 428 }),
      "applied",
    );
    assert.equal((await instanceRow(db.sql, db.instanceId)).status, status);
    assert.equal((await db.sql`select from private.instance_qr_codes`).length, 0);
    assert.deepEqual((await events(db.sql, db.instanceId)).at(-1), {
      kind: "qr_required",
      detail: { qr_limit: true, reason: 428 },
    });
  });
}

for (const state of ["open", "close", "refused", "qr"]) {
  quickTest(`${state} that comes twice, or late, changes nothing`, async (db) => {
    const tell = (minute: number) =>
      state === "qr"
        ? qrCode(db.sql, db.instanceId, "2@x", at(minute))
        : connection(db.sql, db.instanceId, state, at(minute));
    if (state === "qr") await away(db);
    assert.equal(await tell(5), "applied");
    const whole = async () => ({
      instance: await instanceRow(db.sql, db.instanceId),
      events: await events(db.sql, db.instanceId),
      qr: [...await db.sql`select * from private.instance_qr_codes`],
    });
    const before = await whole();
    assert.equal(await tell(5), "ignored");
    assert.equal(await tell(4), "ignored");
    for (const other of ["open", "close"]) {
      const late = await connection(db.sql, db.instanceId, other, at(3));
      assert.ok(["ignored", "doubted"].includes(late), late);
    }
    assert.notEqual(await qrCode(db.sql, db.instanceId, "2@late", at(3)), "applied");
    assert.deepEqual(await whole(), before);
  });
}

quickTest("two events of one instant both count, and neither counts twice", async (db) => {
  assert.equal(await connection(db.sql, db.instanceId, "close", at(1)), "applied");
  assert.equal(await connection(db.sql, db.instanceId, "open", at(1)), "applied");
  assert.equal(await connection(db.sql, db.instanceId, "close", at(1)), "ignored");
  assert.equal(await connection(db.sql, db.instanceId, "open", at(1)), "ignored");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
  assert.equal(await connection(db.sql, db.instanceId, "close", at(2)), "applied");
});

quickTest(`in any order the newest event decides (seed ${SEED})`, async (db) => {
  const history = fc.array(fc.constantFrom("open", "close"), { minLength: 1, maxLength: 6 });
  const told = history.chain((states) => {
    const all = states.map((state, minute) => ({ state, minute }));
    const twice = [...all, ...all];
    return fc.shuffledSubarray(twice, { minLength: 1 }).map((order) => {
      const newest = all.at(-1)!;
      return { newest, order: order.includes(newest) ? order : [...order, newest] };
    });
  });
  await fc.assert(
    fc.asyncProperty(told, async ({ newest, order }) => {
      const [id] = await addInstances(db.sql, db.company, 1, { status: "connecting" });
      for (const { state, minute } of order) await connection(db.sql, id!, state, at(minute));
      const { status } = await instanceRow(db.sql, id!);
      assert.equal(status, newest.state === "open" ? "connected" : "disconnected");
    }),
    { seed: SEED, numRuns: 50 },
  );
});

quickTest("events of a number that is not there are ignored, and it has no keys", async (db) => {
  const nobody = crypto.randomUUID();
  assert.equal(await connection(db.sql, nobody, "open", at(1)), "ignored");
  assert.equal(await qrCode(db.sql, nobody, "2@x", at(1)), "ignored");
  assert.equal((await db.sql`select * from public.webhook_keys(${nobody})`).length, 0);
  assert.deepEqual([...await db.sql`select * from public.webhook_keys(${db.instanceId})`], [
    {
      webhook_secret: db.company.webhookSecret,
      webhook_token: null,
      key_id: createHash("sha256").update(db.company.webhookSecret).digest("hex"),
    },
  ]);
});

quickTest("a key that is replaced is good for the overlap, then the new one alone", async (db) => {
  const keys = async () => {
    const rows = await db.sql<{ webhook_secret: string }[]>`
    select * from public.webhook_keys(${db.instanceId})`;
    return rows.map((row) => row.webhook_secret);
  };
  await db.sql`select public.rotate_webhook_secret(${db.instanceId}, 'new key', '1 hour')`;
  assert.deepEqual(await keys(), ["new key", db.company.webhookSecret]);
  await db.sql`update private.instance_credentials set
  previous_valid_until = previous_valid_until - interval '61 minutes'`;
  assert.deepEqual(await keys(), ["new key"]);
});
