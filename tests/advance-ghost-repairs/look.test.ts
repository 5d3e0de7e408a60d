import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import type {
  MemoryOutcome,
  ProbeOutcome,
  RegistryOutcome,
} from "../../supabase/functions/_shared/gateway/outcomes.ts";
import {
  densityOf,
  gatherEvidence,
  steadiness,
} from "../../supabase/functions/advance-ghost-repairs/look.ts";
import type { RepairLease } from "../../supabase/functions/advance-ghost-repairs/work-list.ts";
import { repairLease } from "./evidence.ts";

const ID = "0b0e7c1e-0000-4000-8000-000000000001";
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

for (
  const [samples, expected] of [
    [times(12, "close"), "close"],
    [times(12, "open"), "open"],
    [times(12, "connecting"), "connecting"],
    [times(12, "missing"), "missing"],
    [[...times(11, "close"), "connecting"], "changing"],
    [[...times(10, "close"), "timeout", "timeout"], "close"],
    [[...times(9, "close"), ...times(3, "unreachable")], "unknown"],
    [times(12, "unauthorized"), "unknown"],
    [["close", ...times(10, "timeout"), "open"], "changing"],
  ] as const
) {
  Deno.test(`memory of ${[...new Set(samples)].join(", ")} (${samples.length}) is ${expected}`, () =>
    assert.equal(steadiness(samples as readonly MemoryOutcome["outcome"][]), expected));
}

for (
  const [count, seconds, expected] of [
    [100, 12, "dense"],
    [99, 12, "thin"],
    [100, 11.9, "thin"],
    [300, 29, "dense"],
    [299, 30, "dense"],
    [300, 30, "long"],
    [12, 12, "thin"],
  ] as const
) {
  Deno.test(`${count} samples over ${seconds} s are ${expected}`, () => {
    const at = (sample: number) => sample * seconds * 1000 / (count - 1);
    const samples = Array.from({ length: count }, (_, sample) => ({
      outcome: "close" as const,
      at: at(sample),
    }));
    assert.equal(densityOf(samples), expected);
    const unknown = times(200, { outcome: "timeout" as const, at: seconds * 500 });
    assert.equal(
      densityOf([...samples, ...unknown]),
      expected,
      "what is not known counts for nothing",
    );
  });
}

interface Scene {
  readonly lease?: Partial<RepairLease>;
  readonly registry?: RegistryOutcome;
  readonly probe?: ProbeOutcome["outcome"];
  /** The answer is WhatsApp's own limit. */
  readonly limited?: true;
  /** What the memory says this many milliseconds after the look began. */
  readonly memory?: (ms: number) => MemoryOutcome["outcome"];
  readonly answersAfterMs?: number;
  readonly lastHeard?: number;
  readonly budget?: { left: number };
}

const OPEN = { outcome: "open", ms: 2, ownNumber: null } as const;

/** Gathers the evidence of a dead session, and says how long it took and how many samples. */
async function gather(scene: Scene = {}) {
  const clock = new VirtualClock();
  const started = clock.monotonicMs();
  const { lastHeard = Infinity, answersAfterMs = 2, budget = { left: 1_000 } } = scene;
  let samples = 0;
  const seen = await clock.until(gatherEvidence({ ...repairLease(ID), ...scene.lease }, {
    gateway: {
      registry: () => Promise.resolve(scene.registry ?? OPEN),
      probe: (number) =>
        Promise.resolve({
          outcome: number === "" ? "no_number" : scene.probe ?? "timeout",
          ms: 0,
          ...(scene.limited ? { limited: true } : {}),
        } as ProbeOutcome),
      memory: async () => {
        samples++;
        await clock.sleep(answersAfterMs);
        const outcome = scene.memory?.(clock.monotonicMs() - started) ?? "close";
        return { outcome, ms: answersAfterMs };
      },
    },
    clock,
    budget,
    connectingSeen: (seconds) => Promise.resolve(lastHeard <= seconds),
  }));
  return { seen, samples, seconds: (clock.monotonicMs() - started) / 1000, budget };
}

for (
  const [registry, memory, probe] of [
    ["connecting", "connecting", "dead"],
    ["close", "close", "dead"],
    ["not_found", "missing", "dead"],
    // The session opened between the two calls, or the memory has no answer.
    ["connecting", "open", "alive"],
    ["connecting", "timeout", "alive"],
    ["open", "connecting", "alive"],
    ["unknown", "connecting", "alive"],
  ] as const
) {
  Deno.test(`an answered probe while the registry says ${registry}, the memory ${memory}: ${probe}`, async () => {
    const { seen } = await gather({
      probe: "alive",
      registry: registry === "unknown"
        ? { outcome: "timeout", ms: 8_000 }
        : { ...OPEN, outcome: registry } as RegistryOutcome,
      memory: () => memory,
    });
    assert.equal(seen?.evidence.probe, probe);
  });
}

Deno.test("WhatsApp's limit came through the socket: alive, whatever the gateway says", async () => {
  const registry = { ...OPEN, outcome: "close" } as const;
  const { seen } = await gather({ probe: "alive", limited: true, registry, memory: () => "close" });
  assert.equal(seen?.evidence.probe, "alive");
});

for (
  const [lastHeard, expected] of [
    [3, "now"],
    [30, "lately"],
    [89, "lately"],
    [91, "silent"],
  ] as const
) {
  Deno.test(`a connecting webhook ${lastHeard} s ago is ${expected}`, async () => {
    const { seen } = await gather({ lastHeard });
    assert.deepEqual(seen?.evidence.look, {
      memory: "close",
      connecting: expected,
      density: "dense",
    });
  });
}

Deno.test("a look takes at least 100 samples over 12 seconds, and gives back what it did not use", async () => {
  const { samples, seconds, budget, seen } = await gather();
  assert.ok(samples >= 100 && samples <= 104, `${samples} samples`);
  assert.ok(seconds >= 12 && seconds < 12.6, `${seconds} s`);
  assert.equal(budget.left, 1_000 - samples);
  assert.equal(seen?.evidence.silence, "heard");
});

Deno.test("where nothing was heard and nobody else is there, 300 over 30 seconds", async () => {
  const { samples, seconds, seen } = await gather({
    lease: { webhook_delivered: false, alone: true },
  });
  assert.ok(samples >= 300 && samples <= 304, `${samples} samples`);
  assert.ok(seconds >= 30 && seconds < 31, `${seconds} s`);
  assert.partialDeepStrictEqual(seen?.evidence, { silence: "alone", look: { density: "long" } });
});

Deno.test("a gateway that answers in 300 ms is watched as closely", async () => {
  const { seen } = await gather({ answersAfterMs: 300 });
  assert.equal(seen?.evidence.look?.density, "dense");
});

Deno.test("one that answers in 2 s is not watched closely, and never for much longer", async () => {
  const { seen, seconds } = await gather({ answersAfterMs: 2_000 });
  assert.equal(seen?.evidence.look?.density, "thin");
  assert.ok(seconds < 18, `${seconds} s`);
});

for (const periodMs of [100, 120, 200, 230, 240, 300, 360, 600, 1_000, 1_200]) {
  Deno.test(`a loop of ${periodMs} ms, trying for a twelfth of it, is seen to live`, async () => {
    const { seen, samples, budget } = await gather({
      answersAfterMs: 0,
      memory: (ms) => ms % periodMs < periodMs / 12 ? "connecting" : "close",
    });
    assert.equal(seen?.evidence.look?.memory, "changing");
    assert.equal(budget.left, 1_000 - samples, "and the look is over");
  });
}

Deno.test("what the tick's budget does not hold is left for the next one", async () => {
  const { seen, samples } = await gather({ budget: { left: 103 } });
  assert.equal(seen, null);
  assert.equal(samples, 0);
  assert.notEqual((await gather({ budget: { left: 103 }, probe: "alive" })).seen, null);
});

Deno.test("without a number of its own the registry's is asked for, and without any nobody is dead", async () => {
  const known = await gather({
    lease: { phone_number: null },
    registry: { ...OPEN, ownNumber: "5511900000001" },
    probe: "alive",
  });
  assert.equal(known.seen?.evidence.probe, "alive");
  const unknown = await gather({ lease: { phone_number: null } });
  assert.partialDeepStrictEqual(unknown.seen?.evidence, { probe: "unasked", look: null });
  const away = await gather({
    lease: { phone_number: null },
    registry: { outcome: "timeout", ms: 8_000 },
  });
  assert.equal(away.seen?.evidence.probe, "unknown");
});
