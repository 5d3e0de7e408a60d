import assert from "node:assert/strict";
import {
  addMembers,
  beginReconnect,
  calls,
  eventKinds,
  instanceRow,
  registryReads,
  worldTest,
} from "../support/world.ts";

const TICKS = 20;

worldTest("20 ticks at the same moment connect each instance once", async (world) => {
  const { control } = world.gateway;
  const members = [{ company: world.company }, ...await addMembers(world, 5)];
  for (const { company } of members) control.removeDevice(company.instanceName);
  await world.clock.advance(1_000);

  const answers = await world.clock.until(
    Promise.all(Array.from({ length: TICKS }, () => beginReconnect(world))),
  );
  assert.deepEqual(answers.map((answer) => answer.status), Array(TICKS).fill(200));
  const leased = answers.map((answer) => Number(answer.body["leased"]));
  assert.equal(leased.reduce((sum, count) => sum + count), members.length);
  assert.equal(registryReads(world), members.length);
  for (const { company } of members) {
    assert.equal(calls(world, "connect", company.instanceName), 1);
    const row = await instanceRow(world, company.instanceId);
    assert.deepEqual([row["status"], row["reconnect_attempts_count"]], ["awaiting_qr", 1]);
    assert.deepEqual(await eventKinds(world, company.instanceId), [
      "webhook_close",
      "qr_required",
    ]);
  }
});
