import assert from "node:assert/strict";
import { createOperatorInbox } from "../../../dev/tasks/ghosts/operator-inbox.ts";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { changingCalls, minutes, repairRow } from "../../support/ladder.ts";
import {
  addMembers,
  calls,
  eventKinds,
  events,
  instanceRow,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

/** Slower than the real one, whose webhooks cost real time. */
const SIMULATOR = { conflictMs: 2_500 };
/** Eight openings take about twenty-three seconds. */
const RECOGNISED_MS = 25_000;

async function fight(world: VirtualWorld): Promise<void> {
  world.gateway.control.ghost(world.company.instanceName, "flapping-440");
  await world.clock.advance(RECOGNISED_MS);
  assert.equal((await repairRow(world)).state, "needs_operator");
}

async function epoch(world: VirtualWorld): Promise<number> {
  return Number((await instanceRow(world))["connection_epoch"]);
}

const inbox = createOperatorInbox();
worldTest(
  "two sockets that throw each other out: a person is told once, nothing is called, and the number heals when the process is restarted",
  async (world) => {
    const { company, gateway: { control } } = world;
    const [neighbour] = await addMembers(world, 1);
    await fight(world);
    const before = { events: await events(world), epoch: await epoch(world) };
    const neighbours = await instanceRow(world, neighbour!.company.instanceId);
    for (let minute = 0; minute < 2; minute++) {
      await minutes(world, 1);
      assert.equal((await instanceRow(world))["status"], "disconnected");
      assert.equal(inbox.calls.length, 1, "within 90 seconds, and once");
    }
    assert.equal(control.inspect(company.instanceName).ghost, "flapping-440");
    assert.deepEqual(await events(world), before.events);
    assert.equal(await epoch(world), before.epoch);
    assert.ok(before.events.length <= 15, `${before.events.length} events`);
    assert.equal(before.events.filter(({ kind }) => kind === "needs_operator").length, 1);
    assert.equal(
      Number((await instanceRow(world, neighbour!.company.instanceId))["connection_epoch"]),
      Number(neighbours["connection_epoch"]),
    );

    assert.equal(inbox.calls.length, 1);
    const { data } = JSON.parse(inbox.calls[0]!.body);
    assert.deepEqual([data.instanceId, data.reason, data.tried], [
      company.instanceId,
      "session_conflict",
      [],
    ]);
    assert.match(data.message.en, /docker restart <container>.*stop one of them\.$/);
    assert.match(data.message.pt, /docker restart <contêiner>.*pare um deles\.$/);

    control.restartProcess();
    await minutes(world, 3);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.equal((await repairRow(world)).outcome, "healed");
    assert.deepEqual(changingCalls(world), []);
    assert.equal((await eventKinds(world)).at(-1), "healed");
    assert.equal((await events(world)).length, before.events.length + 1);
    assert.equal((await sendToTheEnd(world))["status"], "sent");
    await minutes(world, 10);
    assert.equal(inbox.calls.length, 1);
  },
  {
    environment: { operatorHook: inbox.hook },
    aroundGateway: inbox.aroundGateway,
    simulator: SIMULATOR,
  },
);

worldTest(
  "a fight that we no longer hear is not over: answered probes heal nothing while the memory moves",
  async (world) => {
    await fight(world);
    await world
      .sql`update private.instance_credentials set webhook_secret = 'not-the-gateways-key'`;
    await minutes(world, 10);
    assert.ok(calls(world, "fetchBusinessProfile") >= 2);
    assert.equal((await instanceRow(world))["status"], "disconnected");
    assert.equal((await repairRow(world)).state, "needs_operator");
    assert.deepEqual(changingCalls(world), []);
  },
  { simulator: SIMULATOR },
);
