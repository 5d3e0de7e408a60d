/**
 * Bodies that nobody should send: half of them noise, half of them good ones gone wrong.
 *
 * @module
 */

import fc from "fast-check";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { connectionUpdate, webhookBody } from "../../support/webhooks.ts";

/** Values at which programs stumble. */
const STUMBLING: readonly unknown[] = [
  ...[null, true, 0, -1, 1e308, -0.5, 2 ** 53, "", "\u0000", "a\u0000b", "\ud800", "%00"],
  ...["x\udfff\ud800y", "\u202e\u2066", "👩‍👩‍👧‍👦".repeat(50), "ﷺ".repeat(2_000), "A".repeat(70_000)],
  ...["../../etc/passwd", "'; drop table messages; --", "9".repeat(400), "2026-99-99T99:99:99Z"],
  ...["https://cdn.example/%00.jpg", "https://cdn.example/\ud800.jpg", "[DOCUMENT]https://[::1"],
  ...["[IMAGE]https://cdn.example/a%00b.jpg", "+275760-09-13T00:00:00.001Z"],
  ...[[], [null], [[[[]]]], {}, { toString: 1, valueOf: 1 }, { length: 1e9 }, { then: 1 }],
  ...[{ low: { toString: 1, valueOf: 1 } }, { low: 1e300, high: -1, unsigned: "no" }],
  { constructor: { prototype: { polluted: true } } },
];

const stumbling = fc.constantFrom(...STUMBLING);

/** JSON text whose keys reach for the prototype; `JSON.stringify` would drop them. */
const polluting = fc.constantFrom(
  '{"__proto__":{"action":"send_message_async","polluted":true}}',
  '{"event":"messages.upsert","data":{"__proto__":{"key":{"id":"1"}}}}',
  '{"constructor":{"prototype":{"polluted":true}},"action":"__proto__"}',
  '{"action":"constructor"}',
  '{"action":"toString","hasOwnProperty":1}',
  '{"event":"__proto__","data":{}}',
  '{"event":"constructor","data":{"toString":1}}',
);

const deep = fc.integer({ min: 1, max: 20_000 }).chain((depth) =>
  fc.constantFrom(
    "[".repeat(depth),
    "[".repeat(depth) + "]".repeat(depth),
    '{"data":'.repeat(depth) + "1" + "}".repeat(depth),
  )
);

const broken = fc.constantFrom(
  ...["", " ", "{", '{"action":', "nul", "undefined", "NaN", "'a'", '"\\u12"'],
);

const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });

/** A body: text, or bytes that are no UTF-8. */
export type Body = string | Uint8Array<ArrayBuffer>;

/** So many bodies for a function, made of noise and of what it takes; a seed gives the same ones. */
export function malformedBodies(good: readonly object[], count: number, seed: number): Body[] {
  const noise: fc.Arbitrary<Body> = fc.oneof(
    { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 6, stringUnit: "binary" }).map(text) },
    { weight: 1, arbitrary: stumbling.map(text) },
    { weight: 1, arbitrary: polluting },
    { weight: 1, arbitrary: deep },
    { weight: 1, arbitrary: broken },
    { weight: 1, arbitrary: bytes.map((all) => new Uint8Array(all)) },
  );
  const gone = fc.tuple(
    fc.constantFrom(...good),
    fc.array(mutation, { minLength: 1, maxLength: 3 }),
  )
    .map(([body, mutations]) => mutations.reduce<unknown>((value, change) => change(value), body));
  const wrong: fc.Arbitrary<Body> = fc.oneof(
    { weight: 8, arbitrary: gone.map(text) },
    // Good to the last byte but one, or with a byte that is no UTF-8 in the middle.
    { weight: 1, arbitrary: gone.map((value) => text(value).slice(0, -1)) },
    { weight: 1, arbitrary: gone.map((value) => invalidUtf8(text(value))) },
  );
  return fc.sample(fc.oneof(noise, wrong), { numRuns: count, seed });
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

function invalidUtf8(json: string): Uint8Array<ArrayBuffer> {
  const encoded = new TextEncoder().encode(json);
  const middle = encoded.indexOf(0x22, encoded.length / 2) + 1;
  return new Uint8Array([...encoded.slice(0, middle), 0xff, 0xc0, 0x80, ...encoded.slice(middle)]);
}

type Mutation = (value: unknown) => unknown;

/** Changes one thing anywhere in a value: another value, one too few, or one too many. */
const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(),
  how: fc.constantFrom("replace", "replace", "remove", "wrap", "add"),
  value: fc.oneof(
    { weight: 3, arbitrary: stumbling },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2, stringUnit: "binary" }) },
  ),
}).map(({ place, how, value }) => (whole) => {
  const paths = [...pathsOf(whole)];
  return change(whole, paths[place % paths.length]!, how, value);
});

/** The way to everything that is in a value. */
function* pathsOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, held] of Object.entries(value)) yield* pathsOf(held, [...path, key]);
}

function change(whole: unknown, path: readonly string[], how: string, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined || typeof whole !== "object" || whole === null) {
    return how === "wrap" ? [whole, value] : value;
  }
  const changed = Object.entries(whole).flatMap(([name, old]): [string, unknown][] => {
    if (name !== key) return [[name, old]];
    if (rest.length > 0) return [[name, change(old, rest, how, value)]];
    if (how === "remove") return [];
    if (how === "add") return [[name, old], ["added", value]];
    return [[name, how === "wrap" ? [old, value] : value]];
  });
  return Array.isArray(whole) ? changed.map(([, held]) => held) : Object.fromEntries(changed);
}

/** Everything that any action reads, under every action's name. */
export function goodRequests(world: VirtualWorld, actions: readonly string[]): object[] {
  const { conversationId, instanceId, organizationId, instanceName } = world.company;
  const send = { action: "send_message_async", conversationId, message: "spoiled" };
  const url = "https://cdn.example/a.jpg?x=1";
  const media = { type: "image", url, caption: "c", fileName: "a" };
  return [
    send,
    { ...send, media, message: "beside it" },
    { ...send, media: { type: "document", base64: "AAAA", mimetype: "application/pdf" } },
    { ...send, message: "[AUDIO]https://cdn.example/a.ogg\ntext", replyToMessageId: instanceId },
    { ...send, conversationId: undefined, instanceId, remoteJid: "5511977776666" },
    ...actions.filter((action) => action !== "send_message_async").map((action) => ({
      action,
      instanceId,
      organizationId,
      messageId: crypto.randomUUID(),
      displayName: "Spoiled",
      instanceName: "spoiled_name",
      // Another name than the number's: nothing is really deleted.
      confirmName: `not-${instanceName}`,
      afterId: 0,
      limit: 10,
    })),
  ];
}

/** One webhook of every kind. */
export function goodWebhooks(world: VirtualWorld): object[] {
  const { phone, customerJid } = world.company;
  const key = { id: "SPOILED0001", remoteJid: customerJid, fromMe: false, remoteJidAlt: null };
  const picture = { mimetype: "image/jpeg", caption: "c", fileLength: { low: 1, high: 0 } };
  const message = (content: object) => ({
    key,
    pushName: "Ana",
    messageTimestamp: 1_764_000_000,
    messageType: "conversation",
    message: content,
    source: "android",
  });
  const upsert = (data: unknown) => webhookBody(world, "messages.upsert", data);
  const oi = message({ conversation: "oi" });
  return [
    ...["open", "close", "connecting", "refused"].map((state) => connectionUpdate(world, state)),
    webhookBody(world, "qrcode.updated", { qrcode: { code: "2@a", base64: "data:,", count: 1 } }),
    upsert(oi),
    upsert(message({ imageMessage: picture, mediaUrl: "https://a" })),
    upsert([message({ ephemeralMessage: { message: { extendedTextMessage: { text: "oi" } } } })]),
    upsert({ ...oi, messageTimestamp: { low: 1_764_000_000, high: 0, unsigned: true } }),
    // Numbers that cannot be made of these.
    upsert({ ...oi, messageTimestamp: { low: { toString: 1, valueOf: 1 }, high: 0 } }),
    webhookBody(world, "messages.update", { keyId: "X1", fromMe: true, status: "READ" }),
    webhookBody(world, "send.message", { key, status: "PENDING" }),
    webhookBody(world, "logout.instance", null),
    webhookBody(world, "status.instance", { status: "closed", disconnectionReasonCode: 401 }),
    webhookBody(world, "contacts.update", [{ remoteJid: `${phone}@s.whatsapp.net` }]),
  ];
}
