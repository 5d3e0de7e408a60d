import assert from "node:assert/strict";
import type postgres from "postgres";
import { callSql, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import { rowsOf } from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { instanceRow, pass } from "../../support/repair-calls.ts";
import { gapsOf, secondsAgo, setStatus } from "../gaps/gap-calls.ts";

interface Applied {
  readonly result: string;
  readonly refused?: readonly string[];
}

type Change = { readonly kind: string } & Readonly<Record<string, postgres.JSONValue>>;

/** What a webhook needs to know of its number's database. */
type Place = Pick<CompanyDatabase, "instanceId"> & { readonly sql: postgres.ISql };

async function keyOf({ sql, instanceId }: Place): Promise<string> {
  const { key_id } = await only(sql<{ key_id: string }[]>`
    select key_id from public.webhook_keys(${instanceId}) limit 1`);
  return key_id;
}

/** A webhook that arrives now, verified by the key of now. */
async function arrive(
  db: Place,
  changes: readonly Change[],
  { signedAt = null, unread = 0, key }: {
    readonly signedAt?: string | null;
    readonly unread?: number;
    readonly key?: string;
  } = {},
): Promise<Applied> {
  const delivery = { digest: crypto.randomUUID(), signed_at: signedAt, refused: unread };
  const shown = key ?? await keyOf(db);
  return await callSql(db.sql, "apply_webhook", db.instanceId, shown, [...changes], delivery);
}

function text({ company }: CompanyDatabase, id: string, more = {}): Change {
  return {
    kind: "message",
    message: {
      whatsapp_message_id: id,
      remote_jid: company.customerJid,
      from_me: false,
      type: "text",
      content: "olá",
      sent_at: "2026-01-01T00:00:00Z",
      ...more,
    },
  };
}

const close: Change = { kind: "connection", state: "close", at: "2026-01-01T00:01:00Z" };
const early = (id: string): Change => ({
  kind: "acknowledgement",
  whatsapp_message_id: id,
  status: "delivered",
  message: null,
  heard: true,
});

/** Nothing a PostgreSQL text can hold. */
const IMPOSSIBLE = { sent_at: "no time at all" };

async function gapReasons({ sql, instanceId }: CompanyDatabase): Promise<string[]> {
  return (await gapsOf(sql, instanceId)).map(({ reason }) => reason);
}

async function lastDelivered({ sql }: CompanyDatabase): Promise<Date | null> {
  const { at } = await only(sql<{ at: Date | null }[]>`
    select max(last_webhook_at) as at from private.gateways`);
  return at;
}

quickTest("what matters most of several is the result", async (db) => {
  for (
    const [result, ...changes] of [
      ["ignored"],
      ["ignored", { kind: "presence" }],
      ["kept", { kind: "presence" }, early("A")],
      ["applied", early("B"), close],
      ["stored", early("C"), text(db, "D"), text(db, "D")],
    ] as const
  ) assert.equal((await arrive(db, changes)).result, result, JSON.stringify(changes));
});

quickTest("a key that is valid no more writes nothing; one of the overlap does", async (db) => {
  const key = await keyOf(db);
  await db.sql`select public.rotate_webhook_secret(${db.instanceId}, 'new key', '1 hour')`;
  assert.equal((await arrive(db, [text(db, "A")], { key })).result, "stored");
  await db.sql`update private.instance_credentials set
    previous_valid_until = previous_valid_until - interval '61 minutes'`;
  for (const ended of [key, "", "nobody's"]) {
    const came = await arrive(db, [text(db, "B"), close], { key: ended, unread: 1 });
    assert.deepEqual(came, { result: "unknown_key" });
  }
  assert.equal((await rowsOf(db.sql, "B")).length, 0);
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
  assert.deepEqual(await gapReasons(db), []);
});

quickTest("one item that cannot be stored is left out, told and compared", async (db) => {
  const came = await arrive(db, [text(db, "A"), text(db, "X", IMPOSSIBLE), text(db, "B")]);
  assert.deepEqual(came, { result: "stored", refused: ["22007"] });
  for (const id of ["A", "B"]) assert.equal((await rowsOf(db.sql, id)).length, 1, id);
  assert.deepEqual(await gapReasons(db), ["refused_webhook"]);
});

quickTest("an only item that cannot be stored is an error: the webhook comes again", async (db) => {
  await assert.rejects(
    db.sql.begin((sql) => arrive({ ...db, sql }, [text(db, "X", IMPOSSIBLE)])),
    { code: "22007" },
  );
});

quickTest("what nobody could read is compared with the gateway", async (db) => {
  assert.equal((await arrive(db, [], { unread: 1 })).result, "ignored");
  assert.deepEqual(await gapReasons(db), ["refused_webhook"]);
});

quickTest("whatever it says, a webhook is a sign of its gateway", async (db) => {
  for (const changes of [[], [{ kind: "presence" }]]) {
    await db.sql`update private.gateways set last_webhook_at = null`;
    await arrive(db, changes);
    assert.notEqual(await lastDelivered(db), null, JSON.stringify(changes));
  }
});

quickTest("a webhook of more than a minute ago was tried before, and says so", async (db) => {
  await setStatus(db, "connected");
  await pass(db.sql, 3_600);
  await arrive(db, [early("A")], { signedAt: await secondsAgo(db.sql, 59) });
  assert.deepEqual(await gapReasons(db), []);
  await arrive(db, [early("B")], { signedAt: await secondsAgo(db.sql, 61) });
  assert.deepEqual(await gapReasons(db), ["late_webhooks"]);
});

quickTest("a delivery report proves hearing when it was signed, a send's does not", async (db) => {
  const heard = async () => {
    const [row] = await db.sql<{ at: Date }[]>`
    select last_heard_at as at from ghost_repair.hearing where instance_id = ${db.instanceId}`;
    return row?.at.getTime() ?? 0;
  };
  await pass(db.sql, 3_600);
  const before = await heard();
  const signedAt = await secondsAgo(db.sql, 5);
  await arrive(db, [{ ...early("A"), heard: false }], { signedAt });
  assert.equal(await heard(), before);
  await arrive(db, [early("A")], { signedAt });
  assert.equal(await heard(), new Date(signedAt).getTime());
});

companyTest("a webhook of several items takes its number's row before any message", async (db) => {
  const both = [early("A"), early("B")];
  await db.sql.begin(async (holder) => {
    await holder`
      select from public.whatsapp_instances where id = ${db.instanceId} for no key update`;
    await assert.rejects(
      db.sql.begin(async (sql) => {
        await sql`set local lock_timeout = '20ms'`;
        await arrive({ ...db, sql }, both);
      }),
      { code: "55P03" },
    );
  });
  assert.equal((await arrive(db, both)).result, "kept");
});
