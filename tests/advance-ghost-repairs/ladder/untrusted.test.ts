import assert from "node:assert/strict";
import { type VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { changingCalls, minutes, openRepair, repairRow, setPolicy } from "../../support/ladder.ts";
import {
  addMembers,
  askGateway,
  calls,
  instanceRow,
  member,
  worldTest,
} from "../../support/world.ts";

/** The gateway's webhooks go somewhere else, and no older one is remembered. */
async function sendWebhooksElsewhere(world: VirtualWorld): Promise<void> {
  await world.sql`update private.gateways set last_webhook_at = null`;
  const webhook = {
    enabled: true,
    url: "https://elsewhere.example/hook",
    events: ["CONNECTION_UPDATE"],
    byEvents: false,
    base64: false,
  };
  const path = `webhook/set/${world.company.instanceName}`;
  const { status } = await askGateway(world, path, { body: { webhook } });
  assert.equal(status, 201);
}

worldTest(
  `a loop that we cannot hear is never connected into, and heals when WhatsApp is back`,
  async (world) => {
    const { control } = world.gateway;
    const { instanceName } = world.company;
    await setPolicy(world, "logout-first");
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

/** The setting is right and every delivery is refused: the key is another one. */
async function refuseWebhooks(world: VirtualWorld): Promise<void> {
  await world.sql`update private.gateways set last_webhook_at = null`;
  await world.sql`update private.instance_credentials set webhook_secret = 'not-the-gateways-key'`;
}

worldTest(
  `webhooks that are refused while WhatsApp is away: nothing is called, the reason is WhatsApp, and nobody fights when it is back`,
  async (world) => {
    const { control } = world.gateway;
    const { instanceName } = world.company;
    await addMembers(world, 1);
    await setPolicy(world, "keep-pairing");
    await refuseWebhooks(world);
    control.ghost(instanceName, "B1");
    await openRepair(world);
    await minutes(world, 12);
    const { state, evidence } = await repairRow(world);
    assert.deepEqual([state, evidence["reason"]], ["needs_operator", "whatsapp_unreachable"]);
    assert.deepEqual(changingCalls(world), []);
    control.whatsapp({ reachable: true });
    await minutes(world, 6);
    assert.equal(control.inspect(instanceName).ghost, null);
    assert.equal((await instanceRow(world))["status"], "connected");
  },
  { simulator: { reconnectLoopMs: 2_000 } },
);

worldTest(
  "a dead loop beside a number that is connected, and no webhook for ten minutes: a person is told why, and one webhook lets the ladder go on",
  async (world) => {
    const [other] = await addMembers(world, 1);
    await world.sql`update private.gateways set last_webhook_at = null`;
    world.gateway.control.ghost(world.company.instanceName, "H1");
    await openRepair(world);
    await minutes(world, 9);
    assert.equal((await repairRow(world)).waiting_for, "unheard");
    await minutes(world, 3);
    const { state, evidence } = await repairRow(world);
    assert.deepEqual([state, evidence["reason"]], ["needs_operator", "webhooks_missing"]);
    assert.deepEqual(changingCalls(world), []);
    world.gateway.control.inbound(other!.company.instanceName, {
      from: "5511977776666",
      text: "oi",
    });
    await minutes(world, 2);
    assert.deepEqual(changingCalls(world), ["connect"]);
    assert.equal((await instanceRow(world))["status"], "connected");
  },
);

worldTest(
  "the only number of a gateway that we do not hear is connected after 300 samples that stood still",
  async (world) => {
    await sendWebhooksElsewhere(world);
    world.gateway.control.ghost(world.company.instanceName, "H1");
    await openRepair(world);
    await minutes(world, 1);
    assert.ok(calls(world, "connectionState") >= 300);
    assert.deepEqual(changingCalls(world), ["connect"]);
    await minutes(world, 1);
    assert.equal((await instanceRow(world))["status"], "connected");
  },
);

worldTest("looks that do not fit into a tick are the next one's first", async (world) => {
  const members = [member(world), ...await addMembers(world, 30)];
  // Twelve die one after another, and so are no outage.
  const dead = members.slice(0, 12);
  for (const { company } of dead) {
    world.gateway.control.ghost(company.instanceName, "H1");
    await openRepair(world, company.instanceId);
  }
  await minutes(world, 1);
  const connected = () =>
    dead.filter(({ company }) => changingCalls(world, company.instanceName).length === 1).length;
  assert.equal(connected(), 9);
  await minutes(world, 1);
  assert.equal(connected(), 12);
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
