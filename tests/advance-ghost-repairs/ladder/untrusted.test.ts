import assert from "node:assert/strict";
import {
  EVOLUTION_KEY,
  EVOLUTION_URL,
  type VirtualWorld,
} from "../../../dev/world/virtual-world.ts";
import { changingCalls, minutes, openRepair, repairRow, setPolicy } from "../../support/ladder.ts";
import { instanceRow, worldTest } from "../../support/world.ts";

/** The gateway's webhooks go somewhere else. */
async function sendWebhooksElsewhere(world: VirtualWorld): Promise<void> {
  const request = new Request(`${EVOLUTION_URL}/webhook/set/${world.company.instanceName}`, {
    method: "POST",
    headers: { apikey: EVOLUTION_KEY, "content-type": "application/json" },
    body: JSON.stringify({
      webhook: {
        enabled: true,
        url: "https://elsewhere.example/hook",
        events: ["CONNECTION_UPDATE"],
        byEvents: false,
        base64: false,
      },
    }),
  });
  const { status } = await world.clock.until(world.gateway.fetch(request));
  assert.equal(status, 201);
}

for (const policy of ["logout-first", "keep-pairing"] as const) {
  worldTest(
    `${policy}: a loop that we cannot hear is never connected into, and heals when WhatsApp is back`,
    async (world) => {
      const { control } = world.gateway;
      const { instanceName } = world.company;
      await setPolicy(world, policy);
      await sendWebhooksElsewhere(world);
      control.ghost(instanceName, "B1");
      await openRepair(world);
      await minutes(world, 4);
      assert.deepEqual(changingCalls(world), []);
      control.whatsapp({ reachable: true });
      await minutes(world, 6);
      assert.equal((await instanceRow(world))["status"], "connected");
      assert.deepEqual(changingCalls(world), []);
      assert.equal(control.inspect(instanceName).ghost, null);
    },
  );
}

worldTest("a dead loop that we could not hear is for a person", async (world) => {
  await sendWebhooksElsewhere(world);
  world.gateway.control.ghost(world.company.instanceName, "H1");
  await openRepair(world);
  await minutes(world, 1);
  assert.equal((await repairRow(world)).state, "needs_operator");
  assert.deepEqual(changingCalls(world), []);
});

worldTest(
  "a gateway that is away is waited for, and the repair goes on when it is back",
  async (world) => {
    const { control } = world.gateway;
    control.ghost(world.company.instanceName, "H1");
    await openRepair(world);
    control.gatewayDown(true);
    await minutes(world, 8);
    const { state, waiting_for } = await repairRow(world);
    assert.deepEqual([state, waiting_for], ["open", "gateway"]);
    control.gatewayDown(false);
    await minutes(world, 2);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.deepEqual(changingCalls(world), ["connect"]);
  },
);

worldTest("a gateway that stays away is for a person after ten minutes", async (world) => {
  world.gateway.control.gatewayDown(true);
  await openRepair(world);
  await minutes(world, 12);
  const { state, evidence } = await repairRow(world);
  assert.deepEqual([state, evidence["reason"]], ["needs_operator", "gateway_unreachable"]);
});
