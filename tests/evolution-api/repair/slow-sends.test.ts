import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { calls, eventKinds, instanceRow, sendToTheEnd, worldTest } from "../../support/world.ts";

worldTest(
  "a 201 after a minute is sent, and the session that took so long is repaired",
  async (world) => {
    const { control } = world.gateway;
    const name = world.company.instanceName;
    await sendToTheEnd(world);
    control.ghost(name, "A1", { selfHeals: false, falseSuccess: true });
    const row = await sendToTheEnd(world, { message: "dois" });

    assert.deepEqual([row["status"], row["error_code"]], ["sent", null]);
    assert.notEqual(row["whatsapp_message_id"], null);
    assert.equal(calls(world, "sendText"), 2);
    assert.equal(calls(world, "logout"), 1);
    assert.equal(control.inspect(name).registry, "close");
    assert.equal((await instanceRow(world))["status"], "disconnected");
    assert.ok((await eventKinds(world)).includes("marked_disconnected"));
  },
);

let watched: VirtualWorld | undefined;
const atProbe: string[] = [];

/** Notes how the message's row is when the first probe goes out. */
const aroundGateway = (inner: typeof fetch): typeof fetch => async (input, init) => {
  if (`${input}`.includes("fetchBusinessProfile") && watched !== undefined) {
    const [row] = await watched.sql`select status from public.messages`;
    atProbe.push(row!["status"]);
  }
  return await inner(input, init);
};

worldTest("a healthy gateway that is slow is probed and left alone", async (world) => {
  watched = world;
  const { control } = world.gateway;
  control.slow("sendText", 50_000);
  control.acks(world.company.instanceName, "off");
  const row = await sendToTheEnd(world);

  assert.equal(row["status"], "sent");
  assert.deepEqual(atProbe, ["sent"], "its end is stored before anything slow");
  assert.equal(control.delivered(world.company.instanceName).length, 1);
  assert.equal(calls(world, "logout"), 0);
  assert.deepEqual(await eventKinds(world), ["connection_closed", "false_alarm"]);
}, { aroundGateway });

worldTest(
  "no answer in 70 seconds: the message failed in doubt, and the session is repaired",
  async (world) => {
    const { control } = world.gateway;
    control.ghost(world.company.instanceName, "A2");
    control.fault("sendText", "hang");
    const began = world.clock.monotonicMs();
    const row = await sendToTheEnd(world);

    assert.deepEqual([row["status"], row["error_code"]], ["failed", "gateway_timeout"]);
    assert.ok(world.clock.monotonicMs() - began >= 70_000);
    assert.equal(calls(world, "sendText"), 1);
    assert.equal(calls(world, "logout"), 1);
    assert.equal((await instanceRow(world))["status"], "disconnected");
  },
);
