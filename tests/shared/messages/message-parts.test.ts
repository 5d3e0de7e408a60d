import assert from "node:assert/strict";
import { ApiError } from "../../../supabase/functions/_shared/http/errors.ts";
import {
  toMessageParts,
  withIds,
} from "../../../supabase/functions/_shared/messages/message-parts.ts";
import {
  MAX_MEDIA_BYTES,
  type SendMessageRequest,
} from "../../../supabase/functions/_shared/contracts/send-message.ts";

const ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
const parts = (request: Partial<SendMessageRequest>) =>
  toMessageParts(request as SendMessageRequest);
const brief = (request: Partial<SendMessageRequest>) =>
  parts(request).map((part) => [part.type, part.content ?? part.caption]);

Deno.test("a text is one message with the client's id", async () => {
  const nothing = { mediaUrl: null, base64: null, mimetype: null, fileName: null, caption: null };
  assert.deepEqual(await withIds(parts({ message: " oi " }), ID), [
    { id: ID, type: "text", content: "oi", ...nothing },
  ]);
});

Deno.test("a message beside a picture is its caption; beside a caption it goes first", () => {
  const media = { type: "image" as const, url: "https://cdn.example/cat.jpg" };
  assert.deepEqual(brief({ media, message: "my cat" }), [["image", "my cat"]]);
  assert.deepEqual(brief({ media: { ...media, caption: "my cat" }, message: "look" }), [
    ["text", "look"],
    ["image", "my cat"],
  ]);
});

Deno.test("a voice message's caption follows as a text", () => {
  const media = { type: "audio" as const, url: "https://cdn.example/a.ogg", caption: "listen" };
  assert.deepEqual(brief({ media }), [["audio", null], ["text", "listen"]]);
});

Deno.test("a file is called as its address ends, unless it has a name", () => {
  const media = { type: "document" as const, url: "https://cdn.example/x/Conta%20maio.pdf?sig=1" };
  assert.equal(parts({ media })[0]?.fileName, "Conta maio.pdf");
  assert.equal(parts({ media: { ...media, fileName: "b.pdf" } })[0]?.fileName, "b.pdf");
});

Deno.test("the same request gives the same ids, every part its own", async () => {
  const request = { message: "a\n[IMAGE]https://cdn.example/cat.jpg\nb\nc" };
  const named = async (id: string) => (await withIds(parts(request), id)).map((part) => part.id);
  const ids = await named(ID);
  // Computed by `printf %s "$id:1" | sha256sum`, with the version and the variant put in.
  assert.equal(ids[1], "58f73afe-583a-8ec8-9e7d-c430dcb1144f");
  assert.deepEqual((await named(ID.toUpperCase())).slice(1), ids.slice(1));
  assert.equal(new Set(ids).size, 3);
  assert.equal(ids[0], ID);
  for (const id of ids.slice(1)) {
    assert.match(id, /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-/);
  }
});

Deno.test("base64 comes with or without a data: prefix, whose type is kept", () => {
  const media = (base64: string) => parts({ media: { type: "image", base64 } })[0];
  assert.deepEqual([media("aGk=")?.base64, media("aGk=")?.mimetype], ["aGk=", null]);
  const prefixed = media("data:image/png;base64,aGk=");
  assert.deepEqual([prefixed?.base64, prefixed?.mimetype], ["aGk=", "image/png"]);
});

Deno.test("bad base64 is refused by name", () => {
  for (const base64 of ["a", "ab!=", "====", "AA=A", "AAA*", "A===", "data:image/png;base64,"]) {
    assert.throws(
      () => parts({ media: { type: "image", base64 } }),
      (error: ApiError) => error.code === "INVALID_REQUEST" && error.place.field === "media.base64",
      base64,
    );
  }
});

Deno.test("16 MB of base64 are accepted, one byte more is not", () => {
  const encoded = new Uint8Array(MAX_MEDIA_BYTES).toBase64();
  const media = (base64: string) => parts({ media: { type: "document", base64 } });
  assert.equal(media(encoded).length, 1);
  assert.throws(() => media(`AAAA${encoded}`), { code: "MEDIA_TOO_LARGE" });
});

Deno.test("more than ten messages in one request are refused", () => {
  const message = "[IMAGE]https://cdn.example/cat.jpg\n\n".repeat(11);
  assert.throws(() => parts({ message }), ApiError);
});

const CAT = "https://cdn.example/cat.jpg";
const INLINE: readonly (readonly [name: string, message: string, brief: unknown])[] = [
  ["plain text", "hello", [["text", "hello"]]],
  ["nothing", "  \n ", []],
  ["a picture alone", `[IMAGE]${CAT}`, [["image", null]]],
  ["a caption", `[IMAGE]${CAT}\nmy cat`, [["image", "my cat"]]],
  ["text around it on its line", `look [IMAGE]${CAT} see\nmy cat`, [
    ["text", "look"],
    ["image", null],
    ["text", "see\nmy cat"],
  ]],
  ["an empty next line", `[IMAGE]${CAT}\n\nbye`, [["image", null], ["text", "bye"]]],
  ["text before and after", `look\n[IMAGE]${CAT}\nmy cat\nnice?\nyes`, [
    ["text", "look"],
    ["image", "my cat"],
    ["text", "nice?\nyes"],
  ]],
  ["two of them", `[IMAGE]${CAT}\none\n[AUDIO]${CAT}`, [["image", "one"], ["audio", null]]],
  ["windows line ends", `[IMAGE]${CAT}\r\nmy cat\r\nbye`, [["image", "my cat"], ["text", "bye"]]],
  ["http is not media", "[IMAGE]http://a.example/b", [["text", "[IMAGE]http://a.example/b"]]],
  ["an address that is none is text", "[IMAGE]https://[", [["text", "[IMAGE]https://["]]],
  ["an unknown marker is text", "[STICKER]https://x.example/a", [
    ["text", "[STICKER]https://x.example/a"],
  ]],
];

for (const [name, message, expected] of INLINE) {
  Deno.test(`inline media: ${name}`, () => assert.deepEqual(brief({ message }), expected));
}
