import assert from "node:assert/strict";
import fc from "fast-check";
import type { Change } from "../../../supabase/functions/evolution-webhook/changes.ts";
import {
  readEvent,
  type Reading,
} from "../../../supabase/functions/evolution-webhook/read-event.ts";
import { chatJid } from "../../../supabase/functions/_shared/messages/received-message.ts";
import { samples } from "./samples.ts";

const now = new Date("2026-11-22T22:00:00.000Z");
const changes = (event: string, ...list: Change[]): Reading => ({
  outcome: "changes",
  event,
  changes: list,
  refused: [],
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
    ["ERROR", "failed"],
  ] as const
) {
  Deno.test(`messages.update ${status} of our own message is ${expected}`, () => {
    const change = onlyChange(read("messages.update", { keyId: "A1", fromMe: true, status }));
    assert.deepEqual(change, {
      kind: "acknowledgement",
      whatsappMessageId: "A1",
      status: expected,
      message: null,
      heard: true,
    });
  });
}

/** Why a session ended, as `status.instance` notes it, and whether somebody asked for it there. */
const ENDS = [
  ["Log out instance: vendas", true],
  ["Stream Errored (conflict)", false],
  ["Connection Failure", false],
] as const;

for (const [message, isAskedFor] of ENDS) {
  Deno.test(`a session that ended with "${message}" was ${isAskedFor ? "" : "not "}logged out`, () => {
    const output = { statusCode: 401, payload: { message } };
    const disconnectionObject = JSON.stringify({ error: { isBoom: true, output } });
    const data = { status: "closed", disconnectionReasonCode: 401, disconnectionObject };
    const reading = read("status.instance", data);
    assert.equal(reading.outcome, "changes");
    assert.deepEqual(
      reading.changes.map(({ kind }) => kind),
      isAskedFor ? ["connection", "logout"] : ["connection"],
    );
  });
}

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
    ["an update without a status", "messages.update", { keyId: "A1", fromMe: true }],
    ["somebody else's READ", "messages.update", { keyId: "A1", fromMe: false, status: "READ" }],
  ] as const
) {
  Deno.test(`${what} changes nothing`, () => {
    assert.deepEqual(read(event, data), changes(event));
  });
}

for (
  const [remoteJid, remoteJidAlt, expected] of [
    ["5511977776666@s.whatsapp.net", null, "5511977776666@s.whatsapp.net"],
    ["5511977776666:12@s.whatsapp.net", null, "5511977776666@s.whatsapp.net"],
    ["5511977776666@c.us", null, "5511977776666@s.whatsapp.net"],
    ["120363025555555555@g.us", null, "120363025555555555@g.us"],
    ["5511977776666-1600000000@g.us", null, "5511977776666-1600000000@g.us"],
    ["99988877766655@lid", "5511977776666@s.whatsapp.net", "5511977776666@s.whatsapp.net"],
    ["99988877766655@lid", null, "99988877766655@lid"],
    ["99988877766655@lid", "not an address", "99988877766655@lid"],
    ["5511977776666@s.whatsapp.net", "99988877766655@lid", "5511977776666@s.whatsapp.net"],
    ["status@broadcast", null, null],
    ["1234567890@broadcast", null, null],
    ["120363144038483540@newsletter", null, null],
    ["5511977776666", null, null],
    ["", null, null],
    ["@s.whatsapp.net", null, null],
    ["a b@s.whatsapp.net", null, null],
    ["5511977776666@s.whatsapp.net@lid", null, null],
  ] as const
) {
  const alternative = remoteJidAlt === null ? "" : ` with ${remoteJidAlt}`;
  Deno.test(`"${remoteJid}"${alternative} is the chat ${expected ?? "of nobody"}`, () => {
    assert.equal(chatJid({ remoteJid, remoteJidAlt }), expected);
  });
}

const HIDDEN = "99988877766655@lid";
const NUMBER = "5511977776666@s.whatsapp.net";
const KEYS: readonly (readonly [string, Record<string, unknown>, string, string | null])[] = [
  ["by both", { remoteJid: HIDDEN, remoteJidAlt: NUMBER }, NUMBER, HIDDEN],
  ["by both, the other way round", { remoteJid: NUMBER, remoteJidAlt: HIDDEN }, NUMBER, HIDDEN],
  ["as older gateways do", { remoteJid: HIDDEN, senderPn: NUMBER }, NUMBER, HIDDEN],
  ["hidden alone", { remoteJid: HIDDEN, remoteJidAlt: null }, HIDDEN, null],
  ["hidden, by us", { remoteJid: HIDDEN, senderPn: NUMBER, fromMe: true }, HIDDEN, null],
  ["by a device", { remoteJid: "5511977776666:12@s.whatsapp.net" }, NUMBER, null],
  [
    "hidden, by a device",
    { remoteJid: "99988877766655:3@lid", remoteJidAlt: NUMBER },
    NUMBER,
    HIDDEN,
  ],
];

for (const [what, key, remoteJid, hiddenJid] of KEYS) {
  Deno.test(`a chat that is named ${what} is told by ${remoteJid} and ${hiddenJid}`, () => {
    const change = onlyChange(read("messages.upsert", upsert({}, key)));
    assert.ok(change?.kind === "message");
    assert.deepEqual([change.remoteJid, change.hiddenJid], [remoteJid, hiddenJid]);
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
      { event: "messages.upsert", data: { message: {} } },
      "messages.upsert",
      "data.key",
    ],
    [
      "a message with an empty id",
      { event: "messages.upsert", data: upsert({}, { id: "" }) },
      "messages.upsert",
      "data.key.id",
    ],
    ["a send without a key", { event: "send.message", data: {} }, "send.message", "data.key"],
    [
      "an acknowledgement of nothing",
      { event: "messages.update", data: { fromMe: true, status: "READ" } },
      "messages.update",
      "data.keyId",
    ],
  ] as const
) {
  Deno.test(`a body with ${what} is malformed at ${field}`, () => {
    assert.deepEqual(readEvent(body, now), { outcome: "malformed", event, field });
  });
}

const BAD_ITEMS: readonly (readonly [string, unknown, string])[] = [
  ["without a chat", upsert({}, { remoteJid: null }), "data.key.remoteJid"],
  ["without a key", { message: {} }, "data.key"],
  ["without an id", upsert({}, { id: null }), "data.key.id"],
  ["with an endless id", upsert({}, { id: "x".repeat(201) }), "data.key.id"],
  ["that is null", null, "data"],
  ["that is text", "oi", "data"],
  ["that is a list", [], "data"],
];

for (const [what, bad, field] of BAD_ITEMS) {
  Deno.test(`a message ${what} never loses the others of its list`, () => {
    const good = ["A1", "A2", "A3"].map((id) => upsert({}, { id }));
    const reading = read("messages.upsert", [good[0], bad, good[1], bad, good[2]]);
    assert.equal(reading.outcome, "changes");
    const ids = reading.changes.map((change) =>
      change.kind === "message" && change.whatsappMessageId
    );
    assert.deepEqual([ids, reading.refused], [["A1", "A2", "A3"], [field, field]]);
  });
}

for (const event of ["messages.update", "send.message"]) {
  Deno.test(`what is no item of ${event} never loses the others of its list`, () => {
    const key = { id: "A1", fromMe: true };
    const good = { keyId: "A1", fromMe: true, key, status: "DELIVERY_ACK" };
    const items = [null, { keyId: null, key: null }, 5, [], good, { keyId: "", key: { id: 7 } }];
    const reading = read(event, items);
    assert.equal(reading.outcome, "changes");
    assert.deepEqual([reading.changes.length, reading.refused.length], [1, 5]);
  });
}

Deno.test("an update may name its message by key, with its other fields null or senseless", () => {
  const reading = read("messages.update", [
    { keyId: null, key: { id: "A1", fromMe: true }, status: "READ" },
    { keyId: "A2", key: null, fromMe: true, status: "READ" },
    { keyId: "A3", key: { id: "A3", fromMe: true }, status: { a: 1 } },
    { keyId: "A4", fromMe: true, status: "A_NEW_ONE" },
  ]);
  assert.equal(reading.outcome, "changes");
  assert.deepEqual(
    reading.changes.map((change) => change.kind === "acknowledgement" && change.whatsappMessageId),
    ["A1", "A2"],
  );
  assert.deepEqual(reading.refused, []);
});

Deno.test("decoration of a wrong type does not lose the event", () => {
  const close = onlyChange(
    read("connection.update", { state: "close", statusReason: "401", wuid: 5 }),
  );
  assert.equal(close?.kind === "connection" && close.reason, null);
  const received = onlyChange(read("messages.upsert", upsert({ pushName: { a: 1 } })));
  assert.equal(received?.kind === "message" && received.contactName, null);
});

for (const event of ["contacts.upsert", "chats.update", "", "toString", "connection"]) {
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
    { seed: SEED, numRuns: 200 },
  );
});
