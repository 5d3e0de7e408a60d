import assert from "node:assert/strict";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import { eventKinds, instanceRow, registryReads, worldTest } from "../support/world.ts";
import { connectionUpdate, postWebhook, webhookBody } from "../support/webhooks.ts";

const HOUR = 3_600_000;
const status = async (world: VirtualWorld) => (await instanceRow(world))["status"];

/** A QR waits, shown by a gateway whose clock is `zone` off. */
async function awaitScan(world: VirtualWorld, zone: number): Promise<void> {
  await world.sql`update public.whatsapp_instances set status = 'disconnected'`;
  const qr = { qrcode: { code: "2@x", base64: "data:image/png;base64,x" } };
  const answer = await postWebhook(world, webhookBody(world, "qrcode.updated", qr, zone));
  assert.equal(answer.body["result"], "applied");
  await world.clock.advance(20_000);
}

for (const [before, after] of [[0, -HOUR], [0, -3 * HOUR], [9 * HOUR, 9 * HOUR], [9 * HOUR, 0]]) {
  worldTest(
    `the open after a scan counts, at ${before! / HOUR} and then ${after! / HOUR} hours`,
    async (world) => {
      await awaitScan(world, before!);
      await postWebhook(world, connectionUpdate(world, "open", after));
      await world.settle();
      assert.equal(await status(world), "connected");
    },
  );
}

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
