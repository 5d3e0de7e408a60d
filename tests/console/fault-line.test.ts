import assert from "node:assert/strict";
import { createFaultLine } from "../../console/data/fault-line.ts";

Deno.test("what a look met goes with the next look that works, what a click met stays to be read", () => {
  let shown: string | null = null;
  const line = createFaultLine((message) => shown = message);
  const steps: readonly (readonly ["look" | "task", string | null, shown: string | null])[] = [
    ["look", "HTTP 503", "HTTP 503"],
    ["look", null, null],
    ["task", "refused", "refused"],
    ["look", null, "refused"],
    ["look", "no answer", "no answer"],
    ["look", null, null],
    ["look", "no answer", "no answer"],
    ["task", "no answer", "no answer"],
    ["look", null, "no answer"],
    ["task", null, null],
  ];
  for (const [what, message, expected] of steps) {
    line[what](message);
    assert.equal(shown, expected, `${what} ${message}`);
  }
});
