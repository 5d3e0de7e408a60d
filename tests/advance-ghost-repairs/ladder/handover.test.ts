import assert from "node:assert/strict";
import { minutes, repairRow } from "../../support/ladder.ts";
import { beginSend, calls, eventKinds, instanceRow, worldTest } from "../../support/world.ts";

let dead = false;
worldTest(
  "an evolution-api that dies right after the logout leaves the number to the ladder",
  async (world) => {
    const { clock, gateway: { control } } = world;
    control.ghost(world.company.instanceName, "H1");
    control.slow("fetchInstances", 3_000);
    await beginSend(world);
    while ((await instanceRow(world))["status"] !== "disconnected") await clock.advance(100);
    dead = true;
    await world.settle();
    dead = false;
    control.slow("fetchInstances", 0);
    assert.equal((await eventKinds(world)).includes("verified"), false);
    await minutes(world, 2);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.equal((await repairRow(world)).outcome, "healed");
    assert.equal(calls(world, "connect"), 1);
  },
  {
    aroundDatabase: (inner) => (input, init) =>
      dead ? Promise.reject(new TypeError("the process died")) : inner(input, init),
  },
);
