import assert from "node:assert/strict";
import { z } from "zod";
import {
  MessageStore,
  type StoredMessage,
  StoredWhere,
} from "../../../dev/evolution/model/message-store.ts";
import { readJson } from "../../support/recordings.ts";
import { connect, type GatewayUnderTest, KNOWN_NUMBER, openTest } from "./gateway-under-test.ts";

const page = z.object({
  total: z.number(),
  pages: z.number(),
  currentPage: z.number(),
  records: z.array(z.looseObject({
    key: z.looseObject({ id: z.string() }),
    messageTimestamp: z.number(),
  })),
});

/** The calls of `findMessages` in a recorded scenario. */
const recorded = z.array(z.looseObject({
  request: z.looseObject({
    path: z.string(),
    body: z.unknown().transform((body) =>
      z.object({
        where: StoredWhere.optional(),
        page: z.number().optional(),
        offset: z.number().optional(),
      }).safeParse(body).data ?? {}
    ),
  }).optional(),
  response: z.looseObject({ body: z.unknown() }).optional(),
})).transform((steps) =>
  steps.flatMap(({ request, response }) => {
    if (!request?.path.startsWith("/chat/findMessages")) return [];
    return [{
      body: request.body,
      answered: z.object({ messages: page }).parse(response?.body).messages,
    }];
  })
);

function readFinds(name: string) {
  return recorded.parse(readJson(`recordings/${name}.json`));
}

const SHAPES = readFinds("FIND-messages__shapes");

for (const { body, answered } of SHAPES) {
  Deno.test(`findMessages with ${JSON.stringify(body)} is answered as the real gateway did`, () => {
    const store = new MessageStore();
    for (const record of SHAPES[0]!.answered.records.toReversed()) {
      store.add(record as unknown as StoredMessage);
    }
    const { records, ...counts } = store.find(body.where ?? {}, body.page ?? 1, body.offset ?? 50);
    const { records: expected, ...expectedCounts } = answered;
    assert.deepEqual(counts, expectedCounts);
    // Within a second the real one has no order.
    const times = (rows: readonly { readonly messageTimestamp: number }[]) =>
      rows.map(({ messageTimestamp }) => messageTimestamp);
    assert.deepEqual(times(records), times(expected));
    if (body.page === undefined) {
      const ids = (rows: readonly { readonly key: { readonly id: string } }[]) =>
        rows.map(({ key }) => key.id).sort();
      assert.deepEqual(ids(records), ids(expected));
    }
  });
}

Deno.test("what the real gateway had after an outage of the receiver lies between two bounds", () => {
  const [{ body, answered } = assert.fail()] = readFinds("FIND-messages__after-webhook-outage");
  const { gte, lte } = body.where?.messageTimestamp ?? {};
  for (const { messageTimestamp } of answered.records) {
    const at = messageTimestamp * 1000;
    assert.ok(at >= Date.parse(String(gte)) && at <= Date.parse(String(lte)));
  }
});

Deno.test("messages of one second come in another order on another page", () => {
  const store = new MessageStore();
  const [record = assert.fail()] = SHAPES[0]!.answered.records;
  for (const id of ["one", "two", "three", "four"]) {
    store.add({ ...record, key: { ...record.key, id } } as unknown as StoredMessage);
  }
  const seen = [1, 2].flatMap((page) => store.find({}, page, 2).records.map(({ key }) => key.id));
  assert.ok(new Set(seen).size < 4, seen.join());
});

/** Everything that the gateway has stored of `x`. */
async function stored({ call }: GatewayUnderTest) {
  const { body } = await call("POST", "/chat/findMessages/x", {});
  return z.object({ messages: page }).parse(body).messages.records;
}

function heard({ received }: GatewayUnderTest, event: string): string[] {
  return received.filter((webhook) => webhook.event === event).flatMap(({ data }) => {
    const items = Array.isArray(data) ? data : [data];
    return items.map(({ key }) => String(key.id));
  });
}

openTest("a stored message looks as the real gateway shows it", async (gateway) => {
  gateway.control.inbound("x", { from: KNOWN_NUMBER, text: "during 404" });
  await gateway.clock.advance(1_000);
  const rows = await stored(gateway);
  const real = SHAPES[0]!.answered.records;
  for (const fromMe of [true, false]) {
    const ours = rows.find(({ key }) => key.fromMe === fromMe);
    const theirs = real.find(({ key }) => key.fromMe === fromMe);
    assert.deepEqual(Object.keys(ours!).sort(), Object.keys(theirs!).sort());
    assert.deepEqual(Object.keys(ours!.key).sort(), Object.keys(theirs!.key).sort());
  }
});

openTest("what came between a logout and the scan is told as history alone", async (gateway) => {
  const { control, call, clock } = gateway;
  control.inbound("x", { from: KNOWN_NUMBER, text: "seen before logout" });
  await clock.advance(1_000);
  await call("DELETE", "/instance/logout/x");
  const missed = [1, 2].map((n) =>
    control.inbound("x", { from: KNOWN_NUMBER, text: `missed ${n}` })
  );
  assert.deepEqual(missed.map(({ fate }) => fate), ["phone", "phone"]);
  const { code } = await connect(gateway);
  control.scan("x", { code });
  await clock.advance(10_000);
  const ids = missed.map(({ id }) => id);
  assert.deepEqual(heard(gateway, "messages.set"), ids);
  assert.ok(!heard(gateway, "messages.upsert").some((id) => ids.includes(id)));
  const have = (await stored(gateway)).map(({ key }) => key.id);
  assert.ok(ids.every((id) => have.includes(id)));
});

openTest("another phone that scans does not bring the first one's messages", async (gateway) => {
  const { control, call, clock } = gateway;
  await call("DELETE", "/instance/logout/x");
  const { id } = control.inbound("x", { from: KNOWN_NUMBER, text: "for the first phone" });
  await connect(gateway);
  control.scan("x", { phone: "5511900000999" });
  await clock.advance(10_000);
  assert.ok(!heard(gateway, "messages.set").includes(id));
});

openTest("what came during a short absence comes as ordinary messages", async (gateway) => {
  const { control, clock } = gateway;
  control.blip("x");
  const { id, fate } = control.inbound("x", { from: KNOWN_NUMBER, text: "offline" });
  assert.equal(fate, "held");
  await clock.advance(5_000);
  assert.deepEqual(heard(gateway, "messages.upsert"), [id]);
  assert.deepEqual(heard(gateway, "messages.set"), []);
});
