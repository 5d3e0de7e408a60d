import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { clientOf, standingClient } from "../../support/actions.ts";
import { calls, instanceRow, registryReads, worldTest } from "../../support/world.ts";

const SHORT = { simulator: { qrLimit: 2 } } as const;

/**
 * C4 as a real gateway has it: nobody scanned, the registry stays `connecting`, memory is `close`, and
 * the first connect answers a count without a code.
 */
async function reachLimit(world: VirtualWorld, empty: unknown): Promise<void> {
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
  control.fault("connect", { status: 200, body: empty });
}

for (const empty of [{ count: 0 }, { pairingCode: null, count: 1 }]) {
  worldTest(
    `after the QR limit an open page gets a QR all the same: ${JSON.stringify(empty)}`,
    async (world) => {
      const { instanceId, instanceName } = world.company;
      await reachLimit(world, empty);
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
}

worldTest(
  "a person who reconnects after the QR limit gets a QR in the same answer",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    await reachLimit(world, { count: 0 });
    const { qr } = await clientOf(world).reconnectInstance({ instanceId });
    assert.ok(qr?.code);
    assert.equal(qr.code, world.gateway.control.inspect(instanceName).qr.code);
  },
  SHORT,
);

worldTest(
  "five pages that poll a gateway without a QR ask it every 30 seconds, no more",
  async (world) => {
    const { instanceId } = world.company;
    const { control } = world.gateway;
    await reachLimit(world, { count: 0 });
    control.fault("connect", { status: 200, body: { count: 0 } }, { times: 100 });
    const before = registryReads(world);
    const now = async () =>
      Number((await world.sql`select extract(epoch from ghost_repair.now()) as now`)[0]?.["now"]);
    const began = await now();
    const end = world.clock.monotonicMs() + 75_000;
    const page = async () => {
      const client = standingClient(world);
      while (world.clock.monotonicMs() < end) {
        const { qr, retryAfterSeconds } = await client.getQrCode({ instanceId });
        assert.equal(qr, null);
        await world.clock.sleep(Math.max(1, Math.min(2, retryAfterSeconds)) * 1_000);
      }
    };
    await world.clock.until(Promise.all(Array.from({ length: 5 }, page)));
    const asks = registryReads(world) - before;
    // On a busy machine the database's clock goes on beside the world's.
    const most = 1 + Math.floor((await now() - began) / 30);
    assert.ok(asks >= 2 && asks <= most, `${asks} of ${most}`);
    // Statuses are looked up without the gateway.
    const called = world.gateway.calls.length;
    for (let poll = 0; poll < 5; poll++) await clientOf(world).getStatus({ instanceId });
    assert.equal(world.gateway.calls.length, called);
  },
  SHORT,
);
