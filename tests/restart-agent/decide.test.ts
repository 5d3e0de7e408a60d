import assert from "node:assert/strict";
import { decide } from "../../restart-agent/decide.ts";

const GATEWAY = "https://evolution.example";
const NOW = Date.parse("2026-11-26T15:00:00Z");
const [MINUTE, HOUR] = [60_000, 3_600_000];
const SETTINGS = {
  gatewayUrl: null,
  minIntervalMs: 10 * MINUTE,
  maxPerDay: 3,
  window: null,
  quorum: 0.5,
};
const ask = (
  change: Partial<{ reason: string; share: number; gateway: string }> = {},
  settings: Partial<Parameters<typeof decide>[1]> = {},
  ago: readonly number[] = [],
) =>
  decide(
    { gateway: GATEWAY, reason: "steps_used_up", share: 0.1, ...change },
    { ...SETTINGS, ...settings },
    ago.map((ms) => NOW - ms),
    NOW,
  );

Deno.test("only what a restart cures is a reason for one", () => {
  for (
    const reason of ["steps_used_up", "not_loaded", "gateway_stuck", "session_conflict", "deaf"]
  ) {
    assert.deepEqual(ask({ reason }), { result: "restart" }, reason);
  }
  for (const reason of ["whatsapp_unreachable", "gateway_unreachable", "outage", "x", ""]) {
    assert.deepEqual(ask({ reason }), { result: "not_curable" }, reason);
  }
});

Deno.test("another gateway's restart is not its business", () => {
  assert.deepEqual(ask({}, { gatewayUrl: GATEWAY }), { result: "restart" });
  const other = { gatewayUrl: "https://other.example" };
  assert.deepEqual(ask({}, other), { result: "other_gateway" });
});

Deno.test("at most once in the interval, and so many times in any 24 hours", () => {
  const soon = (seconds: number) => ({ result: "too_soon", retryAfterSeconds: seconds });
  assert.deepEqual(ask({}, {}, [10 * MINUTE - 1]), soon(1));
  assert.deepEqual(ask({}, {}, [10 * MINUTE]), { result: "restart" });
  assert.deepEqual(ask({}, {}, [20 * HOUR, 10 * HOUR, HOUR]), soon(4 * 3_600));
  assert.deepEqual(ask({}, {}, [HOUR, 20 * HOUR, 10 * HOUR]), soon(4 * 3_600), "in any order");
  assert.deepEqual(ask({}, {}, [24 * HOUR, 10 * HOUR, HOUR]), { result: "restart" });
  assert.deepEqual(ask({}, {}, [-HOUR]), { result: "restart" }, "the clock was set back");
});

Deno.test("outside the window it waits, unless enough numbers are dead", () => {
  const window = { from: 23 * 60, to: 5 * 60, timeZone: "America/Sao_Paulo" };
  // 15:00 UTC is noon there.
  const outside = { result: "outside_window", retryAfterSeconds: 11 * 3_600 };
  assert.deepEqual(ask({ share: 0.49 }, { window }), outside);
  assert.deepEqual(ask({ share: 0.5 }, { window }), { result: "restart" });
  assert.deepEqual(ask({}, { window: { ...window, timeZone: "Asia/Tokyo" } }), {
    result: "restart",
  });
  const noon = { from: 12 * 60, to: 12 * 60 + 1, timeZone: "America/Sao_Paulo" };
  assert.deepEqual(ask({}, { window: noon }), { result: "restart" });
  assert.equal(ask({}, { window: { ...noon, from: 720 - 2, to: 720 } }).result, "outside_window");
});
