import assert from "node:assert/strict";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import { eventKinds, instanceRow, worldTest } from "../support/world.ts";
import { connectionUpdate, postWebhook, webhookBody } from "../support/webhooks.ts";

async function state(world: VirtualWorld) {
  const row = await instanceRow(world);
  return {
    status: row["status"],
    epoch: Number(row["connection_epoch"]),
    down: row["disconnected_since"] !== null,
    attempts: row["reconnect_attempts_count"],
  };
}

async function set(world: VirtualWorld, status: string): Promise<void> {
  await world.sql`update public.whatsapp_instances set status = ${status},
    disconnected_since = case when ${status} = 'connected' then null else ghost_repair.now() end,
    reconnect_attempts_count = case when ${status} = 'connected' then 0 else 2 end
    where id = ${world.company.instanceId}`;
}

worldTest("open connects from every state, and raises the epoch by one", async (world) => {
  for (const status of ["disconnected", "connecting", "awaiting_qr", "connected"]) {
    await set(world, status);
    const { epoch } = await state(world);
    await world.clock.advance(1_000);
    const answer = await postWebhook(world, connectionUpdate(world, "open"));
    assert.deepEqual(answer, { status: 200, body: { success: true, result: "applied" } });
    assert.deepEqual(await state(world), {
      status: "connected",
      epoch: epoch + 1,
      down: false,
      attempts: 0,
    });
  }
});

worldTest(
  "logout.instance and status.instance mean close; every other word of theirs nothing",
  async (world) => {
    const says = async (event: string, data: unknown) => {
      await set(world, "connected");
      await world.clock.advance(1_000);
      assert.equal((await postWebhook(world, webhookBody(world, event, data))).status, 200);
      return (await state(world)).status;
    };
    assert.equal(await says("logout.instance", null), "disconnected");
    const closed = { instance: "x", status: "closed", disconnectionReasonCode: 401 };
    assert.equal(await says("status.instance", closed), "disconnected");
    assert.equal(await says("status.instance", { instance: "x", status: "removed" }), "connected");
    assert.equal(
      await says("connection.update", { instance: "x", state: "dreaming" }),
      "connected",
    );
    assert.equal(await says("labels.edit", { id: "1" }), "connected");
  },
);

worldTest(
  "a session that WhatsApp throws out is disconnected by the gateway's own webhooks",
  async (world) => {
    world.gateway.control.removeDevice(world.company.instanceName);
    await world.clock.advance(1_000);
    assert.equal((await state(world)).status, "disconnected");
    assert.deepEqual(await eventKinds(world), ["webhook_close"]);
    const outcomes = world.gateway.control.inspect(world.company.instanceName).webhooksSent
      .map((webhook) => `${webhook.event} ${webhook.attempts}`);
    assert.deepEqual(outcomes, [
      "status.instance 200",
      "logout.instance 200",
      "connection.update 200",
    ]);
  },
);

worldTest(
  "a device that another socket throws out ends up as it was last reported",
  async (world) => {
    const name = world.company.instanceName;
    world.gateway.control.webhooks({ duplicate: true, reorder: true, delayMs: 3_000 });
    world.gateway.control.blip(name);
    await world.clock.advance(10_000);
    assert.equal(world.gateway.control.inspect(name).memory, "open");
    assert.equal((await state(world)).status, "connected");
    assert.equal((await state(world)).epoch, 2);
  },
);
