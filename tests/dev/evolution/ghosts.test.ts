import assert from "node:assert/strict";
import {
  type Answered,
  connect,
  createInstance,
  delivers,
  type GatewayUnderTest,
  KNOWN_NUMBER,
  NEW_NUMBER,
  openTest,
  OWN_NUMBER,
  sendText,
  statusOf,
} from "./gateway-under-test.ts";

const CLOSED = {
  status: 400,
  error: "Bad Request",
  response: { message: ["Error: Connection Closed"] },
};

function probe({ call }: GatewayUnderTest): Promise<Answered> {
  return call("POST", "/chat/fetchBusinessProfile/x", { number: OWN_NUMBER });
}

openTest("a healthy probe is 200 with the own jid within 50 ms", async (gateway) => {
  const { status, body, ms } = await probe(gateway);
  assert.equal(status, 200);
  assert.equal((body as { jid: string }).jid, `${OWN_NUMBER}@s.whatsapp.net`);
  assert.ok(ms < 60);
});

/** How long a send and the probe take; every one of them fails, and nothing leaves. */
const TAKES = [
  { kinds: ["A2", "A2b", "B1", "B2", "B4", "C1", "H1", "H2"], send: "no time", probe: "no time" },
  { kinds: ["A1", "B3"], send: "a minute", probe: "a minute" },
] as const;

const took = (ms: number) => ms < 60 ? "no time" : ms >= 60_000 && ms < 61_000 ? "a minute" : ms;
const cases = TAKES.flatMap(({ kinds, ...takes }) => kinds.map((kind) => ({ kind, ...takes })));

for (const { kind, ...takes } of cases) {
  openTest(`${kind}: a send takes ${takes.send}, the probe ${takes.probe}`, async (gateway) => {
    const { control, call } = gateway;
    const enter = () => control.ghost("x", kind);
    enter();
    assert.equal(control.inspect("x").registry, "open");
    const known = await sendText(gateway);
    assert.deepEqual([known.body, took(known.ms)], [CLOSED, takes.send]);
    enter();
    const probed = await probe(gateway);
    assert.deepEqual([probed.status, took(probed.ms)], [500, takes.probe]);
    if (takes.probe === "no time") {
      assert.match(JSON.stringify(probed.body), /Error: Connection Closed"\]/);
      const unknown = await sendText(gateway, NEW_NUMBER);
      assert.equal(unknown.status, 500);
      assert.deepEqual((unknown.body as typeof CLOSED).response.message, "Connection Closed");
      const media = { number: KNOWN_NUMBER, mediatype: "image", media: "aGk=" };
      assert.equal((await call("POST", "/message/sendMedia/x", media)).status, 500);
    }
    assert.equal(control.delivered("x").length, 1);
  });
}

for (const kind of ["A1", "B3"] as const) {
  openTest(`${kind}: a logout deletes the pairing, and a scan brings it back`, async (gateway) => {
    const { control, clock } = gateway;
    control.ghost("x", kind);
    assert.equal(await statusOf(gateway, "DELETE /instance/logout"), 200);
    assert.equal(gateway.state(), "close/close/unpaired");
    await clock.idle();
    assert.deepEqual(gateway.news().slice(-3), [
      "status.instance:closed/401",
      "logout.instance",
      "connection.update:close/401",
    ]);
    control.whatsapp({ reachable: true });
    await connect(gateway);
    assert.equal(gateway.state(), "connecting/connecting/unpaired");
    assert.deepEqual(control.scan("x"), { accepted: true });
    await clock.advance(500);
    assert.ok(await delivers(gateway));
  });
}

openTest("a half-open session can answer 201 for a message that never left", async (gateway) => {
  gateway.control.ghost("x", "A1", { falseSuccess: true });
  const sent = await sendText(gateway);
  assert.equal(sent.status, 201);
  assert.ok(sent.ms >= 60_000);
  await gateway.clock.advance(60_000);
  assert.equal(gateway.control.delivered("x").length, 1);
  assert.ok(!gateway.news().includes("messages.update:DELIVERY_ACK"));
});

for (const kind of ["A2", "H2"] as const) {
  openTest(`${kind}: nothing that can be asked for over HTTP moves it`, async (gateway) => {
    const { control, call, clock } = gateway;
    control.ghost("x", kind);
    const before = gateway.state();
    const logout = await call("DELETE", "/instance/logout/x");
    assert.equal(logout.status, 500);
    assert.match(JSON.stringify(logout.body), /\["Error: Connection Closed"\]/);
    assert.equal(await statusOf(gateway, "POST /instance/restart"), 200);
    assert.equal(await statusOf(gateway, "GET /instance/connect"), 200);
    assert.equal(await statusOf(gateway, "DELETE /instance/delete"), 400);
    assert.equal((await createInstance(gateway)).status, 403);
    await clock.advance(3_600_000);
    assert.equal(gateway.state(), before);
    assert.deepEqual(gateway.news(), []);
  });
}

openTest(
  "C1: while the version check hangs, a connect is not answered",
  async ({ control, call }) => {
    control.ghost("x", "C1", { hangsForMs: 130_000 });
    const { ms } = await call("GET", "/instance/connect/x");
    assert.ok(ms > 130_000);
    assert.equal(control.inspect("x").memory, "open");
  },
);

for (const [kind, least, most] of [["H1", 0, 10], ["C1", 2_000, 2_400]] as const) {
  openTest(
    `${kind}: one connect heals, and answers a stale QR after ${least} ms`,
    async (gateway) => {
      const { qr } = gateway.control.inspect("x");
      gateway.control.ghost("x", kind);
      assert.equal(await statusOf(gateway, "DELETE /instance/logout"), 400);
      const { body, ms } = await gateway.call("GET", "/instance/connect/x");
      assert.equal((body as { code: string }).code, qr.code);
      assert.ok(ms >= least && ms < most);
      await gateway.clock.advance(500);
      assert.ok(!gateway.news().includes("qrcode.updated"));
      assert.ok(await delivers(gateway));
    },
  );
}

openTest("a zombie hears of its removed device only after a process restart", async (gateway) => {
  const { control, clock } = gateway;
  control.ghost("x", "A2");
  control.removeDevice("x");
  await clock.advance(60_000);
  assert.equal(gateway.state(), "open/open/paired");
  control.restartProcess();
  await clock.advance(1_000);
  assert.equal(gateway.state(), "close/close/unpaired");
});

openTest("while a QR code waits, every send is refused at once", async (gateway) => {
  const { control, call } = gateway;
  control.ghost("x", "E");
  await connect(gateway);
  const bodies = {
    sendText: { number: NEW_NUMBER, text: "oi" },
    sendMedia: { number: NEW_NUMBER, mediatype: "image", media: "aGk=" },
    sendWhatsAppAudio: { number: NEW_NUMBER, audio: "aGk=" },
  };
  for (const [route, body] of Object.entries(bodies)) {
    const answer = await call("POST", `/message/${route}/x`, body);
    assert.equal(answer.status, 400, route);
    assert.match(JSON.stringify(answer.body), /reading 'id'/);
    assert.ok(answer.ms < 5_000);
  }
});

openTest("a silent socket: a file's upload reads what did not come", async ({ control, call }) => {
  for (
    const [route, body, status] of [
      ["sendMedia", { number: KNOWN_NUMBER, mediatype: "image", media: "aGk=" }, 500],
      ["sendWhatsAppAudio", { number: KNOWN_NUMBER, audio: "aGk=" }, 400],
    ] as const
  ) {
    control.ghost("x", "A1", { selfHeals: false, noticedAfterMs: 120_000 });
    const answer = await call("POST", `/message/${route}/x`, body);
    assert.equal(answer.status, status);
    assert.match(JSON.stringify(answer.body), /TypeError: .*reading 'attrs'/);
  }
});
