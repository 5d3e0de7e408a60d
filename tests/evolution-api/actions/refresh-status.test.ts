import assert from "node:assert/strict";
import { clientOf } from "../../support/actions.ts";
import { calls, sendToTheEnd, worldTest } from "../../support/world.ts";

worldTest("a ghost that a person doubts is found by the scheduler's next call", async (world) => {
  const { instanceId, instanceName } = world.company;
  const client = clientOf(world);
  await sendToTheEnd(world);
  await world.clock.advance(5_000);
  // It was heard of a moment ago: the watch alone would come in minutes.
  world.gateway.control.ghost(instanceName, "A2");
  const called = world.gateway.calls.length;
  const { instance, look } = await client.refreshStatus({ instanceId });
  assert.deepEqual([instance.status, look.reason], ["connected", null]);
  assert.ok(look.dueAt);
  assert.equal(world.gateway.calls.length, called);

  await world.tick();
  await world.clock.advance(30_000);
  const found = (await client.getStatus({ instanceId })).instance;
  assert.deepEqual([found.status, found.watch, found.repair?.state], [
    "disconnected",
    null,
    "open",
  ]);
});

worldTest("a number that lives says so at once, however many people ask", async (world) => {
  const { instanceId } = world.company;
  const client = clientOf(world);
  await world.clock.advance(60_000);
  const before = (await client.getStatus({ instanceId })).instance.lastAliveAt;
  const reasons: (string | null)[] = [];
  for (let person = 0; person < 5; person++) {
    reasons.push((await client.refreshStatus({ instanceId })).look.reason);
  }
  assert.deepEqual(reasons, [null, ...Array(4).fill("asked_lately")]);
  const probes = calls(world, "fetchBusinessProfile");
  await world.tick();
  await world.clock.advance(5_000);
  const after = (await client.getStatus({ instanceId })).instance;
  assert.equal(calls(world, "fetchBusinessProfile"), probes + 1);
  assert.equal(after.watch?.finding, "alive");
  assert.notEqual(after.lastAliveAt, before);
});
