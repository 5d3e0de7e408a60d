import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import type { MessagePart } from "../../../supabase/functions/_shared/messages/message-part.ts";
import type { Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { inspectMedia } from "../../../supabase/functions/_shared/messages/media-address.ts";
import { sendPart } from "../../../supabase/functions/_shared/messages/send-messages.ts";

const TEXT: MessagePart = {
  id: "0b0e7c1e-0000-4000-8000-000000000001",
  type: "text",
  content: "oi",
  mediaUrl: null,
  base64: null,
  mimetype: null,
  fileName: null,
  caption: null,
};
const FILE = { content: null, base64: "AAAA", mediaUrl: "https://cdn.example/a" };
const number = "1@lid";

for (
  const [what, part, remoteJid, expected] of [
    ["a person's text", {}, "551197@s.whatsapp.net", ["text", { number: "551197", text: "oi" }]],
    ["a group's text", {}, "1203634@g.us", ["text", { number: "1203634@g.us", text: "oi" }]],
    ["a hidden number's text", {}, number, ["text", { number, text: "oi" }]],
    ["a voice message", { ...FILE, type: "audio" }, number, ["audio", { number, audio: "AAAA" }]],
    ["a picture, its bytes before its address", { ...FILE, type: "image", caption: "c" }, number, [
      "media",
      { number, mediatype: "image", media: "AAAA", caption: "c" },
    ]],
  ] as readonly (readonly [string, Partial<MessagePart>, string, unknown])[]
) {
  Deno.test(`${what} is one call of the gateway`, async () => {
    const made: unknown[] = [];
    const call = (name: string) => (message: unknown) => {
      made.push([name, message]);
      const sent = { outcome: "sent", ms: 1, whatsappMessageId: null } as const;
      return Promise.resolve(sent);
    };
    const calls: Partial<Gateway> = {
      sendText: call("text"),
      sendMedia: call("media"),
      sendAudio: call("audio"),
    };
    const chat = { remote_jid: remoteJid, quoted_whatsapp_message_id: null };
    await sendPart(calls as Gateway, { ...TEXT, ...part }, chat);
    assert.deepEqual(made, [expected]);
  });
}

const FIRST = "https://cdn.example/a.jpg";
const MB = 1024 * 1024;

interface Hop {
  readonly to?: string;
  readonly status?: number;
  readonly bytes?: number;
}

/** Looks at {@linkcode FIRST}, where each address answers as told; "hang" never does. */
async function inspect(hops: Readonly<Record<string, Hop | "hang">>, allowPrivate = false) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const refusal = await clock.until(inspectMedia(FIRST, {
    clock,
    allowPrivate,
    resolve: (host) => Promise.resolve([host === "inside.example" ? "10.0.0.8" : "93.184.215.14"]),
    fetch: (input, init) => {
      assert.deepEqual([init?.method, init?.redirect], ["HEAD", "manual"]);
      asked.push(String(input));
      const hop = hops[String(input)] ?? {};
      if (hop === "hang") return new Promise(() => {});
      const status = hop.status ?? (hop.to === undefined ? 200 : 302);
      const headers = {
        ...(hop.to === undefined ? {} : { location: hop.to }),
        ...(hop.bytes === undefined ? {} : { "content-length": String(hop.bytes) }),
      };
      return Promise.resolve(new Response(null, { status, headers }));
    },
  }));
  return [refusal, asked.length];
}

const to = (address: string) => ({ [FIRST]: { to: address } });
const chain = (length: number) =>
  Object.fromEntries(
    [FIRST, ...Array.from({ length }, (_, hop) => `https://cdn.example/${hop}`)]
      .map((from, hop) => [from, { to: `https://cdn.example/${hop}` }]).slice(0, length),
  );

for (
  const [what, hops, refusal, asked] of [
    ["a file", {}, null, 1],
    ["a file of 100 MB", { [FIRST]: { bytes: 100 * MB } }, null, 1],
    ["a larger file", { [FIRST]: { bytes: 100 * MB + 1 } }, "too_large", 1],
    ["an error as large as that", { [FIRST]: { bytes: 200 * MB, status: 404 } }, null, 1],
    ["a redirect into the house", to("https://inside.example/x"), "private_address", 1],
    ["a redirect to this machine", to("https://127.0.0.1/x"), "private_address", 1],
    ["a redirect to plain http", to("http://cdn.example/x"), "not_https", 1],
    ["three redirects", chain(3), null, 4],
    ["four redirects", chain(4), "too_many_redirects", 4],
    ["a server that does not answer us", { [FIRST]: "hang" }, null, 1],
  ] as readonly (readonly [string, Record<string, Hop | "hang">, string | null, number])[]
) {
  Deno.test(`media behind ${what}: ${refusal ?? "taken"}`, async () => {
    assert.deepEqual(await inspect(hops), [refusal, asked]);
  });
}

Deno.test("on a local stack media is not looked at", async () => {
  assert.deepEqual(await inspect({ [FIRST]: { bytes: 200 * MB } }, true), [null, 0]);
});
