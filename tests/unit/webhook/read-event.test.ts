import assert from "node:assert/strict";
import fc from "fast-check";
import type { Change } from "../../../supabase/functions/evolution-webhook/change.ts";
import {
  readEvent,
  type Reading,
} from "../../../supabase/functions/evolution-webhook/read-event.ts";
import { samples } from "./samples.ts";

const now = new Date("2026-11-22T22:00:00.000Z");
const at = (time: string) => new Date(`2026-11-22T${time}Z`);
const changes = (event: string, ...list: Change[]): Reading => ({
  outcome: "changes",
  event,
  changes: list,
});
const connection = (
  state: "open" | "close" | "connecting" | "refused",
  reason: number | null,
  time: string,
  ownNumber: string | null = null,
): Reading =>
  changes("connection.update", { kind: "connection", state, reason, ownNumber, at: at(time) });
const message = (id: string, sentAt: string, content: Partial<MessageContent>): Reading =>
  changes("messages.upsert", {
    kind: "message",
    whatsappMessageId: id,
    remoteJid: "5511977776666@s.whatsapp.net",
    fromMe: false,
    contactName: "Cliente Lab",
    sentAt: at(sentAt),
    content: { ...plain, ...content },
  });

type MessageContent = Extract<Change, { kind: "message" }>["content"];
const plain: MessageContent = {
  type: "text",
  content: null,
  mediaUrl: null,
  mediaMimeType: null,
  fileName: null,
  caption: null,
};

const QR = "2@NhklNhGMLY2pKsvXj5lhB/QsuHRUn9XU+cK0feoVw41L/ribkyc8qeqn45RejTEY,84VIIR27Zek4G/" +
  "9FAn//Ve5nGTiCA5kJnr9ak3Jq2DY=,J8oNhILADMj3/ciZWB9E3/tachMam+d3BydFLguxSQI=," +
  "YAHvjP4RXo5UGBWD/jMVWnEmaceyHGTzQ4BxexwszdA=";

/** What each of the recorded webhooks means, in their order. */
const meanings: readonly Reading[] = [
  connection("connecting", 200, "21:00:51.641"),
  changes("qrcode.updated", {
    kind: "qr",
    code: QR,
    base64: "data:image/png;base64,iVBORw0KGgoAAAANSU…",
    pairingCode: null,
    at: at("21:00:51.858"),
  }),
  connection("open", 200, "21:00:58.389", "5511900000001"),
  changes("send.message", {
    kind: "acknowledgement",
    whatsappMessageId: "3EB02054F8F7A6D3ED9238",
    status: "sent",
  }),
  changes("messages.update", {
    kind: "acknowledgement",
    whatsappMessageId: "3EB02054F8F7A6D3ED9238",
    status: "delivered",
  }),
  changes("logout.instance", {
    kind: "connection",
    state: "close",
    reason: null,
    ownNumber: null,
    at: at("21:04:11.961"),
  }),
  connection("close", 401, "21:04:11.961"),
  changes("status.instance", {
    kind: "connection",
    state: "close",
    reason: 401,
    ownNumber: null,
    at: at("21:04:11.956"),
  }),
  connection("close", 440, "21:08:38.825"),
  connection("close", 402, "21:23:30.092"),
  connection("close", 406, "21:23:30.150"),
  connection("close", 403, "21:23:30.124"),
  message("3A1526642262E73548C8", "21:34:55.000", { content: "oi, tudo bem?" }),
  changes("qrcode.updated"),
  connection("refused", 428, "21:36:09.232"),
  connection("refused", 428, "21:36:48.302"),
  message("3AE78E504B7FDB7DA6CB", "21:36:05.000", {
    type: "image",
    mediaMimeType: "image/jpeg",
    caption: "foto",
  }),
  connection("connecting", 200, "21:54:33.072"),
];

Deno.test("every recorded webhook has its meaning written down here", () => {
  assert.equal(samples.length, meanings.length);
});

for (const [index, { body }] of samples.entries()) {
  Deno.test(`the recorded ${body.event} (sample ${index}) means what is written down`, () => {
    assert.deepEqual(readEvent(body, now), meanings[index]);
  });
}

for (const { body } of samples) {
  const upper = body.event.toUpperCase().replaceAll(".", "_");
  Deno.test(`${upper} at ${body.date_time} means the same as ${body.event}`, () => {
    assert.deepEqual(readEvent({ ...body, event: upper }, now), readEvent(body, now));
  });
}

Deno.test("a change never holds the instance or the key that the body names", () => {
  for (const { body } of samples) {
    const reading = JSON.stringify(readEvent({ ...body, instance: "somebody-else" }, now));
    assert.ok(!reading.includes(body.apikey), body.event);
    assert.ok(!reading.includes("somebody-else"), body.event);
  }
});

const read = (event: string, data: unknown) =>
  readEvent({ event, data, date_time: "2026-11-22T21:00:00.000Z" }, now);
const upsert = (extra: Record<string, unknown>, key: Record<string, unknown> = {}) => ({
  key: { remoteJid: "5511977776666@s.whatsapp.net", fromMe: false, id: "A1", ...key },
  message: { conversation: "oi" },
  messageTimestamp: 1795381200,
  ...extra,
});
const onlyChange = (reading: Reading) => {
  assert.equal(reading.outcome, "changes");
  assert.equal(reading.changes.length, 1);
  return reading.changes[0];
};

Deno.test("an event of the future happened now", () => {
  const body = { event: "logout.instance", data: null, date_time: "2099-01-01T00:00:00.000Z" };
  const change = onlyChange(readEvent(body, now));
  assert.deepEqual(change?.kind === "connection" && change.at, now);
});

Deno.test("messages may come in an array, in order", () => {
  const reading = read("messages.upsert", [upsert({}), upsert({}, { id: "A2" })]);
  assert.equal(reading.outcome, "changes");
  assert.deepEqual(
    reading.changes.map((change) => change.kind === "message" && change.whatsappMessageId),
    ["A1", "A2"],
  );
});

Deno.test("a message sent from the phone is from us, and its push name is not the contact's", () => {
  const change = onlyChange(read("messages.upsert", upsert({ pushName: "Eu" }, { fromMe: true })));
  assert.ok(change?.kind === "message");
  assert.equal(change.fromMe, true);
  assert.equal(change.contactName, null);
});

Deno.test("who writes in a group does not give the group its name", () => {
  const data = upsert({ pushName: "Ana" }, { remoteJid: "120363025555555555@g.us" });
  const change = onlyChange(read("messages.upsert", data));
  assert.equal(change?.kind === "message" && change.contactName, null);
});

for (
  const [status, expected] of [
    ["SERVER_ACK", "sent"],
    ["DELIVERY_ACK", "delivered"],
    ["READ", "read"],
    ["PLAYED", "read"],
  ] as const
) {
  Deno.test(`messages.update ${status} of our own message is ${expected}`, () => {
    const change = onlyChange(read("messages.update", { keyId: "A1", fromMe: true, status }));
    assert.deepEqual(change, {
      kind: "acknowledgement",
      whatsappMessageId: "A1",
      status: expected,
    });
  });
}

Deno.test("an older gateway's messages.update names the message by its key", () => {
  const change = onlyChange(
    read("messages.update", [{ key: { id: "A1", fromMe: true }, status: "READ" }]),
  );
  assert.deepEqual(change, { kind: "acknowledgement", whatsappMessageId: "A1", status: "read" });
});

for (
  const [what, event, data] of [
    ["an unknown connection state", "connection.update", { state: "paused" }],
    ["another status of the instance", "status.instance", { status: "created" }],
    ["a status broadcast", "messages.upsert", upsert({}, { remoteJid: "status@broadcast" })],
    ["a newsletter", "messages.upsert", upsert({}, { remoteJid: "1203@newsletter" })],
    ["a reaction", "messages.upsert", upsert({ message: { reactionMessage: {} } })],
    ["a message without content", "messages.upsert", upsert({ message: undefined })],
    ["an empty list of messages", "messages.upsert", []],
    ["PENDING", "messages.update", { keyId: "A1", fromMe: true, status: "PENDING" }],
    ["ERROR", "messages.update", { keyId: "A1", fromMe: true, status: "ERROR" }],
    ["an update without a status", "messages.update", { keyId: "A1", fromMe: true }],
    ["somebody else's READ", "messages.update", { keyId: "A1", fromMe: false, status: "READ" }],
  ] as const
) {
  Deno.test(`${what} changes nothing`, () => {
    assert.deepEqual(read(event, data), changes(event));
  });
}

for (
  const [what, body, event, field] of [
    ["no object", [], null, "body"],
    ["null", null, null, "body"],
    ["no event", { data: {} }, null, "event"],
    ["an event that is no text", { event: 5 }, null, "event"],
    ["no state", { event: "connection.update", data: {} }, "connection.update", "data.state"],
    ["no data", { event: "connection.update" }, "connection.update", "data"],
    ["no status", { event: "status.instance", data: {} }, "status.instance", "data.status"],
    ["no QR", { event: "qrcode.updated", data: {} }, "qrcode.updated", "data.qrcode"],
    [
      "an empty QR",
      { event: "qrcode.updated", data: { qrcode: { code: null, base64: "" } } },
      "qrcode.updated",
      "data.qrcode",
    ],
    [
      "a message without a key",
      { event: "messages.upsert", data: [upsert({}), { message: {} }] },
      "messages.upsert",
      "data.1.key",
    ],
    [
      "a message with an empty id",
      { event: "messages.upsert", data: upsert({}, { id: "" }) },
      "messages.upsert",
      "data.0.key.id",
    ],
    ["a send without a key", { event: "send.message", data: {} }, "send.message", "data.0.key"],
    [
      "an acknowledgement of nothing",
      { event: "messages.update", data: { fromMe: true, status: "READ" } },
      "messages.update",
      "data.0.keyId",
    ],
  ] as const
) {
  Deno.test(`a body with ${what} is malformed at ${field}`, () => {
    assert.deepEqual(readEvent(body, now), { outcome: "malformed", event, field });
  });
}

Deno.test("decoration of a wrong type does not lose the event", () => {
  const close = onlyChange(
    read("connection.update", { state: "close", statusReason: "401", wuid: 5 }),
  );
  assert.equal(close?.kind === "connection" && close.reason, null);
  const received = onlyChange(read("messages.upsert", upsert({ pushName: { a: 1 } })));
  assert.equal(received?.kind === "message" && received.contactName, null);
});

for (const event of ["presence.update", "contacts.upsert", "", "toString", "connection"]) {
  Deno.test(`the event "${event}" is unknown`, () => {
    assert.deepEqual(read(event, {}), { outcome: "unknown_event" });
  });
}

const SEED = 20261122;

Deno.test(`whatever comes as data is read, ignored or malformed, and storable (seed ${SEED})`, () => {
  const events = [...new Set(samples.map(({ body }) => body.event))];
  const shaped = fc.record({
    key: fc.record({
      id: fc.string({ unit: "binary" }),
      remoteJid: fc.constantFrom("5511977776666@s.whatsapp.net", "1@lid", "status@broadcast"),
      fromMe: fc.anything(),
    }),
    message: fc.dictionary(
      fc.constantFrom("conversation", "imageMessage", "ephemeralMessage", "xMessage", "message"),
      fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
    ),
    pushName: fc.string({ unit: "binary" }),
    messageTimestamp: fc.jsonValue(),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...events),
      fc.oneof(fc.jsonValue(), shaped, fc.array(shaped)),
      fc.jsonValue(),
      (event, data, date_time) => {
        const reading = readEvent({ event, data, date_time }, now);
        assert.ok(reading.outcome === "changes" || reading.outcome === "malformed");
        const written = JSON.stringify(reading);
        assert.ok(!/\\u0000|\\ud[89a-f]/i.test(written), written);
      },
    ),
    { seed: SEED, numRuns: 500 },
  );
});
