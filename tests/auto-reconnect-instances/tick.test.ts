import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import type { TurnEnd } from "../../supabase/functions/auto-reconnect-instances/reconnect-instance.ts";
import {
  runTick,
  TICK_LIMITS,
  type TickLimits,
} from "../../supabase/functions/auto-reconnect-instances/tick.ts";
import type { Lease } from "../../supabase/functions/auto-reconnect-instances/work-list.ts";

const nothing = {
  leased: 0,
  connected: 0,
  awaitingQr: 0,
  connecting: 0,
  refused: 0,
  notFound: 0,
  unknown: 0,
  skipped: 0,
  failed: 0,
  overtaken: 0,
  stopped: null,
};

const limits: TickLimits = {
  concurrency: 3,
  leases: 100,
  leasingMs: 10_000,
  leaseSeconds: 120,
  gatherMs: 100,
};

interface Scene {
  /** How many instances are due. */
  readonly due: number;
  /** How long the turn of each takes, in ms. */
  readonly turnMs?: (index: number) => number;
  readonly end?: (index: number) => TurnEnd;
  /** Leases from this one on throw. */
  readonly leaseFails?: number;
  readonly limits?: TickLimits;
}

const fault = new Error("down");

/** Runs a tick over instances named by number, in virtual time. */
async function tick(scene: Scene) {
  const clock = new VirtualClock(new Date(0));
  const asked: number[] = [];
  const order: number[] = [];
  const faults: (string | null)[] = [];
  let next = 0;
  let running = 0;
  let most = 0;
  const report = await clock.until(runTick({
    clock,
    workList: {
      lease: (limit) => {
        asked.push(limit);
        if (asked.length > (scene.leaseFails ?? Infinity)) return Promise.reject(fault);
        const last = Math.min(scene.due, next + limit);
        const leases: Lease[] = [];
        for (; next < last; next++) {
          const instanceId = String(next);
          leases.push({ instanceId, token: "t", instanceName: "x", apiUrl: "x", apiKey: "k" });
        }
        return Promise.resolve(leases);
      },
    },
    reconnect: async ({ instanceId }) => {
      const index = Number(instanceId);
      order.push(index);
      most = Math.max(most, ++running);
      await clock.sleep(scene.turnMs?.(index) ?? 1000);
      running--;
      return scene.end?.(index) ?? { result: "open", overtaken: false };
    },
    onFault: (error, lease) => {
      assert.equal(error, fault);
      faults.push(lease?.instanceId ?? null);
    },
  }, scene.limits ?? limits));
  return { report, asked, order, faults, most, running, ms: clock.monotonicMs() };
}

Deno.test("with nothing due a tick asks once and is over", async () => {
  const { report, asked, ms } = await tick({ due: 0 });
  assert.deepEqual(report, nothing);
  assert.deepEqual(asked, [3]);
  assert.ok(ms < 1);
});

Deno.test("every due instance has its turn, oldest first, never too many at once", async () => {
  const { report, order, most } = await tick({ due: 10 });
  assert.deepEqual(report, { ...nothing, leased: 10, connected: 10 });
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(most, 3);
});

Deno.test("an instance that hangs holds up only its own place", async () => {
  const { report, ms } = await tick({ due: 9, turnMs: (index) => index === 0 ? 9000 : 100 });
  assert.equal(report.leased, 9);
  assert.equal(report.stopped, null);
  assert.ok(ms < 9001, `${ms} ms`);
});

Deno.test("places that come free together are filled by one query", async () => {
  const { asked } = await tick({ due: 6, turnMs: (index) => 1000 + index });
  assert.deepEqual(asked, [3, 3, 3]);
});

Deno.test("out of time it takes no more, finishes what it took, and says so", async () => {
  const { report, running, ms } = await tick({ due: 100, turnMs: () => 4000 });
  assert.equal(report.stopped, "time");
  assert.equal(report.leased, 9);
  assert.equal(report.connected, 9);
  assert.equal(running, 0);
  assert.ok(ms < 10_000 + 4000, `${ms} ms`);
});

Deno.test("a tick takes so many instances and no more, and says so", async () => {
  const { report, asked } = await tick({ due: 100, limits: { ...limits, leases: 7 } });
  assert.deepEqual(report, { ...nothing, leased: 7, connected: 7, stopped: "count" });
  assert.deepEqual(asked, [3, 3, 1]);
});

Deno.test("each end of a turn has its own count", async () => {
  const results = [
    "registry_open",
    "open",
    "qr",
    "no_qr_yet",
    "refused",
    "not_found",
    "unknown",
  ] as const;
  const { report } = await tick({
    due: 9,
    end: (index) => {
      const result = results[index];
      if (result === undefined) return { result: "skipped" };
      return { result, overtaken: result === "qr" };
    },
  });
  assert.deepEqual(report, {
    ...nothing,
    leased: 9,
    connected: 2,
    awaitingQr: 1,
    connecting: 1,
    refused: 1,
    notFound: 1,
    unknown: 1,
    skipped: 2,
    overtaken: 1,
  });
});

Deno.test("an instance whose turn fails does not stop the others", async () => {
  const { report, faults } = await tick({
    due: 5,
    end: (index) => {
      if (index === 1) throw fault;
      return { result: "open", overtaken: false };
    },
  });
  assert.deepEqual(report, { ...nothing, leased: 5, connected: 4, failed: 1 });
  assert.deepEqual(faults, ["1"]);
});

Deno.test("when no further lease can be had, what was taken is finished and the rest waits", async () => {
  const { report, faults } = await tick({ due: 10, leaseFails: 1 });
  assert.deepEqual(report, { ...nothing, leased: 3, connected: 3, stopped: "database" });
  assert.deepEqual(faults, [null]);
});

Deno.test("when not even the first lease can be had, the tick fails", async () => {
  await assert.rejects(tick({ due: 10, leaseFails: 0 }), fault);
});

Deno.test("the longest turn ends within its lease, and the longest tick within 150 seconds", () => {
  const longestTurnMs = 8_000 + 10_000 + 20_000 + 10_000;
  const leasingMs = TICK_LIMITS.leasingMs + TICK_LIMITS.gatherMs + 10_000;
  assert.ok(longestTurnMs < TICK_LIMITS.leaseSeconds * 1000);
  assert.ok(leasingMs + longestTurnMs < 150_000);
});
