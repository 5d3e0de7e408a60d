import assert from "node:assert/strict";
import type {
  MemoryOutcome,
  ProbeOutcome,
  RegistryOutcome,
} from "../../supabase/functions/_shared/gateway/outcomes.ts";
import { lookAtNumber } from "../../supabase/functions/watch-instances/look.ts";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";

interface Scene {
  readonly probes: readonly ProbeOutcome["outcome"][];
  readonly memory?: MemoryOutcome["outcome"];
  readonly phone?: string | null;
  readonly registry?: RegistryOutcome["outcome"];
  readonly ownNumber?: string | null;
  readonly silentMeanwhile?: boolean;
}

/** Looks once; returns what was found, what was asked of whom, and how long it took. */
async function seen(scene: Scene) {
  const probes = [...scene.probes];
  const asked: string[] = [];
  const clock = new VirtualClock();
  const began = clock.monotonicMs();
  const found = await clock.until(
    lookAtNumber(scene.phone === undefined ? "5511900000001" : scene.phone, {
      gateway: {
        probe: (number) => {
          asked.push(`probe ${number}`);
          const outcome = number === "" ? "no_number" : probes.shift()!;
          return Promise.resolve({ outcome, ms: 5 } as ProbeOutcome);
        },
        memory: () => {
          asked.push("memory");
          return Promise.resolve({ outcome: scene.memory ?? "open", ms: 5 } as MemoryOutcome);
        },
        registry: () => {
          asked.push("registry");
          const known = { ownNumber: scene.ownNumber ?? null };
          const outcome = scene.registry ?? "open";
          return Promise.resolve({ outcome, ms: 5, ...known } as RegistryOutcome);
        },
      },
      clock,
      isGatewaySilent: () => scene.silentMeanwhile ?? false,
    }),
  );
  return { ...found, asked, ms: clock.monotonicMs() - began };
}

for (
  const [what, scene, verdict, asked, ms] of [
    ["an answer, and the memory says open", { probes: ["alive"] }, "alive", 2, 0],
    [
      "an answer of a socket that waits for a scan",
      { probes: ["alive", "alive"], memory: "connecting", registry: "connecting" },
      "dead",
      6,
      3_000,
    ],
    [
      "an answer while the memory flickers",
      { probes: ["alive"], memory: "connecting" },
      "alive",
      3,
      0,
    ],
    ["closed twice", { probes: ["connection_closed", "connection_closed"] }, "dead", 2, 3_000],
    ["silent twice, and the gateway lives", { probes: ["timeout", "timeout"] }, "dead", 4, 3_000],
    ["closed, then alive", { probes: ["connection_closed", "alive"] }, "alive", 3, 3_000],
    ["silent, then closed", { probes: ["timeout", "connection_closed"] }, "dead", 3, 3_000],
    [
      "closed, then nothing at all",
      { probes: ["connection_closed", "timeout"], memory: "timeout" },
      "silent",
      3,
      3_000,
    ],
    ["nothing at all", { probes: ["timeout"], memory: "unreachable" }, "silent", 2, 0],
    [
      "closed, and meanwhile the gateway was silent to another",
      { probes: ["connection_closed"], silentMeanwhile: true },
      "skipped",
      1,
      3_000,
    ],
    ["unknown words", { probes: ["refused"] }, "probe_refused", 2, 0],
  ] as const satisfies readonly (readonly [string, Scene, string, number, number])[]
) {
  Deno.test(`a look: ${what}: ${verdict}`, async () => {
    const found = await seen(scene);
    assert.equal(found.verdict, verdict);
    assert.equal(found.asked.length, asked, found.asked.join());
    assert.equal(found.ms, ms);
    assert.deepEqual(found.detail.probes, scene.probes);
  });
}

Deno.test("the own number, unknown to the row, is learnt from the registry", async () => {
  const found = await seen({ probes: ["alive"], phone: null, ownNumber: "5511900000009" });
  assert.deepEqual([found.verdict, found.ownNumber], ["alive", "5511900000009"]);
  assert.deepEqual(found.asked, ["registry", "probe 5511900000009", "memory"]);
});

for (
  const [registry, verdict] of [
    ["open", "no_number"],
    ["close", "dead"],
    ["not_found", "dead"],
    ["timeout", "silent"],
    ["unauthorized", "gateway_unauthorized"],
    ["invalid", "gateway_error"],
  ] as const
) {
  Deno.test(`without an own number anywhere, a registry that says ${registry} is ${verdict}`, async () => {
    assert.equal((await seen({ probes: [], phone: null, registry })).verdict, verdict);
  });
}
