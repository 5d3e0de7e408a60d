import assert from "node:assert/strict";
import { createRestartAgent } from "../../../dev/world/restart-agent.ts";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { changingCalls, minutes, openRepair, repairRow, setPolicy } from "../../support/ladder.ts";
import {
  addMembers,
  beginSend,
  type Member,
  member,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

const HALF_OPEN = { noticedAfterMs: 24 * 3_600_000 };

async function fourNumbers(world: VirtualWorld): Promise<readonly Member[]> {
  await setPolicy(world, "keep-pairing");
  return [member(world), ...await addMembers(world, 3)];
}

const nameOf = ({ company }: Member) => company.instanceName;

async function halfOpen(world: VirtualWorld, members: readonly Member[]): Promise<void> {
  for (const each of members) {
    world.gateway.control.ghost(nameOf(each), "A1", HALF_OPEN);
    await openRepair(world, each.company.instanceId);
  }
}

async function statuses(world: VirtualWorld): Promise<string[]> {
  const rows = await world.sql`select status from public.whatsapp_instances order by status`;
  return rows.map((row) => String(row["status"]));
}

worldTest(
  "WhatsApp away for four numbers of a gateway: nothing is called, all live again a tick after it is back",
  async (world) => {
    const { control } = world.gateway;
    const members = await fourNumbers(world);
    for (const each of members) control.ghost(nameOf(each), "B1");
    for (const as of members) await sendToTheEnd(world, { message: "oi" }, { as });
    await minutes(world, 4);
    assert.deepEqual(await statuses(world), Array(4).fill("disconnected"));
    control.whatsapp({ reachable: true });
    await minutes(world, 1);
    assert.deepEqual(await statuses(world), Array(4).fill("connected"));
    for (const each of members) {
      assert.deepEqual(changingCalls(world, nameOf(each)), []);
      const { ghost, paired, socket } = control.inspect(nameOf(each));
      assert.deepEqual([ghost, paired, socket], [null, true, "open"]);
    }
  },
  { simulator: { reconnectLoopMs: 8_000 } },
);

worldTest(
  "four half-open numbers are held for ten minutes; then a person is told of their process, which tries nothing",
  async (world) => {
    const members = await fourNumbers(world);
    await halfOpen(world, members);
    await minutes(world, 10);
    for (const { company } of members) {
      const { state, waiting_for } = await repairRow(world, company.instanceId);
      assert.deepEqual([state, waiting_for], ["open", "outage"]);
    }
    await minutes(world, 2);
    for (const each of members) {
      const { state, evidence } = await repairRow(world, each.company.instanceId);
      assert.deepEqual([state, evidence["reason"]], ["needs_operator", "gateway_stuck"]);
      assert.deepEqual(changingCalls(world, nameOf(each)), []);
    }
  },
);

const agent = createRestartAgent();

worldTest(
  "with a restart agent they are held as long, and one restart of their process heals all four",
  async (world) => {
    await agent.join(world);
    const members = await fourNumbers(world);
    await halfOpen(world, members);
    await minutes(world, 14);
    assert.equal(agent.restarts.length, 1);
    assert.deepEqual([agent.logs[0]!["reason"], agent.logs[0]!["share"]], ["gateway_stuck", 1]);
    assert.deepEqual(await statuses(world), Array(4).fill("connected"));
    for (const each of members) {
      const { outcome } = await repairRow(world, each.company.instanceId);
      assert.equal(outcome, "healed");
      assert.deepEqual(changingCalls(world, nameOf(each)), []);
    }
  },
  { aroundGateway: agent.aroundGateway },
);

worldTest(
  "logout-first: sends that fail on all numbers of a gateway log none of them out",
  async (world) => {
    const { control } = world.gateway;
    const members = await fourNumbers(world);
    await setPolicy(world, "logout-first");
    for (const each of members) control.ghost(nameOf(each), "B2");
    const sends = members.map((as) => beginSend(world, { message: "oi" }, { as }));
    await world.clock.until(Promise.all(sends));
    await world.settle();
    await minutes(world, 3);
    assert.deepEqual(await statuses(world), Array(4).fill("disconnected"));
    for (const each of members) {
      assert.deepEqual(changingCalls(world, nameOf(each)), []);
      assert.equal(control.inspect(nameOf(each)).paired, true);
    }
    control.whatsapp({ reachable: true });
    await minutes(world, 2);
    assert.deepEqual(await statuses(world), Array(4).fill("connected"));
  },
  { simulator: { reconnectLoopMs: 8_000 } },
);
