import assert from "node:assert/strict";
import { faultsOf, type Figure, toJson } from "../../../dev/tasks/bench/figures.ts";
import { alternate, percentile } from "../../../dev/tasks/bench/measure.ts";
import { watchRest } from "../../../dev/tasks/bench/rest-traffic.ts";
import { drawSection } from "../../../dev/tasks/bench/table.ts";

const figure: Figure = { key: "ack_p50_ms", label: "ack", value: 8.1234, unit: "ms" };
const floor = { key: "ack_floor_p50_ms", value: 4.0617, what: "one row" };

Deno.test("a figure above its target is a fault, one at it is not", () => {
  assert.deepEqual(faultsOf([{ figures: [figure, { ...figure, atMost: 8.1234 }] }]), []);
  assert.deepEqual(faultsOf([{ figures: [{ ...figure, atMost: 8 }], faults: ["reads all"] }]), [
    "ack: 8.12 ms, at most 8 ms is the target",
    "reads all",
  ]);
});

Deno.test("what could not be measured is a fault", () => {
  assert.equal(faultsOf([{ figures: [{ ...figure, value: NaN, atMost: 8 }] }]).length, 1);
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
  assert.deepEqual(drawSection({ title: "Sends", findings }).split("\n"), [
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
    (round) => Promise.resolve([order.push(`floor ${round}`)]),
    (round) => Promise.resolve([order.push(`measured ${round}`)]),
  );
  assert.deepEqual(order, ["floor 0", "measured 0", "floor 1", "measured 1"]);
  assert.deepEqual(pair, { floor: [1, 3], measured: [2, 4] });
});

Deno.test("percentiles are samples, by rank", () => {
  const samples = [5, 1, 4, 2, 3];
  assert.deepEqual([0, 0.5, 0.95, 1].map((share) => percentile(samples, share)), [1, 3, 5, 5]);
  assert.throws(() => percentile([], 0.5), RangeError);
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
