import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  connect,
  createInstance,
  gatewayTest,
  type GatewayUnderTest,
  statusOf,
  type UnderTestOptions,
  WEBHOOK,
} from "./gateway-under-test.ts";

const create = (gateway: GatewayUnderTest) => createInstance(gateway, "x", { webhook: WEBHOOK });

/** A test with a new number that never connected. */
function newNumberTest(
  name: string,
  test: (gateway: GatewayUnderTest) => Promise<void>,
  options?: UnderTestOptions,
): void {
  const created = async (gateway: GatewayUnderTest) => {
    await create(gateway);
    await test(gateway);
  };
  gatewayTest(name, created, options);
}

newNumberTest("a new number shows a QR, and is open soon after the scan", async (gateway) => {
  const { control, clock, state, news } = gateway;
  assert.equal(state(), "close/close/unpaired");
  const { code, base64 } = await connect(gateway);
  const [head, data = ""] = base64.split(",");
  const png = Buffer.from(data, "base64");
  assert.deepEqual([head, png.subarray(1, 4).toString()], ["data:image/png;base64", "PNG"]);
  assert.equal(png.readUInt32BE(16), png.readUInt32BE(20));
  assert.match(code, /^2@[A-Za-z0-9+/]{64},(?:[A-Za-z0-9+/]{43}=,?){3}$/);
  assert.deepEqual(news(), ["connection.update:connecting/200", "qrcode.updated"]);
  assert.deepEqual(control.scan("x", { phone: "5511900000001" }), { accepted: true });
  await clock.advance(500);
  assert.equal(state(), "open/open/paired");
  assert.equal(control.inspect("x").ownerJid, "5511900000001@s.whatsapp.net");
  assert.deepEqual(news(), ["connection.update:connecting/200", "connection.update:open/200"]);
});

newNumberTest("a QR code is renewed, and an old picture of it has expired", async (gateway) => {
  const { control, clock } = gateway;
  const { code: first } = await connect(gateway);
  await clock.advance(26_000);
  const { code: second } = await connect(gateway);
  assert.notEqual(first, second);
  assert.deepEqual(control.scan("x", { code: first }), { accepted: false, reason: "expired" });
  assert.deepEqual(control.scan("x", { code: second }), { accepted: true });
});

newNumberTest("the QR limit closes the session until the next connect", async (gateway) => {
  const { control, clock, state, news, received } = gateway;
  await connect(gateway);
  await clock.advance(2 * 25_000);
  assert.equal(control.inspect("x").qr.count, 3);
  news();
  await clock.advance(25_000);
  assert.deepEqual(news(), ["qrcode.updated", "connection.update:refused/428"]);
  assert.equal(received.at(-2)?.data.message, "QR code limit reached, please login again");
  assert.equal(control.inspect("x").ghost, "C4");
  assert.equal(state(), "close/close/unpaired");
  assert.equal((await connect(gateway)).count, 1);
}, { qrLimit: 3 });

gatewayTest("a number that is logged out twice counts its QR codes on", async (gateway) => {
  const { control, clock } = gateway;
  control.createPaired({ name: "x", phone: "5511900000001" });
  // None is showing on an open number, whatever connect has in memory.
  assert.equal(control.inspect("x").qr.count, 1);
  assert.deepEqual(control.scan("x"), { accepted: false, reason: "no QR is showing" });
  for (const count of [2, 3]) {
    await statusOf(gateway, "DELETE /instance/logout");
    assert.equal((await connect(gateway)).count, count);
    control.scan("x");
    await clock.advance(1_000);
  }
});

newNumberTest("a deleted number is gone, but its name stays taken for 27 s", async (gateway) => {
  assert.equal(await statusOf(gateway, "DELETE /instance/delete"), 200);
  assert.equal(await statusOf(gateway, "GET /instance/connectionState"), 404);
  await gateway.clock.advance(26_000);
  assert.equal((await create(gateway)).status, 403);
  await gateway.clock.advance(1_500);
  assert.equal((await create(gateway)).status, 201);
});
