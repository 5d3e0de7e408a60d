import assert from "node:assert/strict";
import { parseStorable } from "../../../supabase/functions/_shared/http/validation.ts";
import { toMessageParts } from "../../../supabase/functions/_shared/messages/message-parts.ts";

const MB = 1024 * 1024;

for (
  const [what, text] of [
    ["25 MB of [", "[".repeat(25 * MB)],
    ["a long list of empty lists", `[${"[],".repeat(MB)}0]`],
    ["a million keys", `{${'"a":1,'.repeat(MB)}"b":1}`],
    ["a million numbers", `[${"1,".repeat(MB)}1]`],
  ] as const
) {
  Deno.test(`${what} is refused before it is parsed`, () => {
    assert.throws(() => parseStorable(text), /too deep or too many parts/);
  });
}

Deno.test("brackets, quotes and backslashes in a text are no structure", () => {
  for (
    const text of ["[".repeat(300_000), '\\"[\\', "\\".repeat(300_001), ',":{}'.repeat(100_000)]
  ) {
    assert.deepEqual(parseStorable(JSON.stringify({ text })), { text });
  }
});

Deno.test("a text that has no end is no JSON", () => {
  assert.throws(() => parseStorable('{"a": "[['), SyntaxError);
});

Deno.test("a data URL with a million parameters is refused, one with few is read", () => {
  const parts = (base64: string) => toMessageParts({ media: { type: "image", base64 } });
  assert.throws(() => parts(`data:image/png${";a=b".repeat(MB)};base64,AAAA`), /INVALID_REQUEST/);
  assert.partialDeepStrictEqual(parts("data:image/png;a=b;base64,AAAA"), [
    { base64: "AAAA", mimetype: "image/png" },
  ]);
});
