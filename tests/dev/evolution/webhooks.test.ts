import assert from "node:assert/strict";
import { webhookHeaders, webhookToken } from "../../../dev/evolution/webhooks/webhook-signature.ts";
import {
  type GatewayUnderTest,
  KNOWN_NUMBER,
  openInstance,
  RECEIVER,
  underTest,
} from "./gateway-under-test.ts";
import { readJson } from "./recordings.ts";

async function setWebhook({ call }: GatewayUnderTest, webhook: Record<string, unknown>) {
  const events = ["CONNECTION_UPDATE", "STATUS_INSTANCE", "LOGOUT_INSTANCE", "MESSAGES_UPSERT"];
  const { status } = await call("POST", "/webhook/set/x", {
    webhook: { enabled: true, url: RECEIVER, events, ...webhook },
  });
  assert.equal(status, 201);
}

function write({ gateway: { control } }: GatewayUnderTest, text: string): void {
  assert.equal(control.inbound("x", { from: "5511977776666", text }).fate, "delivered");
}

function texts({ received }: GatewayUnderTest): unknown[] {
  return received.filter(({ event }) => event === "messages.upsert")
    .map(({ data }) => (data.message as { conversation: string }).conversation);
}

Deno.test("jwt_key signs the recorded bearer token byte for byte and is not sent itself", () => {
  const [sample] = readJson("webhook-auth-samples.json") as { headers: Record<string, string> }[];
  const setting = { jwt_key: "s3cret-per-instance-key", "x-evolution-token": "tok-123" };
  const headers = webhookHeaders(setting, new Date(1_795_384_930_700));
  assert.equal(headers.authorization, sample?.headers.authorization);
  assert.equal(headers["x-evolution-token"], "tok-123");
  assert.equal(headers["user-agent"], sample?.headers["user-agent"]);
  assert.equal(headers["jwt_key"], undefined);
});

Deno.test("a delivered webhook carries the instance's token and its own headers", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x", { token: "own-token" });
    await setWebhook(world, { headers: { jwt_key: "k", "x-evolution-token": "t" } });
    world.received.length = 0;
    const now = world.clock.now();
    write(world, "oi");
    await world.clock.idle();
    const [webhook] = world.received;
    assert.equal(webhook?.headers.get("authorization"), `Bearer ${webhookToken("k", now)}`);
    assert.equal(webhook?.headers.get("x-evolution-token"), "t");
    assert.equal(webhook?.headers.get("jwt_key"), null);
    assert.equal(webhook?.body.apikey, "own-token");
    assert.equal(webhook?.body.instance, "x");
    assert.equal(webhook?.body.sender, "5511910000002@s.whatsapp.net");
    assert.equal(webhook?.body.date_time, now.toISOString());
  });
});

Deno.test("a receiver that fails is tried ten times, after 5 s doubling to 300 s", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    world.received.length = 0;
    write(world, "oi");
    await world.clock.advance(3_600_000);
    const at = world.received.map(({ atMs }) => atMs);
    const pauses = at.slice(1).map((ms, i) => (ms - (at[i] ?? 0)) / 1_000);
    assert.deepEqual(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    assert.equal(world.gateway.control.inspect("x").webhooksSent.at(-1)?.outcome, "given-up");
  }, { receive: (delivery) => delivery > 2 ? 500 : 200 });
});

Deno.test("retries carry the first token again, also after its end", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    await setWebhook(world, { headers: { jwt_key: "k" } });
    world.received.length = 0;
    write(world, "oi");
    await world.clock.advance(3_600_000);
    const tokens = world.received.map(({ headers }) => headers.get("authorization"));
    assert.equal(tokens.length, 10);
    assert.equal(new Set(tokens).size, 1);
  }, { receive: (delivery) => delivery > 2 ? 503 : 200 });
});

for (const status of [400, 401, 403, 404, 422]) {
  Deno.test(`a receiver that answers ${status} is not tried again`, async () => {
    await underTest(async (world) => {
      await openInstance(world, "x");
      world.received.length = 0;
      write(world, "oi");
      await world.clock.advance(3_600_000);
      assert.equal(world.received.length, 1);
      const sent = world.gateway.control.inspect("x").webhooksSent.at(-1);
      assert.deepEqual([sent?.attempts, sent?.outcome], [[status], "given-up"]);
    }, { receive: (delivery) => delivery > 2 ? status : 200 });
  });
}

Deno.test("a receiver that never answers is given up after 30 s and tried again", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    write(world, "oi");
    await world.clock.advance(34_000);
    assert.equal(world.received.length, 3);
    await world.clock.advance(2_000);
    assert.equal(world.received.length, 4);
    const sent = world.gateway.control.inspect("x").webhooksSent.at(-1);
    assert.deepEqual([sent?.attempts, sent?.outcome], [["timeout", 200], "delivered"]);
  }, { receive: (delivery) => delivery === 3 ? "hang" : 200 });
});

Deno.test("webhooks of an instance arrive in the order of their events, failures come later", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    for (const text of ["1", "2", "3", "4"]) write(world, text);
    await world.clock.advance(6_000);
    assert.deepEqual(texts(world), ["1", "2", "3", "4", "2"]);
  }, { receive: (delivery) => delivery === 4 ? 500 : 200 });
});

Deno.test("a slow receiver holds the next webhook up for a second, not longer", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    for (const text of ["1", "2", "3"]) write(world, text);
    await world.clock.advance(900);
    assert.deepEqual(texts(world), ["1"]);
    await world.clock.advance(5_000);
    assert.deepEqual(texts(world), ["1", "3", "2"]);
  }, { receiverTakesMs: (delivery) => [0, 0, 0, 500, 5_000, 0][delivery] ?? 0 });
});

Deno.test("duplicates, drops, delays and a wrong order can be asked for, and mended", async () => {
  await underTest(async (world) => {
    const { control } = world.gateway;
    await openInstance(world, "x");
    const arriving = async (faults: Parameters<typeof control.webhooks>[0], waitMs: number) => {
      world.received.length = 0;
      control.webhooks(faults);
      for (const text of ["1", "2", "3"]) write(world, text);
      await world.clock.advance(waitMs);
      return texts(world);
    };
    assert.deepEqual(await arriving({ duplicate: true }, 0), ["1", "1", "2", "2", "3", "3"]);
    assert.deepEqual(await arriving({ drop: ["messages.upsert"] }, 60_000), []);
    assert.deepEqual(await arriving({ drop: ["connection.update"] }, 0), ["1", "2", "3"]);
    assert.deepEqual(await arriving({ delayMs: 4_000 }, 3_900), []);
    await world.clock.advance(200);
    assert.deepEqual(texts(world), ["1", "2", "3"]);
    assert.deepEqual(await arriving({ reorder: true }, 1_500), ["2", "1", "3"]);
    assert.deepEqual(await arriving({}, 0), ["1", "2", "3"]);
  });
});

Deno.test("only the events that were asked for are sent, byEvents adds their name to the URL", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    await setWebhook(world, { events: ["MESSAGES_UPSERT"], byEvents: true });
    world.gateway.control.ghost("x", "E");
    await world.clock.idle();
    assert.deepEqual(world.news(), []);
    world.gateway.control.createPaired({
      name: "y",
      phone: "5511900000009",
      webhook: { url: RECEIVER, events: ["MESSAGES_UPSERT"], byEvents: true },
    });
    world.gateway.control.inbound("y", { from: "5511977776666", text: "oi" });
    await world.clock.idle();
    assert.equal(world.received.at(-1)?.url, `${RECEIVER}/messages-upsert`);
  });
});

Deno.test("a disabled webhook sends nothing and is found with no events", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    await setWebhook(world, { enabled: false });
    write(world, "oi");
    await world.clock.advance(10_000);
    assert.deepEqual(world.news(), []);
    const found = (await world.call("GET", "/webhook/find/x")).body as Record<string, unknown>;
    assert.deepEqual([found.enabled, found.events], [false, []]);
  });
});

Deno.test("recipients acknowledge a message once it was delivered, as far as they are told to", async () => {
  for (
    const [acks, expected] of [["off", []], ["on", ["DELIVERY_ACK"]], [
      "read",
      ["DELIVERY_ACK", "READ"],
    ]] as const
  ) {
    await underTest(async (world) => {
      await openInstance(world, "x");
      world.gateway.control.acks("x", acks);
      world.received.length = 0;
      const sent = await world.call("POST", "/message/sendText/x", {
        number: KNOWN_NUMBER,
        text: "?",
      });
      await world.clock.advance(5_000);
      const updates = world.received.filter(({ event }) => event === "messages.update");
      assert.deepEqual(updates.map(({ data }) => data.status), expected);
      const id = (sent.body as { key: { id: string } }).key.id;
      assert.ok(updates.every(({ data }) => data.keyId === id));
    });
  }
});
