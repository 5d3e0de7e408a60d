import assert from "node:assert/strict";
import type postgres from "postgres";
import {
  addInstances,
  callSql,
  type CompanyDatabase,
  companyTest,
  only,
} from "../../support/database.ts";
import { DISCONNECTED, setState } from "../../support/instance-calls.ts";
import {
  eventKinds,
  events,
  instanceRow,
  leaseRepairs,
  pass,
  reportOpen,
} from "../../support/repair-calls.ts";
import { at } from "../../support/webhook-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

interface Look extends postgres.Row {
  readonly instance_id: string;
  readonly token: string;
  readonly connection_epoch: string;
  readonly api_url: string;
  readonly wait_ms: number;
  readonly tick_started: Date;
}

async function looks({ sql }: CompanyDatabase, limit = 1000): Promise<Look[]> {
  return [...await sql<Look[]>`select * from public.lease_watched_numbers(${limit})`];
}

type Counts = Readonly<Record<string, number>>;

function record(
  { sql }: CompanyDatabase,
  found: readonly Look[],
  verdict: string,
  more: Readonly<Record<string, postgres.JSONValue>> = {},
): Promise<Counts> {
  return callSql<Counts>(
    sql,
    "record_watched_numbers",
    found.map(({ instance_id, token, connection_epoch }) => ({
      instance_id,
      token,
      epoch: Number(connection_epoch),
      verdict,
      ...more,
    })),
  );
}

/** Looks at what is due, each number alone, and finds the same of all. */
async function tick(db: CompanyDatabase, verdict: string): Promise<Counts> {
  const counts: Record<string, number> = {};
  for (const look of await looks(db)) addTo(counts, await record(db, [look], verdict));
  return counts;
}

function addTo(counts: Record<string, number>, more: Counts): void {
  for (const [end, count] of Object.entries(more)) counts[end] = (counts[end] ?? 0) + count;
}

/** How the company's number is watched, and in how many seconds it is looked at next. */
function watched({ sql, instanceId }: CompanyDatabase): Promise<postgres.Row> {
  return only(sql`
    select w.*, extract(epoch from w.next_look_at - ghost_repair.now())::float8 as seconds
    from ghost_repair.watched_numbers w where w.instance_id = ${instanceId}`);
}

/** A message comes in, or one of ours is reported, written at this time. */
function message(
  { sql, instanceId, company }: CompanyDatabase,
  id: string,
  sentAt = "2100-01-01",
  fromMe = false,
) {
  return callSql(sql, "ghost_repair.apply_message", instanceId, {
    whatsapp_message_id: id,
    remote_jid: company.customerJid,
    from_me: fromMe,
    type: "text",
    content: "oi",
    sent_at: sentAt,
  });
}

/** A delivery report, signed at this time. */
function deliveryReport(
  { sql }: CompanyDatabase,
  instanceId: string,
  status = "delivered",
  signedAt: Date | null = null,
  id = "OUT-1",
) {
  return callSql(sql, "ghost_repair.apply_acknowledgement", instanceId, id, status, null, signedAt);
}

/** Every number is due now, and none was heard of. */
function dueNow({ sql }: CompanyDatabase): PromiseLike<unknown> {
  return sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()`;
}

/** More numbers, all of them due. */
async function others(db: CompanyDatabase, count: number): Promise<string[]> {
  const ids = await addInstances(db.sql, db.company, count);
  await dueNow(db);
  return ids;
}

quickTest("a number that became connected is looked at within seconds", async (db) => {
  await db.sql`update ghost_repair.watched_numbers
    set next_look_at = ghost_repair.now() + interval '1 hour'`;
  await setState(db, DISCONNECTED);
  await setState(db, "status = 'connected', disconnected_since = null");
  const { seconds } = await watched(db);
  assert.ok(seconds > 5 && seconds < 25, String(seconds));
});

quickTest("a silent number is probed every five minutes, a fifth sooner or later", async (db) => {
  const ticks: number[] = [];
  for (let second = 0; second < 2 * 3_600; second += 30) {
    if ((await tick(db, "alive"))["alive"] === 1) ticks.push(second);
    await pass(db.sql, 30);
  }
  const gaps = ticks.slice(1).map((second, index) => second - ticks[index]!);
  assert.ok(gaps.length > 15 && gaps.every((gap) => gap >= 210 && gap <= 390), gaps.join());
  assert.ok(new Set(gaps).size > 2, gaps.join());
});

const PROOFS: Readonly<Record<string, (db: CompanyDatabase, id: string) => Promise<unknown>>> = {
  "a message that came in": message,
  "a delivery report": (db) => deliveryReport(db, db.instanceId),
};

for (const [what, hear] of Object.entries(PROOFS)) {
  quickTest(`a number with proof of life is not probed: ${what}`, async (db) => {
    for (let second = 0; second < 1_800; second += 60) {
      await hear(db, `IN-${second}`);
      assert.deepEqual(await looks(db), []);
      await pass(db.sql, 60);
    }
  });
}

quickTest("a session that opened is proof of life", async (db) => {
  await setState(db, DISCONNECTED);
  await reportOpen(db.sql, db.instanceId, at(1));
  await dueNow(db);
  assert.deepEqual(await looks(db), []);
});

quickTest("a session that opens again and again is probed all the same", async (db) => {
  // Half open after every opening: the keep-alive notices, and reopens it.
  let probed = 0;
  for (let second = 0; second < 900; second += 55) {
    await reportOpen(db.sql, db.instanceId, at(second));
    probed += (await looks(db)).length;
    await pass(db.sql, 55);
  }
  assert.ok(probed >= 2, String(probed));
});

quickTest("proof that is old news is none", async (db) => {
  const before = await instanceRow(db.sql, db.instanceId);
  // Webhooks that came again and again for half an hour.
  const old = new Date(Date.now() - 1_800_000);
  await db.sql`update public.whatsapp_instances
    set last_alive_at = ghost_repair.now() - interval '10 minutes'`;
  await deliveryReport(db, db.instanceId, "delivered", old);
  await message(db, "IN-1", old.toISOString());
  await dueNow(db);
  assert.equal((await looks(db)).length, 1);
  assert.equal(before["last_alive_at"], null);
});

quickTest("what WhatsApp refused and what we sent ourselves prove nothing", async (db) => {
  await deliveryReport(db, db.instanceId, "failed");
  await message(db, "OUT-2", new Date().toISOString(), true);
  assert.equal((await instanceRow(db.sql, db.instanceId))["last_alive_at"], null);
});

quickTest("proof of life is written down every half a minute at the most", async (db) => {
  const seen = new Set<number>();
  for (let second = 0; second < 300; second += 5) {
    await deliveryReport(db, db.instanceId, "delivered", null, `OUT-${second}`);
    seen.add(Number((await instanceRow(db.sql, db.instanceId))["last_alive_at"]));
    await pass(db.sql, 5);
  }
  assert.ok(seen.size >= 8 && seen.size <= 10, String(seen.size));
});

quickTest("dead: the ladder's in the same minute, and told", async (db) => {
  await dueNow(db);
  const [look] = await looks(db);
  const detail = { probes: ["timeout", "timeout"], memory: "open" };
  assert.deepEqual(await record(db, [look!], "dead", { detail }), { suspected: 1 });
  assert.deepEqual(await events(db.sql, db.instanceId), [
    { kind: "watch_dead", detail },
    { kind: "marked_disconnected", detail: { source: "watch" } },
  ]);
  assert.equal((await leaseRepairs(db.sql)).length, 1);
  // The ladder's alone from now on.
  await dueNow(db);
  assert.deepEqual(await looks(db), []);
});

for (
  const [what, meanwhile] of [
    ["it was reported open", (db) => reportOpen(db.sql, db.instanceId, at(1))],
    ["a delivery report came in", (db) => deliveryReport(db, db.instanceId, "read")],
    ["somebody said that it is connected", (db) => setState(db, "status = 'connected'")],
    ["a person disconnected it", (db) => setState(db, `${DISCONNECTED}, manual_disconnect = true`)],
    ["it waits for a scan", (db) => setState(db, "status = 'awaiting_qr'")],
    [
      "a repair was opened",
      (db) => db.sql`insert into public.ghost_repairs (instance_id) values (${db.instanceId})`,
    ],
    ["its lease is over", (db) => pass(db.sql, 121)],
  ] as readonly (readonly [string, (db: CompanyDatabase) => PromiseLike<unknown>])[]
) {
  quickTest(`dead changes nothing where ${what} meanwhile`, async (db) => {
    await dueNow(db);
    const [look] = await looks(db);
    await meanwhile(db);
    const before = await instanceRow(db.sql, db.instanceId);
    assert.deepEqual(await record(db, [look!], "dead"), { overtaken: 1 });
    assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
    assert.equal((await eventKinds(db.sql, db.instanceId)).includes("watch_dead"), false);
  });
}

quickTest("WhatsApp's limit lengthens the interval, and a probe shortens it again", async (db) => {
  const stretched: number[] = [];
  for (const verdict of ["limited", "limited", "limited", "limited", "limited", "alive", "alive"]) {
    await dueNow(db);
    await db.sql`update public.whatsapp_instances set last_alive_at = null`;
    assert.deepEqual(await tick(db, verdict), { [verdict]: 1 });
    const { stretch, seconds } = await watched(db);
    stretched.push(stretch);
    const share = seconds / (300 * stretch);
    assert.ok(share > 0.79 && share < 1.21, String(share));
  }
  assert.deepEqual(stretched, [2, 4, 8, 8, 8, 4, 2]);
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), []);
});

quickTest("a silent gateway is told once, and one number asks for all", async (db) => {
  await others(db, 50);
  const found = await looks(db);
  assert.equal(found.length, 51);
  const rows = () => db.sql`select to_jsonb(i) as row from public.whatsapp_instances i order by id`;
  const before = await rows();
  assert.deepEqual(await record(db, found, "silent"), { silent: 51 });
  let asked = 0;
  for (let second = 0; second < 580; second += 10) {
    await pass(db.sql, 10);
    asked += (await tick(db, "silent"))["silent"] ?? 0;
  }
  assert.ok(asked >= 15 && asked <= 21, `${asked} in ten minutes`);
  assert.deepEqual(await rows(), before);
  const told = await db.sql`select kind from public.instance_events`;
  assert.deepEqual([...told], [{ kind: "gateway_silent" }]);
  // It answers again: everybody has a turn within the minute.
  let alive = 0;
  for (let second = 0; second < 100; second += 10) {
    alive += (await tick(db, "alive"))["alive"] ?? 0;
    await pass(db.sql, 10);
  }
  assert.equal(alive, 51);
  await dueNow(db);
  await db.sql`update public.whatsapp_instances set last_alive_at = null`;
  await record(db, await looks(db), "silent");
  assert.equal((await db.sql`select from public.instance_events`).length, 2);
});

quickTest("numbers of a gateway that die one after another are an outage", async (db) => {
  await others(db, 50);
  const ends: Record<string, number> = {};
  for (let second = 0; second < 1_800; second += 10) {
    addTo(ends, await tick(db, "dead"));
    await pass(db.sql, 10);
  }
  assert.equal(ends["suspected"], 2);
  assert.ok(ends["outage"]! < 150, JSON.stringify(ends));
  // What is being repaired already changes nothing either.
  const outages = async () => {
    await db.sql`delete from ghost_repair.leases where kind = 'repair'`;
    return (await leaseRepairs(db.sql)).map((lease) => lease["outage"]);
  };
  assert.deepEqual(await outages(), [true, true]);
  // The first that answers ends it. While all is dead one is asked now and then.
  let answered = 0;
  for (let second = 0; answered === 0 && second < 60; second += 10) {
    answered = (await tick(db, "alive"))["alive"] ?? 0;
    await pass(db.sql, 10);
  }
  assert.equal(answered, 1);
  assert.deepEqual(await outages(), [false, false]);
  // The others need not wait for one another any more.
  let alive = 0;
  for (let second = 0; second < 60; second += 10) {
    alive += (await record(db, await looks(db), "alive"))["alive"] ?? 0;
    await pass(db.sql, 10);
  }
  assert.ok(alive >= 48, String(alive));
});

quickTest("a dead number has its neighbours looked at, also those just heard of", async (db) => {
  const ids = await addInstances(db.sql, db.company, 12);
  await db.sql`update public.whatsapp_instances set last_alive_at = ghost_repair.now()`;
  await db.sql`update ghost_repair.watched_numbers
  set next_look_at = ghost_repair.now() + interval '4 minutes'`;
  await db.sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()
  where instance_id = ${ids[0]!}`;
  await db.sql`update public.whatsapp_instances set last_alive_at = null where id = ${ids[0]!}`;
  assert.deepEqual(await tick(db, "dead"), { suspected: 1 });
  assert.deepEqual(await tick(db, "alive"), { alive: 5 });
  assert.deepEqual(await tick(db, "alive"), {});
});

for (const [heard, end] of [[false, "outage"], [true, "suspected"]] as const) {
  quickTest(
    `the third dead number in a row is ${end}${heard ? " where another lives" : ""}`,
    async (db) => {
      const ids = await others(db, 6);
      const found = await looks(db);
      for (const look of found.slice(0, 2)) await record(db, [look], "dead");
      if (heard) {
        await pass(db.sql, 1);
        const other = ids.find((id) =>
          id !== found[2]!.instance_id &&
          !found.slice(0, 2).some((look) => look.instance_id === id)
        )!;
        await deliveryReport(db, other, "read");
      }
      assert.deepEqual(await record(db, [found[2]!], "dead"), { [end]: 1 });
    },
  );
}

quickTest("one number that is dead again and again is no outage", async (db) => {
  // A repair has just ended: the next one comes later.
  await db.sql`insert into public.ghost_repairs (instance_id, state, closed_at, outcome)
    values (${db.instanceId}, 'closed', ghost_repair.now(), 'healed')`;
  for (let look = 0; look < 4; look++) {
    await dueNow(db);
    assert.deepEqual(await tick(db, "dead"), { dead: 1 });
  }
});

quickTest("no gateway has more than its probes a second, whoever asks", async (db) => {
  await others(db, 399);
  const first = await looks(db, 150);
  const second = await looks(db, 1_000);
  const probes = [...first, ...second]
    .map(({ tick_started, wait_ms }) => tick_started.getTime() + wait_ms).sort((a, b) => a - b);
  assert.ok(probes.length >= 195 && probes.length <= 260, String(probes.length));
  for (let index = 20; index < probes.length; index++) {
    assert.ok(probes[index]! - probes[index - 20]! >= 990, String(index));
  }
  // All have a turn, and nobody is asked twice.
  const asked = new Set([...first, ...second].map((look) => look.instance_id));
  for (let tenth = 1; tenth <= 3; tenth++) {
    await pass(db.sql, 10);
    for (const look of await looks(db)) asked.add(look.instance_id);
  }
  assert.equal(asked.size, 400);
});

quickTest("a gateway that is slow or silent holds up no other", async (db) => {
  const ids = await others(db, 60);
  await db.sql`update private.instance_credentials set api_url = 'http://other.test'
    where instance_id = any(${ids.slice(50)}::uuid[])`;
  const here = (await looks(db)).filter((look) => look.api_url === "http://evolution.test");
  await record(db, here, "silent");
  await dueNow(db);
  await pass(db.sql, 300);
  const found = await looks(db, 11);
  assert.equal(found.filter((look) => look.api_url === "http://other.test").length, 10);
});

for (
  const [why, change] of [
    ["it is switched off", "update ghost_repair.settings set watch_interval = null"],
    [
      "its organization has switched it off",
      `insert into ghost_repair.watch_policies (organization_id, enabled)
        select id, false from public.organizations`,
    ],
    ["it is not connected", `update public.whatsapp_instances set ${DISCONNECTED}`],
    ["it has no gateway", `delete from private.instance_credentials`],
    [
      "it is under repair",
      `insert into public.ghost_repairs (instance_id) select id from public.whatsapp_instances`,
    ],
    ["it is deleted", `update public.whatsapp_instances set deleted_at = ghost_repair.now()`],
  ] as const
) {
  quickTest(`nobody probes a number where ${why}`, async (db) => {
    await db.sql.unsafe(change);
    for (let minute = 0; minute < 20; minute++) {
      await pass(db.sql, 60);
      assert.deepEqual(await looks(db), []);
    }
  });
}

quickTest("an organization may be watched alone, at its own interval", async (db) => {
  await db.sql`update ghost_repair.settings set watch_interval = null`;
  await db.sql`insert into ghost_repair.watch_policies (organization_id, watch_interval)
    values (${db.company.organizationId}, '1 minute')`;
  await pass(db.sql, 60);
  assert.deepEqual(await tick(db, "alive"), { alive: 1 });
  const { seconds } = await watched(db);
  assert.ok(seconds >= 47 && seconds <= 73);
});

quickTest("a probe that proves nothing is told once, and reaches nobody's session", async (db) => {
  for (const verdict of ["any_answer", "any_answer", "alive", "no_endpoint"]) {
    await dueNow(db);
    await db.sql`update public.whatsapp_instances set last_alive_at = null`;
    await tick(db, verdict);
  }
  assert.deepEqual(await events(db.sql, db.instanceId), [
    { kind: "watch_blind", detail: { reason: "any_answer" } },
    { kind: "watch_blind", detail: { reason: "no_endpoint" } },
  ]);
});

quickTest("a gateway that refuses the key reaches a person after ten minutes", async (db) => {
  for (let minute = 0; minute < 30; minute++) {
    await tick(db, "gateway_unauthorized");
    await pass(db.sql, 60);
  }
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), ["needs_operator"]);
  assert.partialDeepStrictEqual(
    [...await db.sql`select health, reason from public.instance_health`],
    [{ health: "needs_operator", reason: "gateway_unauthorized" }],
  );
});

quickTest("the own number is learnt from the registry once", async (db) => {
  await setState(db, "phone_number = null");
  await dueNow(db);
  await record(db, await looks(db), "alive", { own_number: "5511900000009" });
  assert.equal((await instanceRow(db.sql, db.instanceId))["phone_number"], "5511900000009");
});

companyTest("ticks at once share the numbers, and a locked one holds up nobody", async (db) => {
  const ids = await others(db, 60);
  const shares = await Promise.all([looks(db, 30), looks(db, 30), looks(db, 30)]);
  const all = shares.flat();
  assert.equal(new Set(all.map((look) => look.instance_id)).size, all.length);
  await db.sql.begin(async (other) => {
    await other`select from public.whatsapp_instances where id = ${ids[0]!} for update`;
    const ends = await Promise.all(
      shares.filter((share) => share.length > 0)
        .map((share) => record(db, share, "alive")),
    );
    assert.equal(ends.reduce((sum, end) => sum + (end["alive"] ?? 0), 0), all.length);
  });
});

companyTest("many dead at once, recorded one by one, never wait in a circle", async (db) => {
  await others(db, 20);
  const found = await looks(db);
  const ends = await Promise.all(
    found.map((look, index) => record(db, [look], index % 3 === 0 ? "dead" : "alive")),
  );
  assert.equal(ends.length, 21);
});
