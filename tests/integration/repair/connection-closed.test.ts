import assert from "node:assert/strict";
import {
  calls,
  eventKinds,
  instanceRow,
  messageRow,
  sendText,
  worldTest,
} from "../../support/world.ts";

worldTest("a healthy number sends a message", async (world) => {
  const answer = await sendText(world);
  assert.equal(answer.status, 200, JSON.stringify(answer));
  await world.settle();
  const row = await messageRow(world, answer.body.messageId);
  assert.equal(row.status, "sent");
  await world.clock.advance(2000);
  assert.equal((await messageRow(world, answer.body.messageId)).status, "delivered");
  assert.deepEqual(await eventKinds(world), []);
});

worldTest("a half-open session is logged out, marked, and verified", async (world) => {
  await sendText(world);
  await world.settle();
  world.gateway.control.ghost(world.company.instanceName, "A1", { selfHeals: false });
  const answer = await sendText(world);
  await world.settle();
  const row = await messageRow(world, answer.body.messageId);
  assert.deepEqual([row.status, row.error_code], ["failed", "connection_closed"]);
  assert.equal(calls(world, "logout"), 1);
  assert.equal((await instanceRow(world)).status, "disconnected");
  console.log(
    await eventKinds(world),
    world.gateway.calls.map((c) => `${c.route} ${c.status} ${c.ms}`),
  );
  await world.clock.advance(60_000);
  await world.tick();
  assert.equal((await instanceRow(world)).status, "awaiting_qr");
  world.gateway.control.scan(world.company.instanceName);
  await world.clock.advance(5_000);
  assert.equal((await instanceRow(world)).status, "connected");
  console.log(await eventKinds(world));
});
