import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import type { EvolutionClient } from "../../../client/client.ts";
import { clientOf, standingClient } from "../../support/actions.ts";
import { calls, eventKinds, instanceRow, worldTest } from "../../support/world.ts";

/** The number is logged out: only a scan brings it back. */
async function unpair(world: VirtualWorld): Promise<void> {
  world.gateway.control.removeDevice(world.company.instanceName);
  await world.clock.advance(2_000);
  assert.equal((await instanceRow(world))["status"], "disconnected");
}

/** An open page: asks as often as it is told to, for a minute; returns the codes that it showed. */
async function watch(world: VirtualWorld, client: EvolutionClient): Promise<(string | null)[]> {
  const { instanceId } = world.company;
  const end = world.clock.monotonicMs() + 60_000;
  const codes: (string | null)[] = [];
  while (world.clock.monotonicMs() < end) {
    const { qr, retryAfterSeconds } = await client.getQrCode({ instanceId });
    codes.push(qr?.code ?? null);
    await world.clock.sleep(Math.max(1, retryAfterSeconds) * 1_000);
  }
  return codes;
}

worldTest("five browsers that poll for a minute cause one connect", async (world) => {
  await unpair(world);
  const pages = Array.from({ length: 5 }, () => watch(world, standingClient(world)));
  const shown = await world.clock.until(Promise.all(pages));
  assert.equal(calls(world, "connect"), 1);
  assert.equal(calls(world, "logout"), 0);
  for (const codes of shown) {
    // The first QR lives 25 seconds; the next ones come by webhook.
    assert.ok(new Set(codes.filter((code) => code !== null)).size >= 2, codes.join());
    assert.ok(codes.at(-1));
  }
  const { qr } = world.gateway.control.inspect(world.company.instanceName);
  assert.equal(shown[0]?.at(-1), qr.code);
});

worldTest("a scan ends the wait: the page is told that it is connected", async (world) => {
  const { instanceId, instanceName } = world.company;
  const client = clientOf(world);
  await unpair(world);
  const first = await client.getQrCode({ instanceId });
  assert.partialDeepStrictEqual(first, { status: "awaiting_qr", reason: null });
  assert.match(first.qr?.base64 ?? "", /^data:image/);
  const { instance } = await client.getStatus({ instanceId });
  assert.equal(Date.parse(instance.qrExpiresAt!), Date.parse(first.qr!.expiresAt));

  world.gateway.control.scan(instanceName, { code: first.qr!.code! });
  await world.clock.advance(3_000);
  assert.deepEqual(await client.getQrCode({ instanceId }), {
    success: true,
    qr: null,
    status: "connected",
    reason: "connected",
    retryAfterSeconds: 0,
  });
  assert.equal(calls(world, "connect"), 1);
});

worldTest(
  "lost webhooks do not leave the page without a QR, nor start a second socket",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    const client = clientOf(world);
    await unpair(world);
    world.gateway.control.webhooks({ drop: true });
    const first = await client.getQrCode({ instanceId });
    await world.clock.advance(50_000);
    const second = await client.getQrCode({ instanceId });
    assert.ok(first.qr?.code && second.qr?.code);
    assert.notEqual(first.qr.code, second.qr.code);
    assert.equal(second.qr.code, world.gateway.control.inspect(instanceName).qr.code);

    world.gateway.control.scan(instanceName);
    await world.clock.advance(60_000);
    assert.equal((await client.getQrCode({ instanceId })).status, "connected");
  },
);

worldTest(
  "an open page does not reconnect what was disconnected by hand, nor a repair",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    const client = clientOf(world);
    await world.sql`update public.whatsapp_instances
    set status = 'disconnected', manual_disconnect = true`;
    assert.partialDeepStrictEqual(await client.getQrCode({ instanceId }), {
      qr: null,
      reason: "manual_disconnect",
      retryAfterSeconds: 0,
    });
    await world.sql`update public.whatsapp_instances set manual_disconnect = false`;
    await world.sql`insert into public.ghost_repairs (instance_id) values (${instanceId})`;
    assert.partialDeepStrictEqual(await client.getQrCode({ instanceId }), {
      qr: null,
      reason: "repairing",
      retryAfterSeconds: 15,
    });
    assert.deepEqual(world.gateway.calls, []);
    assert.equal(calls(world, "connect", instanceName), 0);
  },
);

worldTest(
  "a gateway that is away is asked every 30 seconds, and the page is told",
  async (world) => {
    const { instanceId } = world.company;
    await unpair(world);
    let asked = 0;
    world.gateway.control.gatewayDown(true);
    const client = clientOf(world);
    const end = world.clock.monotonicMs() + 59_000;
    while (world.clock.monotonicMs() < end) {
      const { reason, status, qr } = await client.getQrCode({ instanceId });
      assert.deepEqual([status, qr], ["disconnected", null]);
      if (reason === "gateway_unreachable") asked++;
      else assert.equal(reason, "asking");
      await world.clock.advance(3_000);
    }
    assert.equal(asked, 2);
    assert.deepEqual((await eventKinds(world)).filter((kind) => kind === "reconnect").length, 1);

    world.gateway.control.gatewayDown(false);
    await world.clock.advance(30_000);
    assert.ok((await client.getQrCode({ instanceId })).qr);
  },
);

worldTest("the scheduler and a page do not connect at the same time", async (world) => {
  const { instanceId } = world.company;
  await unpair(world);
  const page = standingClient(world).getQrCode({ instanceId });
  await world.clock.until(Promise.all([page, world.beginTick()]));
  assert.equal(calls(world, "connect"), 1);
  assert.equal((await instanceRow(world))["status"], "awaiting_qr");
});
