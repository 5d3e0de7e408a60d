import assert from "node:assert/strict";
import type postgres from "postgres";
import {
  addInstances,
  callSql,
  type CompanyDatabase,
  companyTest,
  only,
} from "../../support/database.ts";
import { ask, DISCONNECTED, setState } from "../../support/instance-calls.ts";
import { report } from "../../support/message-calls.ts";
import {
  claimed,
  eventKinds,
  events,
  instanceRow,
  pass,
  reportOpen,
} from "../../support/repair-calls.ts";
import { at, connection } from "../../support/webhook-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

interface Lease extends postgres.Row {
  readonly instance_id: string;
  readonly token: string;
  readonly connection_epoch: string;
  readonly tick: string;
}

async function leases(
  { sql }: CompanyDatabase,
  limit = 1000,
  tickStarted: string | null = null,
): Promise<Lease[]> {
  return [
    ...await sql<Lease[]>`select *, tick_started::text as tick
      from public.lease_waiting_numbers(${limit}, ${tickStarted}::text::timestamptz)`,
  ];
}

function look(
  { sql }: CompanyDatabase,
  { instance_id, token, connection_epoch }: Lease,
  outcome: string,
): Promise<{ next: string; token?: string }> {
  return callSql(sql, "record_watch", instance_id, token, Number(connection_epoch), { outcome });
}

/** A tick in which the registry says the same of every number that is due; what each look came to. */
async function tick(db: CompanyDatabase, outcome: string): Promise<string[]> {
  const ends: string[] = [];
  for (const lease of await leases(db)) ends.push((await look(db, lease, outcome)).next);
  return ends;
}

async function health({ sql }: CompanyDatabase): Promise<unknown[]> {
  const { health, reason } = await only(sql`select health, reason from public.instance_health`);
  return [health, reason];
}

/** What is not there in time waits for a lock. */
async function soon<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("waits for a lock")), 20_000);
  return await Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}

const QR = "status = 'awaiting_qr', disconnected_since = ghost_repair.now()";
const GIVEN_UP = `${DISCONNECTED}, reconnect_attempts_count = 3`;
const BY_HAND = `${DISCONNECTED}, manual_disconnect = true`;

for (
  const [state, due] of [
    [QR, true],
    [GIVEN_UP, true],
    [BY_HAND, true],
    ["status = 'connected'", false],
    // The reconnection's own.
    [DISCONNECTED, false],
    ["status = 'connecting'", false],
  ] as const
) {
  quickTest(`a number is ${due ? "" : "not "}watched: ${state}`, async (db) => {
    await setState(db, state);
    assert.equal((await leases(db)).length, due ? 1 : 0);
  });
}

quickTest("what is being repaired is the ladder's to look at", async (db) => {
  await setState(db, GIVEN_UP);
  await db.sql`insert into public.ghost_repairs (instance_id) values (${db.instanceId})`;
  assert.deepEqual(await leases(db), []);
});

for (const state of [QR, GIVEN_UP]) {
  quickTest(`a registry that says open ends the wait: ${state}`, async (db) => {
    await setState(db, state);
    assert.deepEqual(await tick(db, "open"), ["connected"]);
    const row = await instanceRow(db.sql, db.instanceId);
    assert.deepEqual([row.status, row.reconnect_attempts_count], ["connected", 0]);
    assert.partialDeepStrictEqual(await events(db.sql, db.instanceId), [
      { kind: "connected", detail: { source: "watch" } },
    ]);
    // It is as any other from now on.
    await claimed(db.sql, db.instanceId);
  });
}

quickTest("close, connecting and what nobody knows change nothing", async (db) => {
  await setState(db, QR);
  const before = await instanceRow(db.sql, db.instanceId);
  for (const outcome of ["close", "connecting", "unreachable", "unauthorized", "not_found"]) {
    assert.deepEqual(await tick(db, outcome), ["waits"]);
    await pass(db.sql, 361);
  }
  assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
});

quickTest("a number that its gateway does not know reaches a person, once", async (db) => {
  await setState(db, QR);
  for (let minute = 0; minute < 40; minute++) {
    await tick(db, "not_found");
    await pass(db.sql, 60);
  }
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), ["needs_operator"]);
});

quickTest("a number is read every five minutes at most, and every six at least", async (db) => {
  await setState(db, QR);
  const minutes: number[] = [];
  for (let minute = 0; minute < 60; minute++) {
    if ((await tick(db, "close")).length > 0) minutes.push(minute);
    await pass(db.sql, 60);
  }
  const gaps = minutes.slice(1).map((minute, index) => minute - minutes[index]!);
  assert.ok(gaps.length >= 9 && gaps.every((gap) => gap === 5 || gap === 6), gaps.join());
});

quickTest("numbers that began together do not come together for long", async (db) => {
  await setState(db, QR);
  await addInstances(db.sql, db.company, 50, { status: "awaiting_qr" });
  await tick(db, "close");
  const pauses = await db.sql<{ seconds: number }[]>`
    select extract(epoch from next_look_at - looked_at)::float8 as seconds
    from ghost_repair.watches order by 1`;
  const [first, last] = [pauses[0]!.seconds, pauses.at(-1)!.seconds];
  assert.ok(first >= 300 && last <= 360 && last - first > 20, `${first} to ${last}`);
});

const SIGNS: Readonly<Record<string, (db: CompanyDatabase) => PromiseLike<unknown>>> = {
  "a message that came in": (db) => report(db, "IN-1", { sent_at: new Date(0).toISOString() }),
  "a send that was answered": (db) => setState(db, "last_sent_at = ghost_repair.now()"),
  "a delivery report": ({ sql, company, instanceId }) =>
    sql`insert into public.messages (organization_id, conversation_id, whatsapp_instance_id,
        is_from_me, message_type, status, delivered_at)
      values (${company.organizationId}, ${company.conversationId}, ${instanceId},
        true, 'text', 'delivered', ghost_repair.now())`,
};

for (const [what, hear] of Object.entries(SIGNS)) {
  companyTest(`${what} while the number waits has the registry read at once`, async (db) => {
    await setState(db, QR);
    await tick(db, "close");
    await pass(db.sql, 60);
    assert.deepEqual(await leases(db), []);
    await hear(db);
    assert.deepEqual(await tick(db, "open"), ["connected"]);
  });
}

quickTest("what was heard before the last look is no news", async (db) => {
  await setState(db, `${QR}, last_received_at = ghost_repair.now()`);
  await tick(db, "close");
  await pass(db.sql, 60);
  assert.deepEqual(await leases(db), []);
});

quickTest("a gateway is asked for its share in a tick, and the others come first", async (db) => {
  await setState(db, QR);
  const ids = await addInstances(db.sql, db.company, 30, { status: "awaiting_qr" });
  await db.sql`update private.instance_credentials set api_url = 'http://other.test'
    where instance_id = any(${ids.slice(0, 10)}::uuid[])`;
  await db.sql`update ghost_repair.settings set watch_numbers = 12`;
  const first = await leases(db, 15);
  const rest = await leases(db, 1000, first[0]!.tick);
  const urls = [...first, ...rest].map((lease) => lease["api_url"]);
  assert.equal(urls.filter((url) => url === "http://other.test").length, 10);
  assert.equal(urls.filter((url) => url === "http://evolution.test").length, 12);
  assert.deepEqual(await leases(db, 1000, first[0]!.tick), []);
});

companyTest("each number has one caller, and a locked one stops nobody", async (db) => {
  const [locked] = await addInstances(db.sql, db.company, 20, { status: "awaiting_qr" });
  await db.sql.begin(async (other) => {
    await other`select from public.whatsapp_instances where id = ${locked!} for update`;
    // Who waits for it waits for this transaction's end, which waits for the calls.
    const calls = await Promise.all([leases(db), leases(db), leases(db)].map(soon));
    const ids = calls.flat().map(({ instance_id }) => instance_id);
    assert.equal(ids.length, 19);
    assert.equal(new Set(ids).size, 19);
    assert.ok(!ids.includes(locked!));
  });
});

for (
  const [what, meanwhile] of [
    ["it was reported open and closed again", async (db) => {
      await reportOpen(db.sql, db.instanceId, at(1));
      await connection(db.sql, db.instanceId, "close", at(2));
      await setState(db, GIVEN_UP);
    }],
    ["a person brought it back", (db) => setState(db, "status = 'connected'")],
    [
      "a repair was opened",
      (db) => db.sql`insert into public.ghost_repairs (instance_id) values (${db.instanceId})`,
    ],
    ["the lease has ended", (db) => pass(db.sql, 121)],
  ] as readonly (readonly [string, (db: CompanyDatabase) => PromiseLike<unknown>])[]
) {
  companyTest(`what a look found is not written where ${what}`, async (db) => {
    await setState(db, GIVEN_UP);
    const [lease] = await leases(db);
    await meanwhile(db);
    const before = await instanceRow(db.sql, db.instanceId);
    const kinds = await eventKinds(db.sql, db.instanceId);
    assert.deepEqual(await look(db, lease!, "open"), { next: "overtaken" });
    assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
    assert.deepEqual(await eventKinds(db.sql, db.instanceId), kinds);
  });
}

companyTest("an open session that a person does not want is logged out once", async (db) => {
  await ask(db, "begin_disconnect");
  await pass(db.sql, 151);
  const [lease] = await leases(db);
  const { next, token } = await look(db, lease!, "open");
  assert.equal(next, "logout");
  // Nobody connects it meanwhile, and nobody else logs it out.
  assert.deepEqual(await ask(db, "begin_reconnect"), { result: "reconnect_in_progress" });
  assert.deepEqual(await tick(db, "open"), []);
  const outcome = { logout: "accepted", registry: "close" };
  await callSql(db.sql, "record_owed_logout", db.instanceId, token!, outcome);
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), [
    "manual_disconnect",
    "logout_owed",
    "logout",
  ]);
  assert.deepEqual(await health(db), ["manual", null]);
  await pass(db.sql, 360);
  assert.deepEqual(await tick(db, "close"), ["waits"]);
  const row = await instanceRow(db.sql, db.instanceId);
  assert.deepEqual([row.status, row.manual_disconnect], ["disconnected", true]);
});

quickTest("never two logouts in the window, whoever made the first", async (db) => {
  await ask(db, "begin_disconnect");
  await pass(db.sql, 60);
  assert.deepEqual(await tick(db, "open"), ["waits"]);
  await pass(db.sql, 89);
  assert.deepEqual(await tick(db, "open"), [], "the first may have been made late");
  await pass(db.sql, 2);
  assert.deepEqual(await tick(db, "open"), ["logout"]);
});

/** A look at a zombie, and its logout where it is due, which changes nothing; whether it was. */
async function logoutInVain(db: CompanyDatabase): Promise<boolean> {
  const [lease] = await leases(db);
  if (lease === undefined) return false;
  const { next, token } = await look(db, lease, "open");
  if (next !== "logout") return false;
  const outcome = { logout: "socket_dead", registry: "open" };
  await callSql(db.sql, "record_owed_logout", db.instanceId, token!, outcome);
  return true;
}

quickTest("a logout in vain is tried ever more rarely, and when it reports open", async (db) => {
  await ask(db, "begin_disconnect");
  await pass(db.sql, 151);
  assert.ok(await logoutInVain(db));
  const tries: number[] = [];
  for (let minute = 1; minute <= 120; minute++) {
    await pass(db.sql, 60);
    if (await logoutInVain(db)) tries.push(minute);
  }
  assert.ok(tries.length >= 2 && tries.length <= 4, tries.join());
  await connection(db.sql, db.instanceId, "open", at(5));
  await pass(db.sql, 151);
  assert.ok(await logoutInVain(db));
  const kinds = await eventKinds(db.sql, db.instanceId);
  assert.equal(kinds.filter((kind) => kind === "logout_owed").length, 1);
});

quickTest("who reconnects takes the wish back", async (db) => {
  await ask(db, "begin_disconnect");
  await callSql(db.sql, "record_logout", db.instanceId, {
    logout: "unreachable",
    registry: "unreachable",
  });
  assert.deepEqual(await health(db), ["manual", "session_still_open"]);
  await pass(db.sql, 121);
  const [lease] = await leases(db);
  await ask(db, "begin_reconnect");
  assert.deepEqual(await look(db, lease!, "open"), { next: "overtaken" });
  assert.deepEqual([...await db.sql`select from ghost_repair.owed_logouts`], []);
});

quickTest("a registry that says close has carried the wish out", async (db) => {
  await ask(db, "begin_disconnect");
  await callSql(db.sql, "record_logout", db.instanceId, { logout: "timeout", registry: "timeout" });
  await pass(db.sql, 121);
  assert.deepEqual(await tick(db, "close"), ["waits"]);
  assert.deepEqual(await health(db), ["manual", null]);
  await callSql(db.sql, "record_logout", db.instanceId, { logout: "accepted", registry: "close" });
  assert.deepEqual([...await db.sql`select from ghost_repair.owed_logouts`], []);
});
