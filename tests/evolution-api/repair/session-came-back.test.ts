import assert from "node:assert/strict";
import {
  askGateway,
  beginSend,
  calls,
  events,
  instanceRow,
  messageRow,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

worldTest("a session that reopens while the last probe waits is not logged out", async (world) => {
  const { control } = world.gateway;
  const name = world.company.instanceName;
  await sendToTheEnd(world);
  // Silent for 71 s: the send is answered after 60, the last probe asks at 69 and gets no answer.
  control.ghost(name, "A1", { noticedAfterMs: 71_000 });
  const row = await sendToTheEnd(world);

  assert.deepEqual([row["status"], row["error_code"]], ["failed", "connection_closed"]);
  assert.equal(calls(world, "logout"), 0);
  assert.partialDeepStrictEqual(control.inspect(name), { registry: "open", paired: true });
  const instance = await instanceRow(world);
  assert.deepEqual([instance["status"], instance["last_disconnected_at"]], ["connected", null]);
  const told = await events(world);
  assert.deepEqual(told.map(({ kind }) => kind), ["connection_closed", "connected", "false_alarm"]);
  assert.deepEqual(told.at(-1)?.detail["probes"], ["timeout", "timeout", "timeout", "alive"]);
  assert.equal((await sendToTheEnd(world))["status"], "sent");
});

worldTest("a QR that is shown during the probes is not taken away by a logout", async (world) => {
  const { control } = world.gateway;
  const name = world.company.instanceName;
  await sendToTheEnd(world);
  control.ghost(name, "A2");
  const { messageId } = (await beginSend(world)).body;
  await world.clock.advance(2_000);
  control.removeDevice(name);
  control.restartProcess();
  await world.clock.advance(1_000);
  await askGateway(world, `instance/connect/${name}`);
  assert.equal((await instanceRow(world))["status"], "awaiting_qr");

  await world.settle();
  assert.equal(calls(world, "logout"), 0);
  assert.equal((await messageRow(world, messageId))["error_code"], "connection_closed");
  assert.partialDeepStrictEqual((await events(world)).at(-1), {
    kind: "repair_skipped",
    detail: { reason: "awaiting_qr" },
  });
  assert.deepEqual(control.scan(name), { accepted: true });
  await world.clock.advance(1_000);
  assert.equal((await instanceRow(world))["status"], "connected");
});
