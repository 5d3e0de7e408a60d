import assert from "node:assert/strict";
import { parseStorable, storable } from "../../../supabase/functions/_shared/http/validation.ts";

Deno.test("text that PostgreSQL cannot store is mended, any other stays as it is", () => {
  assert.equal(storable("a\u0000b"), "ab");
  assert.equal(storable("x\ud800y"), "x\ufffdy");
  assert.equal(storable("olá 👩‍👩‍👧 \\u0000"), "olá 👩‍👩‍👧 \\u0000");
});

Deno.test("JSON is parsed with texts that can be stored, at any depth", () => {
  const json = String.raw`{"a":["x\u0000y",{"b":"\uD83D\uDE00 \uDE00"}],"n":1,"t":true,"z":null}`;
  assert.deepEqual(parseStorable(json), { a: ["xy", { b: "😀 \ufffd" }], n: 1, t: true, z: null });
  assert.throws(() => parseStorable(String.raw`{"a":"\u0000"`), SyntaxError);
});
