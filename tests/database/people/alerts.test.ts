import assert from "node:assert/strict";
import type postgres from "postgres";
import {
  addCompany,
  addInstances,
  callSql,
  type CompanyDatabase,
  only,
} from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import { pass } from "../../support/repair-calls.ts";
import {
  addChannel,
  claims,
  comeBack,
  event,
  goDown,
  record,
  SECRET,
  sendAll,
  told,
} from "./alert-calls.ts";

quickTest("down is told once, and that it is back with the time away", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  assert.deepEqual(await claims(db.sql), [], "what happens together is gathered");
  const [down, ...more] = await sendAll(db.sql);
  assert.equal(more.length, 0);
  assert.equal(down!["kind"], "webhook");
  assert.deepEqual(down!["secrets"], [SECRET]);
  assert.deepEqual(
    down!.items.map((item) => ({ ...item, since: 0, awaySeconds: 0 })),
    [{
      instanceId: db.instanceId,
      name: "Atendimento",
      kind: "down",
      reason: "steps_used_up",
      since: 0,
      awaySeconds: 0,
    }],
  );
  await goDown(db.sql, db.instanceId);
  assert.deepEqual(await sendAll(db.sql), [], "the same is no news");
  await pass(db.sql, 1_880);
  await goDown(db.sql, db.instanceId);
  assert.deepEqual(await sendAll(db.sql), [], "nor while it is down for long");
  await pass(db.sql, 1_540);
  await comeBack(db.sql, db.instanceId);
  const [back] = await sendAll(db.sql);
  assert.deepEqual(told([back!]), [["recovered"]]);
  assert.ok(
    Math.abs(back!.items[0]!.awaySeconds - 3_600) < 9,
  );
  await event(db.sql, db.instanceId, "connected");
  assert.deepEqual(await sendAll(db.sql), []);
});

quickTest("who was not told that it is down hears nothing of its coming back", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  await pass(db.sql, 30);
  await comeBack(db.sql, db.instanceId);
  assert.deepEqual(await sendAll(db.sql), []);
});

quickTest("another reason, and a QR code that waits, are news", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  await sendAll(db.sql);
  await goDown(db.sql, db.instanceId, "restarted_in_vain");
  assert.deepEqual(told(await sendAll(db.sql)), [["down"]]);
  await event(db.sql, db.instanceId, "qr_required");
  await event(db.sql, db.instanceId, "qr_required");
  assert.deepEqual(told(await sendAll(db.sql)), [["qr"]]);
  await event(db.sql, db.instanceId, "connected");
  assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
});

quickTest("a number that goes up and down is told once in half an hour", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  assert.equal((await sendAll(db.sql)).length, 1);
  await comeBack(db.sql, db.instanceId);
  assert.equal((await sendAll(db.sql)).length, 1);
  await goDown(db.sql, db.instanceId);
  assert.deepEqual(await sendAll(db.sql), []);
  await comeBack(db.sql, db.instanceId);
  assert.deepEqual(await sendAll(db.sql), [], "nor that it is back");
  await pass(db.sql, 1_800);
  await goDown(db.sql, db.instanceId);
  assert.equal((await sendAll(db.sql)).length, 1);
});

/** What a number was told of is so again, a moment after it was told that it is back. */
const AGAIN: readonly (readonly [string, (db: CompanyDatabase) => Promise<unknown>, string])[] = [
  ["down for the same reason", ({ sql, instanceId }) => goDown(sql, instanceId), "down"],
  [
    "waits for a scan",
    async ({ sql, instanceId }) => await event(sql, instanceId, "qr_required"),
    "qr",
  ],
];

for (const [what, happen, kind] of AGAIN) {
  quickTest(
    `${what}, and again within half an hour: told at its end where it stays so`,
    async (db) => {
      await addChannel(db);
      await happen(db);
      assert.deepEqual(told(await sendAll(db.sql)), [[kind]]);
      await comeBack(db.sql, db.instanceId);
      assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
      await happen(db);
      await pass(db.sql, 1_600);
      assert.deepEqual(await sendAll(db.sql), []);
      await pass(db.sql, 20);
      assert.deepEqual(told(await sendAll(db.sql)), [[kind]]);
      await pass(db.sql, 3_600);
      assert.deepEqual(await sendAll(db.sql), [], "once");
      await comeBack(db.sql, db.instanceId);
      assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
    },
  );
}

quickTest(
  "a code, no gateway, the code again: the last is told, half an hour later",
  async (db) => {
    await addChannel(db);
    await event(db.sql, db.instanceId, "qr_required");
    assert.deepEqual(told(await sendAll(db.sql)), [["qr"]]);
    await goDown(db.sql, db.instanceId, "gateway_unreachable");
    assert.deepEqual(told(await sendAll(db.sql)), [["down"]]);
    await event(db.sql, db.instanceId, "qr_required");
    assert.deepEqual(await sendAll(db.sql), []);
    await pass(db.sql, 1_620);
    assert.deepEqual(told(await sendAll(db.sql)), [["qr"]]);
  },
);

quickTest("what waits for its half hour is not told with another number's", async (db) => {
  await addChannel(db);
  const [other] = await addInstances(db.sql, db.company, 1);
  await goDown(db.sql, db.instanceId);
  await sendAll(db.sql);
  await comeBack(db.sql, db.instanceId);
  await sendAll(db.sql);
  await goDown(db.sql, db.instanceId);
  await goDown(db.sql, other!);
  const [message, ...more] = await sendAll(db.sql);
  assert.equal(more.length, 0);
  assert.deepEqual(message!.items.map(({ instanceId }) => instanceId), [other]);
});

quickTest("who was told last that it is down is told that it is back", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  await sendAll(db.sql);
  // Back and down again before anybody was told: the channel still has it as down.
  await comeBack(db.sql, db.instanceId);
  await goDown(db.sql, db.instanceId);
  assert.deepEqual(await sendAll(db.sql), []);
  await pass(db.sql, 1_800);
  assert.deepEqual(await sendAll(db.sql), [], "it has that it is down");
  await comeBack(db.sql, db.instanceId);
  assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
});

quickTest(
  "who hears of no end is told at the end of the pause that it is down again",
  async (db) => {
    await addChannel(db, { events: ["down"] });
    await goDown(db.sql, db.instanceId);
    await sendAll(db.sql);
    await comeBack(db.sql, db.instanceId);
    await goDown(db.sql, db.instanceId);
    assert.deepEqual(await sendAll(db.sql), []);
    await pass(db.sql, 1_800);
    assert.deepEqual(told(await sendAll(db.sql)), [["down"]]);
  },
);

quickTest("who was told on another day that it is down is told so again", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  await sendAll(db.sql);
  await pass(db.sql, 1_800);
  await comeBack(db.sql, db.instanceId);
  await goDown(db.sql, db.instanceId);
  assert.deepEqual(told(await sendAll(db.sql)), [["down"]]);
});

quickTest(
  "500 numbers of one gateway that die together are one digest, then a pause",
  async (db) => {
    await addChannel(db);
    const ids = await addInstances(db.sql, db.company, 500);
    await db.sql`
    select ghost_repair.add_event(id, 'needs_operator', '{"reason": "outage"}')
    from unnest(${ids}::uuid[]) id`;
    const messages = await sendAll(db.sql);
    assert.deepEqual(messages.map(({ items, numbers }) => [items.length, numbers]), [[500, 500]]);
    await goDown(db.sql, db.instanceId);
    assert.deepEqual(await sendAll(db.sql), []);
    await pass(db.sql, 540);
    assert.equal((await sendAll(db.sql)).length, 1);
  },
);

quickTest("each gateway has a message of its own", async (db) => {
  await addChannel(db);
  const [other] = await addInstances(db.sql, db.company, 1);
  await db.sql`
    update private.instance_credentials set api_url = 'http://other.test'
    where instance_id = ${other!}`;
  await goDown(db.sql, db.instanceId);
  await goDown(db.sql, other!);
  assert.deepEqual(told(await sendAll(db.sql)), [["down"], ["down"]]);
});

quickTest("a person's own disconnection is nobody's alarm", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  await event(db.sql, db.instanceId, "manual_disconnect");
  assert.deepEqual(await sendAll(db.sql), []);
  await goDown(db.sql, db.instanceId, "outage");
  assert.equal((await sendAll(db.sql)).length, 1);
  await event(db.sql, db.instanceId, "manual_disconnect");
  assert.deepEqual(await sendAll(db.sql), []);
  await event(db.sql, db.instanceId, "connected");
  assert.deepEqual(await sendAll(db.sql), []);
});

quickTest("a channel hears of its organization's numbers, and of what it asked for", async (db) => {
  const other = await addCompany(db.sql, "other");
  const id = await addChannel(db);
  await goDown(db.sql, other.instanceId);
  assert.deepEqual(await sendAll(db.sql), []);
  const change = { id, events: ["recovered"] };
  await callSql(db.sql, "save_alert_channel", db.company.userId, change);
  await goDown(db.sql, db.instanceId);
  assert.deepEqual(await sendAll(db.sql), []);
  await db.sql`
    insert into private.alert_channels (kind, name, url, secret)
    values ('webhook', 'all', 'https://hooks.example/all', ${SECRET})`;
  await goDown(db.sql, db.instanceId, "outage");
  await goDown(db.sql, other.instanceId, "outage");
  assert.deepEqual(told(await sendAll(db.sql)), [["down", "down"]]);
});

quickTest("switched off, one channel or all are silent", async (db) => {
  const id = await addChannel(db);
  await callSql(db.sql, "save_alert_channel", db.company.userId, { id, enabled: false });
  await goDown(db.sql, db.instanceId);
  assert.deepEqual(await sendAll(db.sql), []);
  await callSql(db.sql, "save_alert_channel", db.company.userId, { id, enabled: true });
  await db.sql`update ghost_repair.settings set alerts = false`;
  await goDown(db.sql, db.instanceId, "outage");
  assert.deepEqual(await sendAll(db.sql), []);
  await db.sql`update ghost_repair.settings set alerts = true`;
  assert.deepEqual(await sendAll(db.sql), [], "what was then is not told now");
});

/** Quiet from an hour ago until in an hour. */
const quietNow = async (sql: postgres.ISql) => {
  const [hours] = await sql`
    select to_char(ghost_repair.now() at time zone 'UTC' - interval '1 hour', 'HH24:MI') as "from",
      to_char(ghost_repair.now() at time zone 'UTC' + interval '1 hour', 'HH24:MI') as "until"`;
  return { quiet_from: hours!["from"], quiet_until: hours!["until"], time_zone: "UTC" };
};

quickTest("in quiet hours nobody is woken for one number", async (db) => {
  await addInstances(db.sql, db.company, 1);
  await addChannel(db, await quietNow(db.sql));
  await goDown(db.sql, db.instanceId);
  assert.deepEqual(await sendAll(db.sql), []);
  await pass(db.sql, 3_600);
  assert.deepEqual(told(await sendAll(db.sql)), [["down"]], "but in the morning");
});

quickTest(
  "in quiet hours somebody is woken when all of the organization's are down",
  async (db) => {
    await addCompany(db.sql, "another that is well");
    await addChannel(db, await quietNow(db.sql));
    await goDown(db.sql, db.instanceId);
    assert.deepEqual(told(await sendAll(db.sql)), [["down"]]);
  },
);

/** At an hour in UTC: whether from … until … is quiet, in a zone. */
const QUIET = [
  ["12:00", "11:00", "13:00", "UTC", true],
  ["12:00", "13:00", "14:00", "UTC", false],
  ["12:00", "22:00", "06:00", "UTC", false],
  ["23:00", "22:00", "06:00", "UTC", true],
  ["05:00", "22:00", "06:00", "UTC", true],
  // In Tokyo it is nine hours later.
  ["12:00", "20:00", "22:00", "Asia/Tokyo", true],
] as const;

quickTest("quiet hours may be over midnight, in a zone of their own", async (db) => {
  for (const [at, from, until, zone, quiet] of QUIET) {
    const { seconds } = await only(db.sql`select extract(epoch from
      date_trunc('day', ghost_repair.now(), 'UTC') + interval '1 day' + ${at}::text::time
        - ghost_repair.now())::float8 as seconds`);
    await pass(db.sql, seconds);
    const found = await only(db.sql`
      select ghost_repair.is_quiet(jsonb_populate_record(null::private.alert_channels,
        jsonb_build_object('quiet_from', ${from}::text, 'quiet_until', ${until}::text,
          'time_zone', ${zone}::text))) as quiet`);
    assert.equal(found["quiet"], quiet, `${at}: ${from} to ${until}, ${zone}`);
  }
});

quickTest("what was not taken is sent again after 1, 2, 4 … minutes, and given up", async (db) => {
  const id = await addChannel(db);
  await goDown(db.sql, db.instanceId);
  await pass(db.sql, 60);
  const seen: string[] = [];
  for (let minutes = 1; minutes <= 128; minutes *= 2) {
    const [message] = await claims(db.sql);
    assert.deepEqual(await claims(db.sql), [], "each to one caller");
    seen.push(message!.message_id);
    await record(db.sql, message!, "refused");
    await pass(db.sql, minutes * 60 - 1);
    assert.deepEqual(await claims(db.sql), []);
    await pass(db.sql, 1);
  }
  assert.equal(seen.length, 8);
  assert.equal(new Set(seen).size, 1);
  assert.deepEqual(await claims(db.sql), []);
  const [{ state, outcome }] = await db.sql`
    select m.state, c.last_outcome as outcome from ghost_repair.alert_messages m
    join private.alert_channels c on c.id = m.channel_id where c.id = ${id}` as [postgres.Row];
  assert.deepEqual([state, outcome], ["dropped", "refused"]);
});

const CHATS = [
  ["slack", { url: "https://hooks.slack.com/services/x" }],
  ["telegram", { target: "-100123456", secret: "123456:token-of-the-bot" }],
] as const;

for (const [kind, told] of CHATS) {
  quickTest(`${kind}: what may have been taken is not sent a second time`, async (db) => {
    await addChannel(db, { kind, url: null, secret: null, ...told });
    await goDown(db.sql, db.instanceId);
    await pass(db.sql, 60);
    await record(db.sql, (await claims(db.sql))[0]!, "unknown");
    await pass(db.sql, 600);
    assert.deepEqual(await claims(db.sql), []);
    // Who sends it may also die in the middle.
    await goDown(db.sql, db.instanceId, "outage");
    await pass(db.sql, 60);
    assert.equal((await claims(db.sql)).length, 1);
    await pass(db.sql, 600);
    assert.deepEqual(await claims(db.sql), []);
    const states = await db.sql`
      select distinct state from ghost_repair.alert_messages`;
    assert.deepEqual(states.map(({ state }) => state), ["unknown"]);
  });
}

quickTest("a webhook is: its receiver knows the message by its id", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  await pass(db.sql, 60);
  const [first] = await claims(db.sql);
  await record(db.sql, first!, "unknown");
  await pass(db.sql, 60);
  const [second] = await claims(db.sql);
  await pass(db.sql, 120);
  const [third] = await claims(db.sql);
  assert.deepEqual(
    [second!.message_id, third!.message_id],
    [first!.message_id, first!.message_id],
  );
});

quickTest(
  "WhatsApp goes through another living number of the organization, never the dead one",
  async (db) => {
    await addChannel(db, { kind: "whatsapp", target: "5511900000009", url: null, secret: null });
    const stranger = await addCompany(db.sql, "another organization");
    const sender = async () => {
      await pass(db.sql, 60);
      const [message] = await claims(db.sql);
      await record(db.sql, message!, "no_living_number");
      return message!["sender"]?.instance_name ?? null;
    };
    await goDown(db.sql, db.instanceId);
    assert.equal(await sender(), null, "nobody lives");
    const [near, far, sick] = await addInstances(db.sql, db.company, 3);
    await db.sql`
    update private.instance_credentials set api_url = 'http://other.test'
    where instance_id = ${far!}`;
    // Heard of last, it would be the first.
    await db.sql`update public.whatsapp_instances set last_alive_at = ghost_repair.now()
      where id = ${sick!}`;
    await db.sql`select ghost_repair.open_ghost_repair(${sick!}, '{}')`;
    const nameOf = async (id: string) =>
      (await db.sql`select instance_name from public.whatsapp_instances where id = ${id}`)[0]![
        "instance_name"
      ];
    assert.equal(await sender(), await nameOf(far!), "of another gateway, where there is one");
    await db.sql`delete from public.whatsapp_instances where id = ${far!}`;
    await pass(db.sql, 60);
    assert.equal(await sender(), await nameOf(near!));
    assert.ok(stranger.instanceId);
  },
);

quickTest(
  "its members but agents manage an organization's channels, and see no secret",
  async (db) => {
    const id = await addChannel(db);
    const other = await addCompany(db.sql, "other");
    const list = (userId: string, organizationId = db.company.organizationId) =>
      callSql<Record<string, unknown>>(db.sql, "list_alert_channels", userId, organizationId);
    const owned = await list(db.company.userId);
    assert.equal((owned["channels"] as unknown[]).length, 1);
    assert.ok(!JSON.stringify(owned).includes(SECRET));
    assert.ok(!JSON.stringify(owned).includes("/alerts"), "an address may be a secret");
    assert.deepEqual(await list(other.userId), { result: "organization_not_found" });
    const { userId } = other;
    for (const name of ["test_alert_channel", "delete_alert_channel"]) {
      assert.deepEqual(await callSql(db.sql, name, userId, id), { result: "channel_not_found" });
    }
    const save = (by: string, channel: postgres.JSONValue) =>
      callSql<Record<string, unknown>>(db.sql, "save_alert_channel", by, channel);
    assert.deepEqual(await save(userId, { id, name: "x" }), { result: "channel_not_found" });
    await db.sql`
    insert into public.organization_members (organization_id, user_id, role)
    values (${db.company.organizationId}, ${userId}, 'agent')`;
    assert.deepEqual(await list(userId), { result: "forbidden" });
    assert.deepEqual(
      await save(userId, { organization_id: db.company.organizationId, kind: "slack" }),
      { result: "forbidden" },
    );
    assert.deepEqual(await save(userId, { id, name: "x" }), { result: "channel_not_found" });
    assert.deepEqual(await callSql(db.sql, "delete_alert_channel", db.company.userId, id), {
      deleted: true,
    });
  },
);

quickTest(
  "a change keeps what it does not name, and the secret of before signs for a day",
  async (db) => {
    const id = await addChannel(db, { language: "en" });
    const saved = await callSql<{ channel: Record<string, unknown> }>(
      db.sql,
      "save_alert_channel",
      db.company.userId,
      { id, secret: "another secret of it", organization_id: crypto.randomUUID(), kind: "slack" },
    );
    assert.equal(saved.channel["language"], "en");
    assert.equal(saved.channel["kind"], "webhook");
    await goDown(db.sql, db.instanceId);
    const [message] = await sendAll(db.sql);
    assert.deepEqual(message!["secrets"], ["another secret of it", SECRET]);
    await pass(db.sql, 86_400);
    await goDown(db.sql, db.instanceId, "outage");
    assert.deepEqual((await sendAll(db.sql))[0]!["secrets"], ["another secret of it"]);
  },
);

quickTest("a channel that lacks what its kind needs is refused", async (db) => {
  const organization_id = db.company.organizationId;
  for (
    const lacking of [
      { kind: "telegram", target: "123456" },
      { kind: "whatsapp" },
      { kind: "slack" },
      { kind: "webhook", url: "https://x.example" },
      { kind: "slack", url: "https://x.example", time_zone: "Mars/Olympus" },
    ]
  ) {
    const saved = await callSql<{ result: string }>(
      db.sql,
      "save_alert_channel",
      db.company.userId,
      { organization_id, name: "x", ...lacking },
    );
    assert.equal(saved.result, "channel_incomplete", JSON.stringify(lacking));
  }
});

quickTest("a trial goes by the same way, at the next turn", async (db) => {
  const id = await addChannel(db);
  assert.deepEqual(await callSql(db.sql, "test_alert_channel", db.company.userId, id), {
    queued: true,
  });
  const [message] = await claims(db.sql);
  assert.deepEqual([message!["numbers"], message!.items], [0, []]);
});

quickTest("the scheduler is told when somebody is to be told", async (db) => {
  const due = async () =>
    (await db.sql`select name from ghost_repair.due_functions()`)
      .some(({ name }) => name === "send-alerts");
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  assert.equal(await due(), false);
  await pass(db.sql, 60);
  assert.equal(await due(), true);
  const [message] = await claims(db.sql);
  assert.equal(await due(), false);
  await record(db.sql, message!, "refused");
  await pass(db.sql, 60);
  assert.equal(await due(), true);
});
