import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { clientOf } from "../../support/actions.ts";
import { calls, instanceRow, worldTest } from "../../support/world.ts";

const SHORT = { simulator: { qrLimit: 2 } } as const;

/**
 * C4 as a real gateway has it: nobody scanned, the registry stays `connecting`, memory is `close`, and
 * the first connect answers a count without a code.
 */
async function reachLimit(world: VirtualWorld): Promise<void> {
  const { instanceId, instanceName: name } = world.company;
  const { control } = world.gateway;
  control.removeDevice(name);
  await world.clock.advance(2_000);
  assert.ok((await clientOf(world).getQrCode({ instanceId })).qr);
  await world.clock.advance(120_000);
  assert.equal(control.inspect(name).ghost, "C4");
  assert.equal(control.inspect(name).memory, "close");
  const body = [{ name, connectionStatus: "connecting", ownerJid: null }];
  control.fault("fetchInstances", { status: 200, body }, { times: 50 });
  control.fault("connect", { status: 200, body: { count: 0 } });
}

worldTest(
  "after the QR limit an open page gets a QR all the same",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    await reachLimit(world);
    const connects = calls(world, "connect");
    const { qr, status } = await clientOf(world).getQrCode({ instanceId });
    assert.equal(status, "awaiting_qr");
    assert.equal(qr?.code, world.gateway.control.inspect(instanceName).qr.code);
    assert.equal(calls(world, "connect"), connects + 2);

    world.gateway.control.scan(instanceName, { code: qr!.code! });
    world.gateway.control.clearFaults();
    await world.clock.advance(5_000);
    assert.equal((await instanceRow(world))["status"], "connected");
  },
  SHORT,
);

worldTest(
  "a person who reconnects after the QR limit gets a QR in the same answer",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    await reachLimit(world);
    const { qr } = await clientOf(world).reconnectInstance({ instanceId });
    assert.ok(qr?.code);
    assert.equal(qr.code, world.gateway.control.inspect(instanceName).qr.code);
  },
  SHORT,
);
