import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { WEBHOOK_EVENTS } from "../../../dev/evolution/webhooks/webhook-events.ts";
import { type GatewayUnderTest, RECEIVER, underTest } from "./gateway-under-test.ts";

async function create(world: GatewayUnderTest, body: Record<string, unknown> = {}) {
  return await world.call("POST", "/instance/create", {
    instanceName: "x",
    integration: "WHATSAPP-BAILEYS",
    webhook: { url: RECEIVER, events: WEBHOOK_EVENTS },
    ...body,
  });
}

function codeOf(body: unknown): string {
  return (body as { code: string }).code;
}

Deno.test("a new number shows a QR code after 2.15 s and is open half a second after the scan", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, call, clock } = world;
    await create(world);
    assert.equal(world.state("x"), "close/close/unpaired");
    const { body } = await call("GET", "/instance/connect/x");
    assert.match(codeOf(body), /^2@[A-Za-z0-9+/]{64},(?:[A-Za-z0-9+/]{43}=,?){3}$/);
    assert.deepEqual(world.news(), ["connection.update:connecting/200", "qrcode.updated"]);
    assert.deepEqual(control.scan("x", { phone: "5511900000001" }), { accepted: true });
    await clock.advance(500);
    assert.equal(world.state("x"), "open/open/paired");
    assert.equal(control.inspect("x").ownerJid, "5511900000001@s.whatsapp.net");
    assert.deepEqual(world.news(), [
      "connection.update:connecting/200",
      "connection.update:open/200",
    ]);
  });
});

Deno.test("the QR code's picture is a PNG of the code's size", async () => {
  await underTest(async (world) => {
    await create(world);
    const { body } = await world.call("GET", "/instance/connect/x");
    const [head, data = ""] = (body as { base64: string }).base64.split(",");
    const png = Buffer.from(data, "base64");
    assert.equal(head, "data:image/png;base64");
    assert.equal(png.subarray(1, 4).toString(), "PNG");
    assert.equal(png.readUInt32BE(16), png.readUInt32BE(20));
    assert.ok(png.readUInt32BE(16) > 200);
  });
});

Deno.test("a QR code is renewed while nobody scans it, and an old picture of it has expired", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, call, clock } = world;
    await create(world);
    const first = codeOf((await call("GET", "/instance/connect/x")).body);
    await clock.advance(26_000);
    const second = codeOf((await call("GET", "/instance/connect/x")).body);
    assert.notEqual(first, second);
    assert.deepEqual(control.scan("x", { code: first }), { accepted: false, reason: "expired" });
    assert.deepEqual(control.scan("x", { code: second }), { accepted: true });
  });
});

Deno.test("no QR is showing on an open number, whatever connect has in memory", async () => {
  await underTest((world) => {
    const { control } = world.gateway;
    control.createPaired({ name: "x", phone: "5511900000001" });
    assert.equal(control.inspect("x").qr.count, 1);
    assert.deepEqual(control.scan("x"), { accepted: false, reason: "no QR is showing" });
    return Promise.resolve();
  });
});

Deno.test("the QR limit closes the session, says so, and the next connect starts again", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, call, clock } = world;
    await create(world);
    await call("GET", "/instance/connect/x");
    await clock.advance(2 * 25_000);
    assert.equal(control.inspect("x").qr.count, 3);
    world.news();
    await clock.advance(25_000);
    assert.deepEqual(world.news(), ["qrcode.updated", "connection.update:refused/428"]);
    assert.equal(world.received.at(-2)?.data.message, "QR code limit reached, please login again");
    assert.equal(control.inspect("x").ghost, "C4");
    assert.equal(world.state("x"), "close/close/unpaired");
    const again = await call("GET", "/instance/connect/x");
    assert.equal((again.body as { count: number }).count, 1);
  }, { qrLimit: 3 });
});

Deno.test("create with qrcode waits 5 s for it; without, nothing connects", async () => {
  await underTest(async (world) => {
    const { body, ms } = await create(world, { qrcode: true });
    assert.ok(ms > 5_000 && ms < 5_500);
    assert.equal((body as { qrcode: { count: number } }).qrcode.count, 1);
  });
  await underTest(async (world) => {
    await create(world);
    await world.clock.advance(60_000);
    assert.deepEqual(world.news(), []);
  });
});

Deno.test("a number that is logged out twice counts its QR codes on", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, call, clock } = world;
    control.createPaired({ name: "x", phone: "5511900000001" });
    for (const count of [2, 3]) {
      await call("DELETE", "/instance/logout/x");
      const { body } = await call("GET", "/instance/connect/x");
      assert.equal((body as { count: number }).count, count);
      control.scan("x");
      await clock.advance(1_000);
    }
  });
});

Deno.test("while WhatsApp is unreachable a connect has no QR to answer", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, call, clock } = world;
    control.whatsapp({ refusing: true });
    await create(world);
    assert.deepEqual((await call("GET", "/instance/connect/x")).body, { count: 0 });
    control.whatsapp({ reachable: true });
    await clock.advance(1_000);
    assert.equal(control.inspect("x").qr.showing, true);
  });
});

Deno.test("a deleted number's name stays taken for 27 s, while the number itself is gone", async () => {
  await underTest(async (world) => {
    const { call, clock } = world;
    await create(world);
    assert.equal((await call("DELETE", "/instance/delete/x")).status, 200);
    assert.equal((await call("GET", "/instance/connectionState/x")).status, 404);
    await clock.advance(26_000);
    assert.equal((await create(world)).status, 403);
    await clock.advance(1_500);
    assert.equal((await create(world)).status, 201);
  });
});
