import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { changingCalls, minutes, repairRow, withoutProbes } from "../../support/ladder.ts";
import {
  addMembers,
  calls,
  eventKinds,
  events,
  instanceRow,
  type Member,
  messageRow,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

const HALF_OPEN = { noticedAfterMs: 24 * 3_600_000 };

/** A message that the gateway took, of which nothing is heard for eleven minutes. */
async function unconfirmed(world: VirtualWorld): Promise<unknown> {
  world.gateway.control.acks(world.company.instanceName, "off");
  const row = await sendToTheEnd(world, { message: "chegou?" });
  assert.equal(row["status"], "sent");
  await world.clock.advance(11 * 60_000);
  return row["id"];
}

async function confirmedSend(world: VirtualWorld, as: Member): Promise<void> {
  await sendToTheEnd(world, { message: "oi" }, { as });
  await world.clock.advance(2_000);
}

worldTest(
  "messages that nobody confirms, while other numbers are confirmed, are looked into and never sent again",
  async (world) => {
    const { control } = world.gateway;
    const name = world.company.instanceName;
    await withoutProbes(world);
    const [other] = await addMembers(world, 1);
    const id = await unconfirmed(world);
    control.ghost(name, "A1", HALF_OPEN);
    await confirmedSend(world, other!);
    await world.tick();
    assert.deepEqual((await eventKinds(world)).slice(-2), ["unconfirmed", "suspected"]);
    assert.equal((await instanceRow(world))["status"], "connected");

    await minutes(world, 1);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.deepEqual(changingCalls(world), ["restart"]);
    assert.equal((await repairRow(world)).outcome, "healed");
    assert.equal((await messageRow(world, id))["status"], "sent");
    assert.equal(calls(world, "sendText"), 1);
    assert.equal((await eventKinds(world, other!.company.instanceId)).length, 0);
  },
);

worldTest(
  "a gateway that lost the instance makes the ladder ask, and nothing more",
  async (world) => {
    const reason = "gateway_error";
    await sendToTheEnd(world, { message: "um" });
    world.gateway.control.ghost(world.company.instanceName, "C3");
    const row = await sendToTheEnd(world, { message: "dois" });
    assert.equal(row["error_code"], reason);
    assert.deepEqual([...await events(world)], [{ kind: "suspected", detail: { reason } }]);
    assert.equal((await instanceRow(world))["status"], "connected");
    await minutes(world, 1);
    assert.equal((await instanceRow(world))["status"], "disconnected");
    assert.deepEqual(changingCalls(world), []);
  },
);
