import assert from "node:assert/strict";
import type { ApiError } from "../../../supabase/functions/_shared/http/errors.ts";
import { MAX_MEDIA_BYTES } from "../../../supabase/functions/_shared/contracts/send-message.ts";
import { readBase64 } from "../../../supabase/functions/_shared/messages/read-base64.ts";
import { LargeText } from "../../../supabase/functions/_shared/runtime/large-text.ts";

/** A text's bytes in pieces of three. */
function large(json: string): LargeText {
  const bytes = new TextEncoder().encode(json);
  const count = Math.ceil(bytes.length / 3);
  return new LargeText(
    Array.from({ length: count }, (_, at) => bytes.slice(at * 3, at * 3 + 3)),
  );
}

/** What becomes of a text, or why it is refused. */
function outcome(given: string | LargeText): unknown {
  try {
    const { base64, mimetype } = readBase64<string | LargeText>(given);
    const text = base64 instanceof LargeText
      ? JSON.parse(`"${base64.startOf(base64.bytes)}"`)
      : base64;
    return { text, mimetype };
  } catch (error) {
    const { code, place } = error as ApiError;
    return { code, ...place };
  }
}

for (
  const text of [
    "aGk=",
    "aGkh",
    "a+/=",
    "a",
    "",
    "ab!=",
    "====",
    "AA=A",
    "A===",
    "AAA=AAA=",
    "AAAA\n",
    "ãAAA",
    "😀AA",
    "data:image/png;base64,aGk=",
    "data:image/png;name=a;base64,aGk=",
    "data:;base64,aGk=",
    "data:image/png;base64,",
    "data:image/png,aGk=",
    `data:image/png${";a=b".repeat(200)};base64,AAAA`,
    `data:image/png;a=${"b".repeat(484)};base64,AAAA`,
    `data:image/png;a=${"b".repeat(485)};base64,AAAA`,
  ]
) {
  Deno.test(`as bytes it is what it is as a text: ${text.slice(0, 40) || "nothing"}`, () => {
    assert.deepEqual(outcome(large(JSON.stringify(text).slice(1, -1))), outcome(text));
  });
}

Deno.test("signs that a client escaped are those signs", () => {
  for (const escaped of ["a\\u002b\\/=", "\\u0061+\\u002F\\u003d"]) {
    assert.deepEqual(outcome(large(escaped)), { text: "a+/=", mimetype: null });
  }
  assert.deepEqual(outcome(large("data:image\\/png;base64,aGk=")), {
    text: "aGk=",
    mimetype: "image/png",
  });
  assert.deepEqual(outcome(large("\\u0100AAA")), outcome("\u0100AAA"));
});

Deno.test("16 MB as bytes are accepted, one byte more is not, and what is wrong as well is too large", () => {
  const piece = new Uint8Array(65_536).fill(0x41);
  const most = Math.ceil(MAX_MEDIA_BYTES / 3) * 4;
  const pieces = Array.from({ length: most / piece.length + 1 }, () => piece);
  const text = (bytes: number, end = "") => {
    const whole = pieces.slice(0, Math.floor(bytes / piece.length));
    return new LargeText([
      ...whole,
      piece.subarray(0, bytes - whole.length * piece.length),
      new TextEncoder().encode(end),
    ]);
  };
  assert.equal(readBase64(text(most - 4, "AA==")).base64.bytes, most);
  for (const end of ["AAAA", "AA\\nA"]) {
    assert.throws(() => readBase64(text(most, end)), { code: "MEDIA_TOO_LARGE" });
  }
});
