import assert from "node:assert/strict";
import fc from "fast-check";
import { withoutLongStrings } from "../../../supabase/functions/evolution-webhook/read-body.ts";
import { bearer, webhook, webhookScene } from "./scene.ts";

const SEED = 20_261_126;

/** Text in pieces of so many bytes each, on its way through the filter. */
async function slim(text: string, piece: number, longest: number): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const keep = withoutLongStrings(longest);
  const kept: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; at += piece) kept.push(...keep(bytes.slice(at, at + piece)));
  return await new Blob(kept).text();
}

/** The same with every string emptied that is written with more bytes. */
function emptied(value: unknown, longest: number): unknown {
  const size = (text: string) => new TextEncoder().encode(JSON.stringify(text)).length - 2;
  const short = (text: string) => size(text) > longest ? "" : text;
  if (typeof value === "string") return short(value);
  if (Array.isArray(value)) return value.map((item) => emptied(item, longest));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [short(key), emptied(item, longest)]),
  );
}

Deno.test(`long strings go, all else stays to the byte, wherever it is cut (seed ${SEED})`, async () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^["\\a]{0,30}$/));
  const json = fc.jsonValue({ stringUnit: "binary" });
  const sizes = [fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 20 })] as const;
  await fc.assert(
    fc.asyncProperty(json, text, ...sizes, async (other, string, piece, longest) => {
      const value = [string, other, string];
      const came = await slim(JSON.stringify(value), piece, longest);
      assert.deepEqual(JSON.parse(came), JSON.parse(JSON.stringify(emptied(value, longest))));
    }),
    { seed: SEED, numRuns: 200 },
  );
});

Deno.test("what is no JSON stays none", async () => {
  for (const text of ["{", '"abc', '"a\\', "nope", ""]) {
    const came = await slim(text, 1, 2);
    assert.throws(() => JSON.parse(came), SyntaxError);
  }
});

const MEGABYTE = 1024 * 1024;

/** A picture of so many bytes, as a gateway with `base64` switched on sends it. */
const picture = (bytes: number, caption = "a foto do recibo") => ({
  event: "messages.upsert",
  data: {
    key: { id: "BIG", remoteJid: "5511977776666@s.whatsapp.net", fromMe: false },
    pushName: "Bia",
    message: {
      imageMessage: { mimetype: "image/jpeg", caption, jpegThumbnail: "x".repeat(MEGABYTE) },
      base64: "A".repeat(bytes),
    },
    messageTimestamp: 1795381200,
  },
});

for (const size of [9, 40]) {
  Deno.test(`a picture of ${size} MB is stored without itself`, async () => {
    const { handle, calls, clock } = webhookScene({
      apply_webhook: () => ({ result: "stored", refused: [] }),
    });
    const headers = { authorization: bearer(clock.now()) };
    const response = await handle(webhook(picture(size * MEGABYTE), headers));
    assert.deepEqual(await response.json(), { success: true, result: "stored" });
    const { p_changes } = calls.at(-1)!.args as { p_changes: { message: unknown }[] };
    assert.partialDeepStrictEqual(p_changes[0]?.message, {
      whatsapp_message_id: "BIG",
      remote_jid: "5511977776666@s.whatsapp.net",
      contact_name: "Bia",
      type: "image",
      caption: "a foto do recibo",
      media_mime_type: "image/jpeg",
      sent_at: "2026-11-22T21:00:00.000Z",
    });
  });
}

Deno.test("of an endless body little is held, and it is not read for ever", async () => {
  const { handle, clock } = webhookScene();
  const piece = new TextEncoder().encode("A".repeat(MEGABYTE));
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"event":"'));
    },
    pull(controller) {
      sent++;
      controller.enqueue(piece);
    },
  });
  const { url } = webhook({}, {});
  const headers = { authorization: bearer(clock.now()) };
  const response = await handle(new Request(url, { method: "POST", headers, body }));
  assert.equal(response.status, 413);
  assert.ok(sent < 140, `${sent} MB`);
});
