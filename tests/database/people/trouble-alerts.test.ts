import assert from "node:assert/strict";
import { callSql, type CompanyDatabase } from "../../support/database.ts";
import { DISCONNECTED, setState } from "../../support/instance-calls.ts";
import { events, leaseRepairs, pass, recordStep } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { addChannel, event, goDown, type Message, sendAll, told } from "./alert-calls.ts";

/** The watch looks at the number, and finds this. */
async function look(db: CompanyDatabase, verdict: string): Promise<void> {
  await db.sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()`;
  const found = await db.sql`select * from public.lease_watched_numbers(1000)`;
  const findings = found.map(({ instance_id, token, connection_epoch }) => ({
    instance_id,
    token,
    epoch: Number(connection_epoch),
    verdict,
  }));
  await callSql(db.sql, "record_watched_numbers", findings);
}

/** For more than ten minutes each look finds the same. */
async function lookLong(db: CompanyDatabase, verdict: string): Promise<void> {
  await look(db, verdict);
  await pass(db.sql, 601);
  await look(db, verdict);
}

const trouble = async ({ sql, instanceId }: CompanyDatabase, reason: string) => {
  await sql`select ghost_repair.note_trouble(${instanceId}, ${reason}, '0')`;
};
const end = ({ sql, instanceId }: CompanyDatabase) =>
  sql`select ghost_repair.end_trouble(${instanceId})`;
const reasons = (messages: readonly Message[]) =>
  messages.map(({ items }) => items.map((item) => [item.kind, item.reason]));

quickTest(
  "a connected number's key is refused, then mended: down, recovered, and again",
  async (db) => {
    await addChannel(db);
    for (let day = 0; day < 2; day++) {
      await lookLong(db, "gateway_unauthorized");
      assert.deepEqual(reasons(await sendAll(db.sql)), [[["down", "gateway_unauthorized"]]]);
      await pass(db.sql, 600);
      await look(db, "alive");
      const [back, ...more] = await sendAll(db.sql);
      assert.deepEqual([told([back!]), more], [[["recovered"]], []]);
      const { awaySeconds } = back!.items[0]!;
      assert.ok(
        awaySeconds > 1_250 && awaySeconds < 1_290,
        `${awaySeconds}: from the first look on`,
      );
      await pass(db.sql, 86_400);
    }
  },
);

quickTest("nobody who was not told of a trouble hears of its end", async (db) => {
  await addChannel(db);
  await look(db, "gateway_unauthorized");
  await pass(db.sql, 300);
  await look(db, "alive");
  assert.deepEqual(await sendAll(db.sql), []);
});

quickTest(
  "another reason that nobody was told of yet does not hide the end of the first",
  async (db) => {
    await addChannel(db);
    await lookLong(db, "gateway_unauthorized");
    await sendAll(db.sql);
    await look(db, "gateway_error");
    assert.deepEqual(await sendAll(db.sql), []);
    await look(db, "alive");
    assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
  },
);

/** How a number is when its gateway speaks again, and what is told then. */
const LEFT: readonly (readonly [string, string, readonly (readonly [string, string | null])[]])[] =
  [
    ["it waits for a scan", "status = 'awaiting_qr'", [["qr", null]]],
    [
      "it has no attempt left",
      `${DISCONNECTED}, reconnect_attempts_count = 3`,
      [["down", "reconnect_attempts_exhausted"]],
    ],
    ["it is being reconnected", DISCONNECTED, []],
  ];

for (const [what, state, left] of LEFT) {
  quickTest(`a gateway speaks again, and ${what}: ${JSON.stringify(left)}`, async (db) => {
    await addChannel(db);
    await setState(db, state);
    await trouble(db, "gateway_unreachable");
    assert.deepEqual(reasons(await sendAll(db.sql)), [[["down", "gateway_unreachable"]]]);
    await end(db);
    assert.deepEqual(reasons(await sendAll(db.sql)), left.length > 0 ? [left] : []);
    await pass(db.sql, 1_800);
    await trouble(db, "gateway_unreachable");
    assert.deepEqual(told(await sendAll(db.sql)), [["down"]], "and is news the next time");
    await db.sql`select ghost_repair.mark_connected(${db.instanceId}, '{}')`;
    assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
  });
}

quickTest("a gateway speaks again, and the number's repair needs a person", async (db) => {
  await addChannel(db);
  await db.sql`insert into public.ghost_repairs (instance_id, organization_id, state, evidence)
    values (${db.instanceId}, ${db.company.organizationId}, 'needs_operator',
      '{"reason": "steps_used_up"}')`;
  await trouble(db, "gateway_unreachable");
  await sendAll(db.sql);
  await end(db);
  assert.deepEqual(reasons(await sendAll(db.sql)), [[["down", "steps_used_up"]]]);
});

/** A suspected number's repair needs a person, and somebody was told. */
async function suspect(db: CompanyDatabase): Promise<void> {
  await db.sql`insert into public.ghost_repairs (instance_id, organization_id, state, evidence)
    values (${db.instanceId}, ${db.company.organizationId}, 'needs_operator',
      '{"reason": "no_credentials"}')`;
  await event(db.sql, db.instanceId, "needs_operator", { reason: "no_credentials" });
  assert.deepEqual(told(await sendAll(db.sql)), [["down"]]);
}
const close = (db: CompanyDatabase) =>
  db.sql`select ghost_repair.close_ghost_repair(${db.instanceId}, 'false_alarm')`;

quickTest("a repair that was a false alarm all along is over for the channels, too", async (db) => {
  await addChannel(db);
  await suspect(db);
  await close(db);
  assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
});

quickTest(
  "a repair ends because the registry says close: nobody hears that it is back",
  async (db) => {
    await addChannel(db);
    await suspect(db);
    const [lease] = await leaseRepairs(db.sql);
    await recordStep(db.sql, lease!, { next: "invalidated" });
    assert.deepEqual(await sendAll(db.sql), []);
    await db.sql`select ghost_repair.mark_connected(${db.instanceId}, '{}')`;
    assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
  },
);

quickTest("a number that was made anew has its attempts again: nothing is told", async (db) => {
  await addChannel(db);
  await setState(db, `${DISCONNECTED}, reconnect_attempts_count = 3`);
  await suspect(db);
  await db.sql`update public.ghost_repairs set state = 'recreating',
    recreate_called_at = ghost_repair.now(), next_step_at = ghost_repair.now()`;
  const [lease] = await db.sql`select * from public.lease_due_recreations(10)`;
  await callSql(db.sql, "record_recreation", lease!["repair_id"], lease!["token"], {
    next: "recreated",
  });
  assert.deepEqual(await sendAll(db.sql), []);
});

quickTest("a false alarm ends, and its gateway is still away", async (db) => {
  await addChannel(db);
  await trouble(db, "gateway_unreachable");
  await sendAll(db.sql);
  await suspect(db);
  await close(db);
  assert.deepEqual(await sendAll(db.sql), []);
  await pass(db.sql, 1_800);
  assert.deepEqual(reasons(await sendAll(db.sql)), [[["down", "gateway_unreachable"]]]);
});

quickTest("what is not told yet of a repair is not told after its end", async (db) => {
  await addChannel(db);
  await goDown(db.sql, db.instanceId);
  await db.sql`insert into public.ghost_repairs (instance_id, organization_id)
    values (${db.instanceId}, ${db.company.organizationId})`;
  // The registry says close: the reconnection takes over.
  await close(db);
  assert.deepEqual(await sendAll(db.sql), []);
});

quickTest("a suspected number is not told to be back by its gateway's answer", async (db) => {
  await addChannel(db);
  await trouble(db, "gateway_unreachable");
  await sendAll(db.sql);
  await db.sql`select public.suspect_session(${db.instanceId}, 'strange_answer')`;
  await end(db);
  assert.deepEqual(await sendAll(db.sql), []);
});

quickTest("what a person was told of meanwhile stands", async (db) => {
  await addChannel(db);
  await setState(db, DISCONNECTED);
  await trouble(db, "gateway_unreachable");
  await sendAll(db.sql);
  const exhaust = () => db.sql`select ghost_repair.tell_attempts_exhausted(${db.instanceId})`;
  await exhaust();
  assert.equal((await sendAll(db.sql)).length, 1);
  await end(db);
  await pass(db.sql, 1_800);
  await exhaust();
  assert.deepEqual(await sendAll(db.sql), []);
});

quickTest(
  "an open session ends the trouble of a number whose gateway is not silent",
  async (db) => {
    await addChannel(db);
    await trouble(db, "gateway_unreachable");
    await sendAll(db.sql);
    await db.sql`select ghost_repair.mark_connected(${db.instanceId}, '{}')`;
    assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
  },
);

const saveKey = async (db: CompanyDatabase) => {
  await db.sql`select public.save_instance_credentials(
    ${db.instanceId}, 'http://evolution.test', 'another key', 'secret')`;
};

quickTest("another key says nothing yet: the next look does", async (db) => {
  await addChannel(db);
  await lookLong(db, "gateway_unauthorized");
  await sendAll(db.sql);
  await saveKey(db);
  assert.deepEqual(await sendAll(db.sql), []);
  await pass(db.sql, 1_800);
  await lookLong(db, "gateway_unauthorized");
  const ofPeople = (await events(db.sql, db.instanceId)).filter((event) =>
    event.kind === "needs_operator"
  );
  assert.equal(ofPeople.length, 2, "a wrong one is a trouble of its own");
  await saveKey(db);
  await look(db, "alive");
  assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
});

for (const verdict of ["any_answer", "no_number", "no_endpoint"]) {
  quickTest(
    `a gateway does as it is asked, and the probe proves nothing (${verdict})`,
    async (db) => {
      await addChannel(db);
      for (const mend of [() => saveKey(db), () => undefined]) {
        await lookLong(db, "gateway_unauthorized");
        assert.deepEqual(reasons(await sendAll(db.sql)), [[["down", "gateway_unauthorized"]]]);
        await mend();
        await look(db, verdict);
        assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
        await pass(db.sql, 1_800);
      }
    },
  );
}

quickTest(
  "another key where nobody looks any more ends what was told of the old one",
  async (db) => {
    await addChannel(db);
    await lookLong(db, "gateway_unauthorized");
    await sendAll(db.sql);
    await db.sql`insert into ghost_repair.watch_policies (organization_id, enabled)
    values (${db.company.organizationId}, false)`;
    await saveKey(db);
    assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
  },
);

quickTest(
  "a trouble that was told of is looked into although the number is heard of",
  async (db) => {
    await addChannel(db);
    await lookLong(db, "gateway_unauthorized");
    await sendAll(db.sql);
    await db.sql`update public.whatsapp_instances set last_alive_at = ghost_repair.now()`;
    await look(db, "alive");
    assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
    await db.sql`update public.whatsapp_instances set last_alive_at = ghost_repair.now()`;
    await db.sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()`;
    assert.equal((await db.sql`select from public.lease_watched_numbers(10)`).length, 0);
  },
);

quickTest("a number that is deleted takes its trouble along", async (db) => {
  await addChannel(db);
  await trouble(db, "gateway_unreachable");
  await db.sql`delete from public.whatsapp_instances where id = ${db.instanceId}`;
  assert.deepEqual(await sendAll(db.sql), []);
});
