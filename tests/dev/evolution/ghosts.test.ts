import assert from "node:assert/strict";
import {
  type Answered,
  type GatewayUnderTest,
  KNOWN_NUMBER,
  NEW_NUMBER,
  openInstance,
  underTest,
} from "./gateway-under-test.ts";

const CLOSED = {
  status: 400,
  error: "Bad Request",
  response: { message: ["Error: Connection Closed"] },
};

function sendText(world: GatewayUnderTest, number = KNOWN_NUMBER): Promise<Answered> {
  return world.call("POST", "/message/sendText/x", { number, text: "?" });
}

function probe(world: GatewayUnderTest): Promise<Answered> {
  return world.call("POST", "/chat/fetchBusinessProfile/x", { number: "5511910000002" });
}

async function isCured(world: GatewayUnderTest): Promise<void> {
  assert.equal(world.state("x"), "open/open/paired");
  assert.equal((await sendText(world)).status, 201);
  assert.equal(world.gateway.control.inspect("x").ghost, null);
}

Deno.test("a healthy probe is 200 with the own jid within 50 ms", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    const { status, body, ms } = await probe(world);
    assert.equal(status, 200);
    assert.equal((body as { jid: string }).jid, "5511910000002@s.whatsapp.net");
    assert.ok(ms < 60);
  });
});

for (const kind of ["A2", "A2b", "B1", "B4", "C1", "H1", "H2"] as const) {
  Deno.test(`${kind}: registry open, and every send and the probe fail at once`, async () => {
    await underTest(async (world) => {
      await openInstance(world, "x");
      world.gateway.control.ghost("x", kind);
      assert.equal(world.gateway.control.inspect("x").registry, "open");
      const known = await sendText(world);
      assert.deepEqual(known.body, CLOSED);
      assert.ok(known.ms < 60);
      const unknown = await sendText(world, NEW_NUMBER);
      assert.equal(unknown.status, 500);
      assert.deepEqual((unknown.body as typeof CLOSED).response.message, "Connection Closed");
      const media = { number: KNOWN_NUMBER, mediatype: "image", media: "aGk=" };
      assert.equal((await world.call("POST", "/message/sendMedia/x", media)).status, 500);
      const probed = await probe(world);
      assert.equal(probed.status, 500);
      assert.match(JSON.stringify(probed.body), /Error: Connection Closed"\]/);
      assert.equal(world.gateway.control.delivered("x").length, 1);
    });
  });
}

for (const kind of ["A1", "B3"] as const) {
  Deno.test(`${kind}: sends and the probe hang for a minute, and nothing leaves`, async () => {
    await underTest(async (world) => {
      await openInstance(world, "x");
      world.gateway.control.ghost("x", kind);
      const probed = await probe(world);
      assert.equal(probed.status, 500);
      assert.ok(probed.ms >= 60_000);
      world.gateway.control.ghost("x", kind);
      const sent = await sendText(world);
      assert.deepEqual(sent.body, CLOSED);
      assert.ok(sent.ms >= 60_000 && sent.ms < 61_000);
      assert.equal(world.gateway.control.delivered("x").length, 1);
    });
  });
}

Deno.test("B2: the probe gets no answer, a send fails at once", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    world.gateway.control.ghost("x", "B2");
    assert.ok((await sendText(world)).ms < 60);
    assert.ok((await probe(world)).ms >= 60_000);
  });
});

Deno.test("a half-open session heals alone within 65 s, and the keep-alive says so", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    world.gateway.control.ghost("x", "A1");
    await world.clock.advance(54_000);
    assert.deepEqual(world.news(), []);
    await world.clock.advance(11_000);
    assert.deepEqual(world.news(), [
      "connection.update:connecting/200",
      "connection.update:open/200",
    ]);
    await isCured(world);
  });
});

Deno.test("a half-open session that does not heal alone is cured by one restart", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    world.gateway.control.ghost("x", "A1", { selfHeals: false });
    await world.clock.advance(600_000);
    assert.equal(world.gateway.control.inspect("x").ghost, "A1");
    assert.equal((await world.call("POST", "/instance/restart/x")).status, 200);
    await world.clock.advance(500);
    await isCured(world);
  });
});

Deno.test("a half-open session can answer 201 after a minute for a message that never left", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    world.gateway.control.ghost("x", "A1", { falseSuccess: true });
    const sent = await sendText(world);
    assert.equal(sent.status, 201);
    assert.ok(sent.ms >= 60_000);
    await world.clock.advance(60_000);
    assert.equal(world.gateway.control.delivered("x").length, 1);
    assert.ok(!world.news().includes("messages.update:DELIVERY_ACK"));
  });
});

Deno.test("a logout in A1 and B3 deletes the pairing, and a scan brings the number back", async () => {
  for (const kind of ["A1", "B3"] as const) {
    await underTest(async (world) => {
      const { gateway: { control }, call, clock } = world;
      await openInstance(world, "x");
      control.ghost("x", kind);
      world.news();
      assert.equal((await call("DELETE", "/instance/logout/x")).status, 200);
      assert.equal(world.state("x"), "close/close/unpaired");
      await clock.idle();
      assert.deepEqual(world.news().slice(-3), [
        "status.instance:closed/401",
        "logout.instance",
        "connection.update:close/401",
      ]);
      control.whatsapp({ reachable: true });
      await call("GET", "/instance/connect/x");
      assert.equal(world.state("x"), "connecting/connecting/unpaired");
      assert.deepEqual(control.scan("x"), { accepted: true });
      await clock.advance(500);
      await isCured(world);
    });
  }
});

Deno.test("nothing over HTTP cures a zombie; a restart of the process does, pairing kept", async () => {
  for (const kind of ["A2", "H2"] as const) {
    await underTest(async (world) => {
      const { gateway: { control }, call } = world;
      await openInstance(world, "x");
      control.ghost("x", kind);
      const before = world.state("x");
      const logout = await call("DELETE", "/instance/logout/x");
      assert.equal(logout.status, 500);
      assert.match(JSON.stringify(logout.body), /\["Error: Connection Closed"\]/);
      assert.equal((await call("POST", "/instance/restart/x")).status, 200);
      assert.equal((await call("GET", "/instance/connect/x")).status, 200);
      assert.equal((await call("DELETE", "/instance/delete/x")).status, 400);
      const again = { instanceName: "x", integration: "WHATSAPP-BAILEYS" };
      assert.equal((await call("POST", "/instance/create", again)).status, 403);
      await world.clock.advance(3_600_000);
      assert.equal(world.state("x"), before);
      assert.deepEqual(world.news(), []);
      control.restartProcess();
      await world.clock.advance(500);
      await isCured(world);
    });
  }
});

Deno.test("A2b unblocks itself after five minutes", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    world.gateway.control.ghost("x", "A2b");
    await world.clock.advance(299_000);
    assert.equal((await sendText(world)).status, 400);
    await world.clock.advance(2_000);
    await isCured(world);
  });
});

Deno.test("one connect heals H1 and C1 in 2.2 s: the answer is a stale QR, the session is open", async () => {
  for (const kind of ["H1", "C1"] as const) {
    await underTest(async (world) => {
      await openInstance(world, "x");
      const { qr } = world.gateway.control.inspect("x");
      world.gateway.control.ghost("x", kind);
      const logout = await world.call("DELETE", "/instance/logout/x");
      assert.equal(logout.status, 400);
      const { body, ms } = await world.call("GET", "/instance/connect/x");
      assert.equal((body as { code: string }).code, qr.code);
      assert.ok(ms > 2_000 && ms < 2_400);
      assert.ok(!world.news().includes("qrcode.updated"));
      await isCured(world);
    });
  }
});

Deno.test("limbo: by name 404, no state, logout lies, and a process restart cures it", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, call } = world;
    await openInstance(world, "x");
    control.restartProcess({ forgets: ["x"] });
    assert.equal(control.inspect("x").ghost, "C3");
    assert.equal((await call("GET", "/instance/fetchInstances?instanceName=x")).status, 404);
    const list = (await call("GET", "/instance/fetchInstances")).body;
    assert.match(JSON.stringify(list), /"connectionStatus":"open"/);
    const state = await call("GET", "/instance/connectionState/x");
    assert.deepEqual(state.body, { instance: { instanceName: "x" } });
    assert.equal((await call("DELETE", "/instance/logout/x")).status, 200);
    assert.equal(world.state("x"), "none/open/paired");
    assert.equal((await sendText(world)).status, 500);
    control.restartProcess();
    await world.clock.advance(500);
    await isCured(world);
  });
});
