import assert from "node:assert/strict";
import { createRemembered } from "../../../supabase/functions/evolution-webhook/remembered.ts";

Deno.test("what is remembered is known for its time, and until it is forgotten", () => {
  const clock = { ms: 0, monotonicMs: () => clock.ms };
  const memory = createRemembered<string>(clock, 1_000);
  memory.set("a", "first");
  memory.set("b", "other");
  clock.ms = 999;
  assert.deepEqual([memory.get("a"), memory.get("nobody")], ["first", undefined]);
  memory.set("a", "second");
  memory.forget("b");
  clock.ms = 1_000;
  assert.deepEqual([memory.get("a"), memory.get("b")], ["second", undefined]);
  clock.ms = 1_999;
  assert.equal(memory.get("a"), undefined);
});

Deno.test("of many numbers the one that was told of longest ago goes", () => {
  const memory = createRemembered<number>({ monotonicMs: () => 0 }, 1_000);
  for (let id = 0; id < 5_000; id++) memory.set(`${id}`, id);
  memory.set("0", 7);
  assert.deepEqual([memory.get("0"), memory.get("1")], [7, 1]);
  memory.set("one more", 1);
  assert.deepEqual([memory.get("0"), memory.get("1"), memory.get("2")], [7, undefined, 2]);
});
