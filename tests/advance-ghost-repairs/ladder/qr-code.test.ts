import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { changingCalls, minutes, repairRow, setPolicy } from "../../support/ladder.ts";
import { postWebhook, webhookBody } from "../../support/webhooks.ts";
import { calls, eventKinds, instanceRow, worldTest } from "../../support/world.ts";

/** What the registry says, however often it is asked. */
function registryConnecting(world: VirtualWorld): void {
  const { instanceName: name, phone } = world.company;
  const body = [{
    name,
    connectionStatus: "connecting",
    ownerJid: `${phone}@s.whatsapp.net`,
  }];
  world.gateway.control.fault("fetchInstances", { status: 200, body }, { times: 100 });
}

/** A code that the gateway shows. */
async function showQr(world: VirtualWorld): Promise<void> {
  const qrcode = {
    instance: world.company.instanceName,
    pairingCode: null,
    code: `2@${crypto.randomUUID()}`,
    base64: "data:image/png;base64,aaaa",
  };
  const { status } = await postWebhook(world, webhookBody(world, "qrcode.updated", { qrcode }));
  assert.equal(status, 200);
}

worldTest(
  "a fresh QR code over a pairing that was kept: nobody is asked to scan, nothing is called, and it is over when the session is back",
  async (world) => {
    const { control } = world.gateway;
    // The gateway's own database was away for a moment: codes show, and the websocket is gone.
    registryConnecting(world);
    const state = { instance: { instanceName: world.company.instanceName, state: "connecting" } };
    control.fault("connectionState", { status: 200, body: state }, { times: 100 });
    const closed = {
      status: 500,
      body: {
        status: 500,
        error: "Internal Server Error",
        response: { message: ["Error: Connection Closed"] },
      },
    };
    control.fault("fetchBusinessProfile", closed, { times: 100 });
    for (let minute = 0; minute < 4; minute++) {
      await showQr(world);
      await minutes(world, 1);
      assert.notEqual((await instanceRow(world))["status"], "awaiting_qr", `minute ${minute}`);
    }
    assert.equal((await repairRow(world)).waiting_for, "unexpected_qr_code");
    control.clearFaults();
    await minutes(world, 1);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.deepEqual(changingCalls(world), []);
    assert.ok(!(await eventKinds(world)).includes("qr_required"));
  },
);

worldTest("a pairing that is really gone is asked for after five minutes", async (world) => {
  const { control } = world.gateway;
  const { instanceName } = world.company;
  await setPolicy(world, "keep-pairing");
  // The phone removed the device, and of all that was reported only the code arrives.
  control.webhooks({ drop: ["connection.update", "status.instance", "logout.instance"] });
  control.ghost(instanceName, "D");
  await world.sql`update public.whatsapp_instances set status = 'connected'`;
  registryConnecting(world);
  control.fault("connectionState", {
    status: 200,
    body: { instance: { instanceName, state: "connecting" } },
  }, { times: 200 });
  for (let minute = 0; minute < 8; minute++) {
    await showQr(world);
    await minutes(world, 1);
  }
  assert.equal((await instanceRow(world))["status"], "awaiting_qr");
  assert.equal((await repairRow(world)).outcome, "invalidated");
});

worldTest(
  "the QR limit in the ladder's eyes: registry connecting, memory close; the reconnection asks until there is a code",
  async (world) => {
    const { control } = world.gateway;
    const { instanceName } = world.company;
    await setPolicy(world, "keep-pairing");
    control.ghost(instanceName, "C4");
    registryConnecting(world);
    control.fault("connect", { status: 200, body: { count: 0 } }, { times: 1 });
    await world.sql`select ghost_repair.mark_disconnected(${world.company.instanceId}, '{}'),
      ghost_repair.open_ghost_repair(${world.company.instanceId}, '{}')`;
    await minutes(world, 1);
    assert.equal((await repairRow(world)).outcome, "invalidated");
    await minutes(world, 3);
    assert.equal(calls(world, "connect"), 2);
    assert.equal((await instanceRow(world))["status"], "awaiting_qr");
    const [stored] = await world.sql`select code from private.instance_qr_codes`;
    assert.equal(stored?.["code"], control.inspect(instanceName).qr.code);
    assert.equal(calls(world, "restart") + calls(world, "logout"), 0);
  },
);
