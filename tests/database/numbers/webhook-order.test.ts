import assert from "node:assert/strict";
import { withConnections } from "../../support/crowd.ts";
import { type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import { eventKinds, instanceRow, pass } from "../../support/repair-calls.ts";
import { at, connection, qrCode, type ReportOrder } from "../../support/webhook-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const HOUR = 60;

/** Zones that a gateway may move to while a QR waits, in minutes from the one before. */
const MOVES = [
  ["west by an hour, as daylight saving ends", -HOUR],
  ["west by half an hour", -HOUR / 2],
  ["west by three hours", -3 * HOUR],
  ["west by a day", -24 * HOUR],
  ["east by nine hours", 9 * HOUR],
] as const;

const status = async (db: CompanyDatabase) => (await instanceRow(db.sql, db.instanceId)).status;

const doubts = async (db: CompanyDatabase) =>
  (await db.sql`select from ghost_repair.connection_doubts`).length;

/** Begins a look; the token of the doubt, where nobody else looks. */
async function beginLook(db: CompanyDatabase): Promise<string | undefined> {
  const [row] = await db.sql<{ token: string }[]>`
    select * from public.begin_registry_look(${db.instanceId})`;
  return row?.token;
}

/** A report, and where it is doubted what the registry says of it. */
async function told(
  db: CompanyDatabase,
  registry: string | null,
  tell: (order: ReportOrder) => Promise<string>,
): Promise<string> {
  const result = await tell({});
  if (result !== "doubted") return result;
  return await tell({ look: { token: (await beginLook(db))!, registry } });
}

const signed = (second: number): ReportOrder => ({
  signed_at: new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString(),
});

for (const [move, minutes] of MOVES) {
  companyTest(`the open after a scan counts where the zone moves ${move}`, async (db) => {
    await connection(db.sql, db.instanceId, "close", at(0));
    await qrCode(db.sql, db.instanceId, "2@x", at(1));
    assert.equal(await status(db), "awaiting_qr");
    const open = at(2 + minutes);
    const came = await told(
      db,
      "open",
      (order) => connection(db.sql, db.instanceId, "open", open, { order }),
    );
    assert.equal(came, "applied");
    assert.equal(await status(db), "connected");
    assert.equal(await doubts(db), 0);
    // What follows in the same zone needs no look.
    assert.equal(await connection(db.sql, db.instanceId, "close", at(3 + minutes)), "applied");
    assert.equal(await status(db), "disconnected");
  });

  companyTest(`signed, it counts at once where nobody can look, ${move}`, async (db) => {
    await qrCode(db.sql, db.instanceId, "2@x", at(1), signed(1));
    const tell = (order: ReportOrder) =>
      connection(db.sql, db.instanceId, "open", at(2 + minutes), {
        order: { ...signed(2), ...order },
      });
    assert.equal(await told(db, null, tell), "applied");
    assert.equal(await status(db), "connected");
  });
}

quickTest("a QR that replaces another counts where the zone moves west", async (db) => {
  await db.sql`update public.whatsapp_instances set status = 'disconnected'`;
  await qrCode(db.sql, db.instanceId, "2@first", at(0), signed(0));
  await qrCode(db.sql, db.instanceId, "2@second", at(1 - HOUR), signed(20));
  assert.equal(await qrCode(db.sql, db.instanceId, "2@late", at(30), signed(10)), "ignored");
  const { code } = await only(db.sql`select code from private.instance_qr_codes`);
  assert.equal(code, "2@second");
});

for (const zone of [-3 * HOUR, 0, 9 * HOUR]) {
  for (const registry of ["close", "connecting", null]) {
    quickTest(
      `an open that is tried again after a close is not believed: zone ${zone}, registry ${registry}`,
      async (db) => {
        const late = at(10 + zone);
        await connection(db.sql, db.instanceId, "close", at(11 + zone), { order: signed(11) });
        const tell = (order: ReportOrder) =>
          connection(db.sql, db.instanceId, "open", late, { order: { ...signed(10), ...order } });
        assert.equal(await tell({}), "doubted");
        assert.equal(await status(db), "disconnected");
        const token = (await beginLook(db))!;
        assert.equal(await tell({ look: { token, registry } }), "ignored");
        assert.equal(await status(db), "disconnected");
        assert.equal(await doubts(db), registry === null ? 1 : 0);
      },
    );
  }
}

quickTest("a close stamped before the open it follows is what the registry says", async (db) => {
  await connection(db.sql, db.instanceId, "open", at(5));
  const close = (registry: string, minute: number) =>
    told(
      db,
      registry,
      (order) => connection(db.sql, db.instanceId, "close", at(minute), { order }),
    );
  assert.equal(await close("open", 4), "ignored");
  assert.equal(await status(db), "connected");
  assert.equal(await close("close", 3), "applied");
  assert.equal(await status(db), "disconnected");
});

quickTest("the same body again is known for 25 minutes, whatever came between", async (db) => {
  const open = (digest: string) =>
    connection(db.sql, db.instanceId, "open", at(1), { order: { digest } });
  const close = (digest: string) =>
    connection(db.sql, db.instanceId, "close", at(1), { order: { digest } });
  assert.equal(await open("a"), "applied");
  assert.equal(await close("b"), "applied");
  assert.equal(await open("a"), "ignored");
  await pass(db.sql, 24 * 60);
  assert.equal(await open("a"), "ignored");
  assert.equal(await status(db), "disconnected");
  await pass(db.sql, 2 * 60);
  await connection(db.sql, db.instanceId, "open", at(2));
  const kept = await db.sql`select from ghost_repair.connection_reports`;
  assert.equal(kept.length, 1);
});

quickTest("no more reports are remembered than are set; the sweep forgets them", async (db) => {
  await db.sql`update ghost_repair.settings set reports_kept = 5`;
  for (let minute = 0; minute < 20; minute++) {
    await connection(db.sql, db.instanceId, "open", at(minute));
    await pass(db.sql, 1);
  }
  const kept = async () => (await db.sql`select from ghost_repair.connection_reports`).length;
  assert.ok(await kept() <= 6);
  await pass(db.sql, 26 * 60);
  await db.sql`select public.sweep()`;
  assert.equal(await kept(), 0);
});

quickTest("one looks at a time, and what it found is late after an open", async (db) => {
  await connection(db.sql, db.instanceId, "open", at(5));
  const order: ReportOrder = { digest: "a" };
  const close = (look?: ReportOrder["look"]) =>
    connection(db.sql, db.instanceId, "close", at(4), {
      order: look ? { ...order, look } : order,
    });
  assert.equal(await close(), "doubted");
  const token = (await beginLook(db))!;
  assert.equal(await beginLook(db), undefined);
  assert.equal(await connection(db.sql, db.instanceId, "close", at(3)), "doubted");
  assert.equal(await beginLook(db), undefined, "whoever looks, looks for this one as well");
  await connection(db.sql, db.instanceId, "open", at(6));
  assert.equal(await close({ token, registry: "close" }), "ignored");
  assert.equal(await status(db), "connected");
  const stranger = { token: crypto.randomUUID(), registry: "close" };
  assert.equal(await close(stranger), "ignored");
});

companyTest("ten looks with one token write once", async (db) => {
  await connection(db.sql, db.instanceId, "close", at(5));
  await connection(db.sql, db.instanceId, "open", at(4));
  const look = { token: (await beginLook(db))!, registry: "open" };
  const results = await withConnections(
    db,
    10,
    (all) =>
      Promise.all(
        all.map((sql) => connection(sql, db.instanceId, "open", at(4), { order: { look } })),
      ),
  );
  assert.equal(results.filter((result) => result === "applied").length, 1);
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), ["webhook_close", "connected"]);
});

quickTest("a doubt that nobody settles is the scheduler's after two minutes", async (db) => {
  await connection(db.sql, db.instanceId, "open", at(5));
  await connection(db.sql, db.instanceId, "close", at(4));
  await pass(db.sql, 119);
  await db.sql`select public.sweep()`;
  assert.deepEqual([await status(db), await doubts(db)], ["connected", 1]);
  await pass(db.sql, 2);
  const { swept } = await only(db.sql`select public.sweep() ->> 'doubts' as swept`);
  assert.equal(swept, "1");
  assert.deepEqual([await status(db), await doubts(db)], ["connecting", 0]);
});
