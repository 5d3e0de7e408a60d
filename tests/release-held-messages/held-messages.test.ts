import assert from "node:assert/strict";
import { CRON_SECRET, type VirtualWorld } from "../../dev/world/virtual-world.ts";
import { calls, events, instanceRow, messageRow, sendText, worldTest } from "../support/world.ts";

async function holdMessages(world: VirtualWorld): Promise<void> {
  await world.sql`insert into private.message_settings (organization_id, hold_messages)
    values (${world.company.organizationId}, true)`;
}

async function statuses(world: VirtualWorld): Promise<string[]> {
  const rows = await world.sql<{ status: string }[]>`
    select status from public.messages order by created_at, part`;
  return rows.map((row) => row.status);
}

const delivered = (world: VirtualWorld) =>
  world.gateway.control.delivered(world.company.instanceName).map((message) => message.content);

worldTest("held messages go out once, in order, when the number lives again", async (world) => {
  await holdMessages(world);
  await sendText(world, { message: "before" });
  await world.settle();
  world.gateway.control.ghost(world.company.instanceName, "H1");
  // Large enough to stay bytes on its way.
  const media = { type: "image", base64: "SGVsbG8gd29ybGQh".repeat(50_000) };
  for (const message of ["one", "two", "three"]) {
    await sendText(world, { message, ...(message === "two" ? { media } : {}) });
    await world.settle();
  }
  assert.deepEqual((await statuses(world)).slice(1), ["held", "held", "held"]);
  for (let minute = 0; minute < 4; minute++) {
    await world.clock.advance(60_000);
    await Promise.all([world.tick(), world.tick()]);
  }
  assert.deepEqual(delivered(world), ["before", "one", "two", "three"]);
  assert.equal((await instanceRow(world)).status, "connected");
  assert.deepEqual(new Set(await statuses(world)), new Set(["delivered"]));
});

worldTest("a row that says connected is not enough: the probe must come through", async (world) => {
  await holdMessages(world);
  world.gateway.control.ghost(world.company.instanceName, "A2");
  const { body } = await sendText(world);
  await world.settle();
  await world.sql`update public.ghost_repairs
    set state = 'closed', closed_at = ghost_repair.now(), outcome = 'healed'`;
  await world.sql`update public.whatsapp_instances set status = 'connected'`;
  const before = calls(world, "sendText");
  await world.tick();
  assert.equal(calls(world, "sendText"), before);
  assert.equal((await messageRow(world, body.messageId)).status, "held");
});

worldTest(
  "a session that is dead again at the release is left to the ladder: no logout, the message waits on",
  async (world) => {
    await holdMessages(world);
    const { control } = world.gateway;
    const { instanceName, instanceId } = world.company;
    control.ghost(instanceName, "A2");
    const { body } = await sendText(world);
    await world.settle();
    control.restartProcess();
    await world.clock.advance(180_000);
    await world.sql`update public.ghost_repairs
      set state = 'closed', closed_at = ghost_repair.now() - interval '1 hour', outcome = 'healed'`;
    await world.sql`update public.whatsapp_instances set status = 'connected'`;
    const logouts = calls(world, "logout");
    control.fault("sendText", {
      status: 400,
      body: { response: { message: ["Error: Connection Closed"] } },
    });
    const release = await world.call("release-held-messages", {}, {
      token: null,
      headers: { "x-cron-secret": CRON_SECRET },
    });
    assert.partialDeepStrictEqual(release.body, { leased: 1, sent: 0 });

    assert.equal((await messageRow(world, body.messageId)).status, "held");
    assert.equal(calls(world, "logout"), logouts);
    const told = await events(world);
    assert.partialDeepStrictEqual(told.at(-1), {
      kind: "suspected",
      detail: { reason: "connection_closed" },
    });
    assert.equal(told.filter(({ kind }) => kind === "connection_closed").length, 1);
    const [repair] = await world.sql`
      select state from public.ghost_repairs where instance_id = ${instanceId} and closed_at is null`;
    assert.equal(repair?.state, "open");

    await world.clock.advance(60_000);
    await world.tick();
    await world.tick();
    assert.deepEqual(delivered(world), ["oi"]);
  },
);
