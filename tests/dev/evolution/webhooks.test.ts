import assert from "node:assert/strict";
import { headersOf, webhookToken } from "../../../dev/evolution/webhooks/setting.ts";
import { readJson } from "../../support/recordings.ts";
import {
  connect,
  createInstance,
  gatewayTest,
  type GatewayUnderTest,
  NEW_NUMBER,
  openInstance,
  openTest,
  OWN_NUMBER,
  RECEIVER,
  sendText,
  summary,
  WEBHOOK,
} from "./gateway-under-test.ts";
import { shapeOf } from "./recordings.ts";

async function setWebhook({ call }: GatewayUnderTest, webhook: Record<string, unknown>) {
  const events = ["CONNECTION_UPDATE", "STATUS_INSTANCE", "LOGOUT_INSTANCE", "MESSAGES_UPSERT"];
  const { status } = await call("POST", "/webhook/set/x", {
    webhook: { enabled: true, url: RECEIVER, events, ...webhook },
  });
  assert.equal(status, 201);
}

/** Customers write to the number; the webhooks before that are forgotten. */
function write({ control, received }: GatewayUnderTest, ...texts: string[]): void {
  received.length = 0;
  for (const text of texts) {
    assert.equal(control.inbound("x", { from: "5511977776666", text }).fate, "delivered");
  }
}

function texts({ received }: GatewayUnderTest): unknown[] {
  return received.filter(({ event }) => event === "messages.upsert")
    .map(({ data }) => (data.message as { conversation: string }).conversation);
}

function lastSent({ control }: GatewayUnderTest) {
  const sent = control.inspect("x").webhooksSent.at(-1);
  return [sent?.attempts, sent?.outcome];
}

Deno.test("jwt_key signs the recorded bearer token byte for byte and is not sent itself", () => {
  const [sample] = readJson("webhook-auth-samples.json") as { headers: Record<string, string> }[];
  const setting = { jwt_key: "s3cret-per-instance-key", "x-evolution-token": "tok-123" };
  const headers = headersOf(setting, new Date(1_795_384_930_700));
  assert.equal(headers.authorization, sample?.headers.authorization);
  assert.equal(headers["x-evolution-token"], "tok-123");
  assert.equal(headers["user-agent"], sample?.headers["user-agent"]);
  assert.equal(headers["jwt_key"], undefined);
});

gatewayTest("a webhook carries the instance's token and its own headers", async (gateway) => {
  const { clock, received } = gateway;
  await openInstance(gateway, "x", { token: "own-token" });
  await setWebhook(gateway, { headers: { jwt_key: "k", "x-evolution-token": "t" } });
  const now = clock.now();
  write(gateway, "oi");
  await clock.idle();
  const { headers, body } = received[0]!;
  assert.deepEqual(
    ["authorization", "x-evolution-token", "jwt_key"].map((name) => headers.get(name)),
    [`Bearer ${webhookToken("k", now)}`, "t", null],
  );
  assert.partialDeepStrictEqual(body, {
    apikey: "own-token",
    instance: "x",
    sender: `${OWN_NUMBER}@s.whatsapp.net`,
    date_time: now.toISOString(),
  });
});

openTest("a failing receiver is tried ten times, after 5 s doubling to 300 s", async (gateway) => {
  await setWebhook(gateway, { headers: { jwt_key: "k" } });
  write(gateway, "oi");
  await gateway.clock.advance(3_600_000);
  const at = gateway.received.map(({ atMs }) => atMs);
  const pauses = at.slice(1).map((ms, i) => (ms - (at[i] ?? 0)) / 1_000);
  assert.deepEqual(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
  assert.equal(gateway.control.inspect("x").webhooksSent.at(-1)?.outcome, "given-up");
  // Also after its end, the first token again.
  const tokens = new Set(gateway.received.map(({ headers }) => headers.get("authorization")));
  assert.equal(tokens.size, 1);
}, { receive: (delivery) => delivery > 2 ? 503 : 200 });

const REFUSALS = [400, 401, 403, 404, 422];

openTest("a receiver that refuses is not tried again", async (gateway) => {
  for (const status of REFUSALS) {
    write(gateway, "oi");
    await gateway.clock.advance(3_600_000);
    assert.equal(gateway.received.length, 1);
    assert.deepEqual(lastSent(gateway), [[status], "given-up"]);
  }
}, { receive: (delivery) => REFUSALS[delivery - 3] ?? 200 });

openTest("a receiver that never answers is tried again after 30 s", async (gateway) => {
  write(gateway, "oi");
  await gateway.clock.advance(34_000);
  assert.equal(gateway.received.length, 1);
  await gateway.clock.advance(2_000);
  assert.equal(gateway.received.length, 2);
  assert.deepEqual(lastSent(gateway), [["timeout", 200], "delivered"]);
}, { receive: (delivery) => delivery === 3 ? "hang" : 200 });

openTest("webhooks arrive in the order of their events, failures later", async (gateway) => {
  write(gateway, "1", "2", "3", "4");
  await gateway.clock.advance(6_000);
  assert.deepEqual(texts(gateway), ["1", "2", "3", "4", "2"]);
}, { receive: (delivery) => delivery === 4 ? 500 : 200 });

openTest("a slow receiver holds the next webhook up for a second, not longer", async (gateway) => {
  write(gateway, "1", "2", "3");
  await gateway.clock.advance(900);
  assert.deepEqual(texts(gateway), ["1"]);
  await gateway.clock.advance(5_000);
  assert.deepEqual(texts(gateway), ["1", "3", "2"]);
}, { receiverTakesMs: (delivery) => [0, 0, 0, 500, 5_000, 0][delivery] ?? 0 });

openTest("duplicates, drops, delays and a wrong order can be asked for", async (gateway) => {
  const { control, clock } = gateway;
  const cases = [
    [{ duplicate: true }, 0, ["1", "1", "2", "2", "3", "3"]],
    [{ drop: ["messages.upsert"] }, 60_000, []],
    [{ drop: ["connection.update"] }, 0, ["1", "2", "3"]],
    [{ delayMs: 4_000 }, 3_900, []],
    [{ delayMs: 4_000 }, 4_100, ["1", "2", "3"]],
    [{ reorder: true }, 1_500, ["2", "1", "3"]],
    [{}, 0, ["1", "2", "3"]],
  ] as const;
  for (const [faults, waitMs, expected] of cases) {
    control.webhooks(faults);
    write(gateway, "1", "2", "3");
    await clock.advance(waitMs);
    assert.deepEqual(texts(gateway), expected, JSON.stringify(faults));
    await clock.advance(10_000);
  }
});

openTest("the next report of a state is lost or late, and that one alone", async (gateway) => {
  const { control, clock, received } = gateway;
  const opened = () => received.filter(({ data }) => data.state === "open").length;
  const blip = async () => {
    control.blip("x");
    await clock.advance(2_000);
  };
  const cases = [["lost", 60_000, 0], [4_000, 1_000, 0], [4_000, 4_000, 1]] as const;
  for (const [lateMs, waitMs, expected] of cases) {
    received.length = 0;
    control.reportFault({ state: "open", lateMs });
    await blip();
    await clock.advance(waitMs);
    assert.equal(opened(), expected, `${lateMs}`);
    await clock.advance(10_000);
    await blip();
    assert.equal(opened(), lateMs === "lost" ? 1 : 2);
  }
});

openTest(
  "while the receiver is away, webhooks come again with their first token",
  async (gateway) => {
    const { control, clock, received } = gateway;
    const at = clock.now();
    for (const away of ["unreachable", 503] as const) {
      control.receiverAway(away);
      write(gateway, "1");
      await clock.advance(60_000);
      assert.deepEqual(texts(gateway), []);
      control.receiverAway(null);
      await clock.advance(300_000);
      assert.deepEqual(texts(gateway), ["1"]);
      const [attempts, outcome] = lastSent(gateway);
      assert.equal((attempts as unknown[])[0], away === 503 ? 503 : "error");
      assert.equal(outcome, "delivered");
    }
    const told = Date.parse(received[0]!.body["date_time"] as string);
    assert.equal(told - at.getTime(), 360_000, "as it was when it happened");
  },
);

openTest("a gateway whose clock is off tells its own time", async (gateway) => {
  const { control, clock, received } = gateway;
  for (const hours of [-3, 5.5]) {
    control.clockOff(hours * 3_600_000);
    const now = clock.now().getTime();
    write(gateway, "1");
    await clock.idle();
    const told = Date.parse(received[0]!.body["date_time"] as string);
    assert.equal(told - now, hours * 3_600_000);
  }
});

gatewayTest("only events asked for are sent, byEvents names them in the URL", async (gateway) => {
  const { control, clock, received } = gateway;
  const webhook = { url: RECEIVER, events: ["MESSAGES_UPSERT"], byEvents: true };
  control.createPaired({ name: "x", phone: OWN_NUMBER, webhook });
  write(gateway, "oi");
  control.blip("x");
  await clock.advance(1_000);
  assert.deepEqual(received.map(({ url }) => url), [`${RECEIVER}/messages-upsert`]);
  await setWebhook(gateway, { enabled: false });
  write(gateway, "oi");
  await clock.advance(10_000);
  assert.deepEqual(received, []);
});

interface Sample {
  readonly body: Record<string, unknown> & { readonly event: string; readonly data: unknown };
}

gatewayTest("every recorded webhook is sent in its recorded shape", async (gateway) => {
  const samples = (readJson("webhook-samples.json") as Sample[]).map(({ body }) => body);
  await sendEverything(gateway);
  const sent = new Set(gateway.received.map(({ body }) => bodyShape(body)));
  for (const sample of samples) {
    const data = (sample.data ?? {}) as Record<string, unknown>;
    assert.ok(sent.has(bodyShape(sample)), `${summary({ event: sample.event, data })}`);
  }
}, { qrLimit: 3 });

/** The body's shape; names of instances differ. */
function bodyShape(body: unknown): string {
  return JSON.stringify(shapeOf(body)).replace(/"instance":"[^"]*"/g, '"instance":""');
}

/** Makes the gateway send every webhook that it knows. */
async function sendEverything(gateway: GatewayUnderTest): Promise<void> {
  const { control, call, clock } = gateway;
  await createInstance(gateway, "x", { webhook: WEBHOOK });
  await connect(gateway);
  control.scan("x");
  await clock.advance(1_000);
  await sendText(gateway, NEW_NUMBER);
  const customer = { from: "5511977776666", pushName: "Cliente Lab" };
  control.inbound("x", { ...customer, text: "oi, tudo bem?" });
  control.inbound("x", { ...customer, media: { kind: "image", caption: "foto" } });
  await clock.advance(1_000);
  control.blip("x");
  await clock.advance(2_000);
  control.ghost("x", "flapping-440");
  // A close says why once in 190 openings.
  await clock.advance(210_000);
  for (const code of [402, 403, 406] as const) {
    const name = `removed-${code}`;
    control.createPaired({ name, phone: "5511900000001", webhook: WEBHOOK });
    control.removeDevice(name, code);
    await clock.advance(2_000);
  }
  control.createPaired({ name: "old", phone: "5511900000002", webhook: WEBHOOK });
  await call("DELETE", "/instance/logout/old");
  await createInstance(gateway, "never", { webhook: WEBHOOK });
  await call("GET", "/instance/connect/old");
  await call("GET", "/instance/connect/never");
  await clock.advance(120_000);
}
