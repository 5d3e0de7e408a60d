import assert from "node:assert/strict";
import fc from "fast-check";
import {
  LARGE_TEXT_BYTES,
  LargeJsonReader,
  putLargeTexts,
} from "../../../supabase/functions/_shared/runtime/large-json.ts";
import {
  LargeText,
  largeTextsIn,
  onceOnlyBody,
  writeJson,
} from "../../../supabase/functions/_shared/runtime/large-text.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const LONG = "QUJD".repeat(LARGE_TEXT_BYTES / 4 + 1);

/** Reads a text that comes in pieces of these sizes, in turn. */
function read(json: string, sizes: readonly number[] = [Infinity]) {
  const bytes = encode(json);
  const reader = new LargeJsonReader();
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    reader.push(bytes.slice(from, from + size));
    from += size;
  }
  const texts = reader.end();
  return { cut: { texts, toText: reader.toText.bind(reader) }, rest: reader.restBytes };
}

/** The value with its large texts, each as the string that it is. */
function parsed(json: string, sizes?: readonly number[]) {
  const { cut } = read(json, sizes);
  const value = putLargeTexts(JSON.parse(cut.toText()), cut.texts);
  return JSON.parse(JSON.stringify(value, (_key, part) => {
    const text = cut.texts.find(({ standIn }) => standIn === part);
    return text === undefined ? part : stringOf(text);
  }));
}

function stringOf(text: LargeText): string {
  const bytes = new Uint8Array(text.pieces.flatMap((piece) => [...piece]));
  return JSON.parse(`"${new TextDecoder().decode(bytes)}"`);
}

for (
  const [what, value, texts] of [
    ["nothing large", { a: "x", b: [1, null, true] }, 0],
    ["one that is just not large", { a: "x".repeat(LARGE_TEXT_BYTES) }, 0],
    ["one that just is", { a: "x".repeat(LARGE_TEXT_BYTES + 1) }, 1],
    ["one among others", { a: "ã\n", media: { base64: LONG, name: '"\\' }, z: [] }, 1],
    ["two", [LONG, { b: LONG }], 2],
    ["one with escapes", { a: `${LONG}\n"\\/\u0007😀ã${LONG}`, b: 1 }, 1],
    ["a long name", { [LONG]: 1 }, 1],
    ["nothing else", LONG, 1],
  ] as readonly (readonly [string, unknown, number])[]
) {
  Deno.test(`large texts: ${what}, wherever a chunk ends`, () => {
    const json = JSON.stringify(value);
    for (const sizes of [[Infinity], [1_000], [65_536], [7, 30_011], [LARGE_TEXT_BYTES + 10, 1]]) {
      const { cut } = read(json, sizes);
      assert.equal(cut.texts.length, texts);
      assert.ok(texts === 0 || cut.toText().length < json.length - texts * LARGE_TEXT_BYTES + 100);
      assert.equal(cut.toText(cut.texts), json);
    }
  });
}

Deno.test("any JSON in chunks of any size is what JSON.parse makes of it, and what is written is the same", async () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.string({ unit: "binary", maxLength: 9 }).map((start) => start + LONG + start),
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: "small" },
      texts,
      fc.integer(),
      fc.constantFrom(null, true, false),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 3 }).filter((key) => key !== "__proto__"), tie("json"), {
        maxKeys: 3,
      }),
    ),
  }));
  const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }).map((size) => Math.max(size, 97)), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(json, sizes, async (value, chunks) => {
      const text = JSON.stringify(value);
      assert.deepEqual(parsed(text, chunks), JSON.parse(text));
      const { cut } = read(text, chunks);
      const read1 = putLargeTexts(JSON.parse(cut.toText()), cut.texts);
      const written = onceOnlyBody(writeJson(JSON.stringify(read1), largeTextsIn(read1)));
      assert.deepEqual(await new Response(written).json(), JSON.parse(text));
    }),
    { numRuns: 40 },
  );
});

Deno.test("what no JSON text may hold ends the read, in a large text too", () => {
  for (const wrong of ["\n", "\\x", "\\u12g4", "\u0000"]) {
    assert.throws(() => read(`{"a":"${LONG}${wrong}"}`, [1_000]), SyntaxError, wrong);
  }
  for (const open of [`{"a":"${LONG}`, `{"a":"${LONG}\\"}`]) {
    assert.throws(() => read(open), SyntaxError);
  }
});

Deno.test("an escape that a chunk cuts is none twice", () => {
  const json = String.raw`["${LONG}\\","\u0022${LONG}\"x"]`;
  for (let size = 1; size < 9; size++) {
    assert.deepEqual(parsed(json, [LONG.length + size, 1, 1, 1, 2]), JSON.parse(json));
  }
});

Deno.test("the rest is counted without what is large", () => {
  assert.equal(read(`{"a":"${LONG}","b":"xy"}`, [1_000]).rest, `{"a":"","b":"xy"}`.length);
  const reader = new LargeJsonReader();
  reader.push(encode(`["ab","${"x".repeat(10)}`));
  assert.equal(reader.restBytes, '["ab","'.length);
});

Deno.test("a large text is written as it came, and begins where it is told to", async () => {
  const text = new LargeText([encode("data:x,"), encode("AA\\/B"), encode("\u00e3")]);
  const json = JSON.stringify({ a: [text, "b"], c: text });
  const body = onceOnlyBody(writeJson(json, [text]));
  assert.equal(
    await new Response(body).text(),
    '{"a":["data:x,AA\\/Bã","b"],"c":"data:x,AA\\/Bã"}',
  );
  assert.equal(text.startOf(9), "data:x,AA");
  assert.equal(text.startOf(99), "data:x,AA\\/B\ufffd\ufffd");
  const rest = text.without(8);
  assert.deepEqual([rest.startOf(4), rest.bytes], ["A\\/B", 6]);
});
