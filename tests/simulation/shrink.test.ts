import assert from "node:assert/strict";
import { shrink } from "../../dev/tasks/simulate/shrink.ts";

const NUMBERS = Array.from({ length: 40 }, (_, index) => index);

Deno.test("a history is shortened to the actions that matter, in their order", async () => {
  const found = await shrink(
    NUMBERS,
    (part) => Promise.resolve(part.includes(31) && part.includes(4) && part.includes(5)),
    500,
  );
  assert.deepEqual(found, [4, 5, 31]);
});

Deno.test("a history that fails by itself becomes empty", async () => {
  assert.deepEqual(await shrink(NUMBERS, () => Promise.resolve(true), 500), []);
});

Deno.test("whatever the number of tries, the result still fails", async () => {
  for (let tries = 0; tries < 20; tries++) {
    const fails = (part: readonly number[]) => part.includes(17) && part.includes(23);
    const found = await shrink(NUMBERS, (part) => Promise.resolve(fails(part)), tries);
    assert.ok(fails(found), `${tries} tries`);
  }
});
