import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import type { MemoryOutcome } from "../../supabase/functions/_shared/gateway/outcomes.ts";
import {
  advanceRepair,
  type StepEffects,
} from "../../supabase/functions/advance-ghost-repairs/advance-repair.ts";
import type { StepRecord } from "../../supabase/functions/advance-ghost-repairs/work-list.ts";
import { repairLease } from "./evidence.ts";

const ID = "0b0e7c1e-0000-4000-8000-000000000001";
interface Scene {
  readonly memory?: MemoryOutcome["outcome"];
  readonly probe?: "alive" | "connection_closed" | "timeout" | "unreachable" | "unauthorized";
  /** What the socket answers, one probe after the other; then `probe`. */
  readonly probes?: readonly NonNullable<Scene["probe"]>[];
  readonly registry?: "open" | "close" | "timeout";
  /** Whether the database grants the call, and whether the repair is still ours at the end. */
  readonly granted?: boolean;
  readonly ours?: boolean;
  /** What is left of the tick's samples. */
  readonly samples?: number;
  /** What was called before. */
  readonly lease?: Partial<ReturnType<typeof repairLease>>;
}

/** Takes a step and returns its end, what was done in order, and what was written down. */
async function advance(scene: Scene) {
  const done: string[] = [];
  const records: StepRecord[] = [];
  const answer = <T>(what: string, value: T) => {
    if (done.at(-1) !== what) done.push(what);
    return Promise.resolve(value);
  };
  const clock = new VirtualClock();
  const probes = [...scene.probes ?? []];
  const effects: StepEffects = {
    clock,
    budget: { left: scene.samples ?? 1_000 },
    gateway: {
      registry: () =>
        answer("registry", {
          outcome: scene.registry ?? "open",
          ms: 13,
          ownNumber: null,
        }),
      probe: () => {
        const outcome = probes.shift() ?? scene.probe ?? "connection_closed";
        return answer("probe", { outcome, ms: 15 });
      },
      memory: () => answer("memory", { outcome: scene.memory ?? "open", ms: 2 }),
      connect: () => answer("connect", { outcome: "open", ms: 2_200 }),
      restart: () => answer("restart", { outcome: "accepted", ms: 5 }),
      logout: () => answer("logout", { outcome: "socket_dead", ms: 8 }),
    },
    workList: {
      begin: (_, step) => answer(`begin ${step}`, scene.granted ?? true),
      record: (_, found) => {
        records.push(found);
        return answer("record", scene.ours ?? true);
      },
      postpone: () => answer("postpone", scene.ours ?? true),
      connectingSeen: () => Promise.resolve(false),
    },
    readVersion: () => answer("version", undefined),
  };
  const end = await clock.until(advanceRepair({ ...repairLease(ID), ...scene.lease }, effects));
  return { end, done, record: records[0] };
}

Deno.test("a changing call is written down before it is made, and its answer after", async () => {
  const { end, done, record } = await advance({ memory: "close" });
  assert.equal(end, "stepped");
  assert.deepEqual(done, [
    "registry",
    "probe",
    "memory",
    "begin connect",
    "connect",
    "probe",
    "record",
  ]);
  assert.deepEqual(record, {
    next: "stepped",
    step: "connect",
    seconds: 30,
    answer: { outcome: "open", ms: 2_200 },
    socket_dead: true,
    probe: "connection_closed",
    registry: "open",
    memory: "close",
    connecting: "silent",
  });
});

Deno.test("a logout is allowed by the version that its gateway has now", async () => {
  const lease = { connect_called: true, restart_called: true, seconds_since_restart: 120 };
  const { done } = await advance({ lease });
  assert.deepEqual(done.slice(-4), ["version", "begin logout", "logout", "record"]);
  assert.ok(!(await advance({ memory: "close" })).done.includes("version"));
});

Deno.test("a session that opens after the call is healed in the same step", async () => {
  for (const [memory, step] of [["close", "connect"], ["open", "restart"]] as const) {
    const { end, record } = await advance({ memory, probes: ["connection_closed", "alive"] });
    assert.equal(end, "healed");
    assert.partialDeepStrictEqual(record, { next: "healed", step, socket_dead: false });
  }
});

Deno.test("a call that the database does not grant is not made, and looked at again", async () => {
  const { end, done, record } = await advance({ granted: false });
  assert.equal(end, "wait");
  assert.deepEqual(done, ["registry", "probe", "memory", "begin restart", "record"]);
  assert.partialDeepStrictEqual(record, { next: "wait", reason: "not_granted", seconds: 30 });
});

Deno.test("a repair that was taken away meanwhile is lost", async () => {
  const { end, done } = await advance({ granted: false, ours: false });
  assert.equal(end, "lost");
  assert.equal(done.includes("restart"), false);
});

Deno.test("a living socket and a closed registry need no look", async () => {
  const alive = await advance({ probe: "alive" });
  assert.deepEqual([alive.end, alive.done], ["healed", ["registry", "probe", "record"]]);
  assert.equal(alive.record?.socket_dead, false);
  const closed = await advance({ registry: "close" });
  assert.deepEqual([closed.end, closed.done], ["invalidated", ["registry", "probe", "record"]]);
});

Deno.test("no answer in 8 seconds is a dead socket where the gateway lives, and nothing where it does not", async () => {
  assert.equal((await advance({ probe: "timeout" })).record?.socket_dead, true);
  for (const probe of ["timeout", "unreachable", "unauthorized"] as const) {
    const { record, done } = await advance({ probe, registry: "timeout" });
    assert.partialDeepStrictEqual(record, { next: "wait", reason: "gateway", socket_dead: false });
    assert.deepEqual(done, ["registry", "probe", "record"]);
  }
  assert.equal((await advance({ probe: "unauthorized" })).record?.socket_dead, false);
});

Deno.test("a repair whose look does not fit into the tick is left for the next one, unchanged", async () => {
  const { end, done, record } = await advance({ memory: "close", samples: 50 });
  assert.deepEqual([end, done], ["queued", ["registry", "probe", "postpone"]]);
  assert.equal(record, undefined);
  assert.equal((await advance({ memory: "close", samples: 50, ours: false })).end, "lost");
});
