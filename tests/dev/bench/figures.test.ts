import assert from "node:assert/strict";
import { drawSection, faultsOf, type Figure, toJson } from "../../../dev/tasks/bench/figures.ts";
import { alternate, percentile } from "../../../dev/tasks/bench/measure.ts";
import { watchRest } from "../../../dev/tasks/bench/rest-traffic.ts";

const figure: Figure = { key: "ack_p50_ms", label: "ack", value: 8.1234, unit: "ms" };
const floor = { key: "ack_floor_p50_ms", value: 4.0617, what: "one row" };

/** Value and target of a figure, and why it is not good enough. */
const JUDGED: readonly (readonly [value: number, atMost: number, faults: readonly string[]])[] = [
  [8.1234, 8.1234, []],
  [8.1234, 8, ["ack: 8.12 ms, at most 8 ms is the target"]],
  // What could not be measured.
  [NaN, 8, ["ack: NaN ms, at most 8 ms is the target"]],
];

Deno.test("a figure above its target is a fault, and so is what no figure can say", () => {
  for (const [value, atMost, faults] of JUDGED) {
    const figures = [figure, { ...figure, value, atMost }];
    assert.deepEqual(faultsOf([{ figures, faults: ["reads all"] }]), [...faults, "reads all"]);
  }
});

Deno.test("the JSON has each figure, its floor, and what is wrong", () => {
  assert.deepEqual(toJson([{ figures: [{ ...figure, floor }] }]), {
    ack_p50_ms: 8.12,
    ack_floor_p50_ms: 4.06,
    faults: [],
  });
});

Deno.test("the table has the ratio beside figure and floor, and says what is missed", () => {
  const findings = { figures: [{ ...figure, floor, atMost: 8 }], faults: ["reads all"] };
  assert.deepEqual(drawSection("Sends", findings).split("\n"), [
    "Sends (floor: one row)",
    "  ack  8.12 ms  floor 4.06 ms  2 ×  MISSED (≤ 8)",
    "  FAULT reads all",
    "",
  ]);
});

Deno.test("floor and measurement take turns", async () => {
  const order: string[] = [];
  const pair = await alternate(
    2,
    () => Promise.resolve([order.push("floor")]),
    () => Promise.resolve([order.push("measured")]),
  );
  assert.deepEqual(order, ["floor", "measured", "floor", "measured"]);
  assert.deepEqual(pair, { floor: [1, 3], measured: [2, 4] });
});

Deno.test("percentiles are samples, by rank", () => {
  const samples = [5, 1, 4, 2, 3];
  assert.deepEqual([0, 50, 95, 100].map((percent) => percentile(samples, percent)), [1, 3, 5, 5]);
  assert.throws(() => percentile([], 50), RangeError);
});

Deno.test("requests to the database are seen by name, and awaited by their answers", async () => {
  const answer = Promise.withResolvers<Response>();
  const traffic = watchRest(() => answer.promise);
  const asked = traffic.fetch("http://rest.test/rpc/finish_message?x=1");
  let ended = false;
  const end = traffic.untilAnswered("finish_message", 1).then(() => ended = true);
  assert.deepEqual(traffic.take(), ["finish_message"]);
  assert.deepEqual(traffic.take(), []);
  await Promise.resolve();
  assert.equal(ended, false);
  answer.resolve(new Response());
  await asked;
  await end;
});
