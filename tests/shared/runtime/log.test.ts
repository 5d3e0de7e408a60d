import assert from "node:assert/strict";
import {
  createLog,
  type LogLevel,
  withinBudget,
} from "../../../supabase/functions/_shared/runtime/log.ts";

/** A log within its budget, under a clock of its own. */
function budgeted() {
  const lines: string[] = [];
  const clock = { ms: 0, monotonicMs: () => clock.ms };
  const log = createLog("debug", withinBudget((line) => lines.push(line), clock));
  const write = (count: number, level: LogLevel) => {
    const before = lines.length;
    for (let each = 0; each < count; each++) log.write(level, "said");
    return lines.slice(before).map((line) => JSON.parse(line));
  };
  return { clock, write };
}

Deno.test("few lines are all written", () => {
  const { write } = budgeted();
  assert.deepEqual(write(40, "debug"), Array(40).fill({ level: "debug", event: "said" }));
});

Deno.test("of many those that matter most are written, and never a hundred in ten seconds", () => {
  const { write } = budgeted();
  const written = (["debug", "info", "warn", "error"] as const).map((level) =>
    write(500, level).length
  );
  assert.deepEqual(written, [40, 20, 20, 15]);
  assert.deepEqual(write(500, "error"), []);
});

Deno.test("what was left out is told once, in the next ten seconds", () => {
  const { clock, write } = budgeted();
  write(100, "info");
  clock.ms = 9_999;
  assert.equal(write(1, "info").length, 0);
  clock.ms = 10_000;
  assert.deepEqual(write(2, "info"), [
    { level: "warn", event: "lines_left_out", count: 41 },
    { level: "info", event: "said" },
    { level: "info", event: "said" },
  ]);
  clock.ms = 20_000;
  assert.deepEqual(write(1, "debug"), [{ level: "debug", event: "said" }]);
});
