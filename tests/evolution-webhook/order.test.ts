import assert from "node:assert/strict";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import { eventKinds, instanceRow, registryReads, worldTest } from "../support/world.ts";
import { connectionUpdate, postWebhook } from "../support/webhooks.ts";

const status = async (world: VirtualWorld) => (await instanceRow(world))["status"];

worldTest(
  "a session that WhatsApp throws out is disconnected by the gateway's own webhooks",
  async (world) => {
    world.gateway.control.removeDevice(world.company.instanceName);
    await world.clock.advance(1_000);
    assert.equal(await status(world), "disconnected");
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
  "an open that comes again after a newer close is settled by the registry",
  async (world) => {
    const late = connectionUpdate(world, "open");
    await world.clock.advance(1_000);
    world.gateway.control.webhooks({ drop: true });
    world.gateway.control.removeDevice(world.company.instanceName);
    await postWebhook(world, connectionUpdate(world, "close"));
    assert.equal(await status(world), "disconnected");
    const reads = registryReads(world);
    assert.equal((await postWebhook(world, late)).body["result"], "doubted");
    await world.settle();
    assert.equal(await status(world), "disconnected");
    assert.equal(registryReads(world), reads + 1);
    assert.equal((await postWebhook(world, late)).body["result"], "ignored");
    await world.settle();
    assert.equal(registryReads(world), reads + 1);
    assert.deepEqual(await eventKinds(world), ["webhook_close"]);
  },
);

worldTest(
  "a close stamped before the open that it follows is settled by the registry",
  async (world) => {
    await postWebhook(world, connectionUpdate(world, "open"));
    world.gateway.control.webhooks({ drop: true });
    assert.equal(
      (await postWebhook(world, connectionUpdate(world, "close", -2_000))).body["result"],
      "doubted",
    );
    await world.settle();
    assert.equal(await status(world), "connected");
    world.gateway.control.removeDevice(world.company.instanceName);
    await postWebhook(world, connectionUpdate(world, "close", -1_000));
    await world.settle();
    assert.equal(await status(world), "disconnected");
  },
);
