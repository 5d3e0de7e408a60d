import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import {
  createByteBudget,
  type Share,
} from "../../../supabase/functions/_shared/runtime/byte-budget.ts";

/** A budget of ten bytes; what was granted is told by name, in its order. */
function scene() {
  const clock = new VirtualClock();
  const budget = createByteBudget(clock, 10);
  const granted: string[] = [];
  const shares = new Map<string, Share>();
  const ask = async (name: string, bytes: number, waitMs = 1_000) => {
    const share = await budget.take(bytes, waitMs);
    granted.push(share === null ? `${name} refused` : name);
    if (share !== null) shares.set(name, share);
  };
  const settle = () => clock.until(clock.sleep(0));
  return { clock, granted, shares, ask, settle };
}

Deno.test("bytes are taken while there are some; who comes then waits for those that come back", async () => {
  const { granted, shares, ask, settle } = scene();
  void ask("a", 4);
  void ask("b", 6);
  void ask("c", 5);
  await settle();
  assert.deepEqual(granted, ["a", "b"]);
  shares.get("a")!.release();
  await settle();
  assert.deepEqual(granted, ["a", "b"]);
  shares.get("b")!.shrinkTo(5);
  await settle();
  assert.deepEqual(granted, ["a", "b", "c"]);
});

Deno.test("a small one does not go before a large one that waits", async () => {
  const { granted, shares, ask, settle } = scene();
  for (const [name, bytes] of [["a", 8], ["large", 9], ["small", 1]] as const) {
    void ask(name, bytes);
  }
  await settle();
  assert.deepEqual(granted, ["a"]);
  shares.get("a")!.release();
  await settle();
  assert.deepEqual(granted, ["a", "large", "small"]);
});

Deno.test("nobody waits longer than told, and who stood behind goes on", async () => {
  const { clock, granted, ask } = scene();
  void ask("a", 8);
  void ask("small", 2, 5_000);
  const large = ask("large", 9, 500);
  const behind = ask("behind", 1, 5_000);
  await clock.until(large);
  assert.deepEqual(granted, ["a", "small", "large refused"]);
  await clock.until(behind);
  assert.deepEqual(granted.at(-1), "behind refused");
});

Deno.test("who stood behind one that gave up has its turn at once", async () => {
  const { clock, granted, ask } = scene();
  void ask("a", 8);
  const large = ask("large", 9, 500);
  const small = ask("small", 2, 5_000);
  await clock.until(large);
  await clock.until(small);
  assert.deepEqual(granted, ["a", "large refused", "small"]);
});

Deno.test("more than there is, is all there is", async () => {
  const { granted, ask, settle } = scene();
  void ask("a", 99);
  await settle();
  assert.deepEqual(granted, ["a"]);
});

Deno.test("work holds a share until it ends, also in failure", async () => {
  const { granted, shares, ask, settle } = scene();
  void ask("a", 10);
  await settle();
  const work = Promise.withResolvers<void>();
  shares.get("a")!.holdFor(work.promise);
  shares.get("a")!.release();
  void ask("b", 1);
  await settle();
  assert.deepEqual(granted, ["a"]);
  work.reject(new Error("ended"));
  await settle();
  assert.deepEqual(granted, ["a", "b"]);
});
