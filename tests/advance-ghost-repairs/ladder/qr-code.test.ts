import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { changingCalls, minutes, repairRow } from "../../support/ladder.ts";
import { postWebhook, webhookBody } from "../../support/webhooks.ts";
import { eventKinds, instanceRow, worldTest } from "../../support/world.ts";

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
