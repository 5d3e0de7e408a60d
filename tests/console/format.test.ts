import assert from "node:assert/strict";
import { percent, span } from "../../console/words/format.ts";

Deno.test("only what was always there reads 100 %", () => {
  const cases = [
    [1, "100 %", "100 %"],
    [0.99999, "99.99 %", "99,99 %"],
    [0.9958, "99.58 %", "99,58 %"],
    [0.9867, "98.6 %", "98,6 %"],
    [0.0004, "0.0 %", "0,0 %"],
    [0, "0 %", "0 %"],
  ] as const;
  for (const [share, english, portuguese] of cases) {
    assert.equal(percent(share, "en"), english);
    assert.equal(percent(share, "pt"), portuguese);
  }
});

Deno.test("a span of time is said in its two largest units", () => {
  const cases = [[0, "0 s"], [59.4, "59 s"], [60, "1 min"], [3_700, "1 h 1 min"]] as const;
  for (const [seconds, words] of cases) assert.equal(span(seconds), words);
  assert.deepEqual([86_400, 90_000, 86_460].map(span), ["1 d", "1 d 1 h", "1 d"]);
});
