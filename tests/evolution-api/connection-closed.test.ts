import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import {
  type GatewayAnswer,
  handleConnectionClosed,
  type RegistryAnswer,
  type RepairEffects,
} from "../../supabase/functions/evolution-api/connection-closed.ts";

interface Scene {
  readonly probe?: (call: number) => GatewayAnswer;
  readonly logout?: () => Promise<GatewayAnswer>;
  readonly registry?: RegistryAnswer;
  readonly claimed?: boolean;
  /** What became of the session by the time the probes were over. */
  readonly meanwhile?: string;
  readonly failing?: readonly string[];
}

/** Fakes of what is passed in; what they are asked is written down in order, with the time. */
function scene(given: Scene = {}) {
  const clock = new VirtualClock(new Date(0));
  const steps: string[] = [];
  const finished: Readonly<Record<string, unknown>>[] = [];
  const faults: string[] = [];
  const note = (step: string) => {
    steps.push(`${clock.monotonicMs()} ${step}`);
    if (given.failing?.includes(step)) throw new Error(`${step} failed`);
  };
  let probes = 0;
  const effects: RepairEffects = {
    gateway: {
      probe: (ownNumber) => {
        note(`probe ${ownNumber}`);
        return Promise.resolve(given.probe?.(probes++) ?? { outcome: "dead", ms: 15 });
      },
      logout: () => {
        note("logout");
        return given.logout?.() ??
          Promise.resolve({ outcome: "accepted", ms: 120, httpStatus: 200 });
      },
      registry: () => {
        note("registry");
        return Promise.resolve(given.registry ?? { outcome: "close", ms: 5, httpStatus: 200 });
      },
    },
    claim: () => {
      note("claim");
      return Promise.resolve(
        given.claimed ?? true
          ? { claimed: true, reason: null, token: "t1" }
          : { claimed: false, reason: "repair_in_flight", token: null },
      );
    },
    finish: (token, outcome) => {
      assert.equal(token, "t1");
      finished.push(outcome);
      note(`finish ${Object.keys(outcome)[0]}`);
      return Promise.resolve(outcome.result === "dead" ? given.meanwhile ?? "go" : "marked");
    },
    failMessage: () => {
      note("fail");
      return Promise.resolve();
    },
    sleep: clock.sleep.bind(clock),
    monotonicMs: clock.monotonicMs.bind(clock),
    onFault: (step) => faults.push(step),
  };
  const run = (confirmAtMs: readonly number[] = [], ownNumber: string | null = "5511") =>
    clock.until(handleConnectionClosed({ ownNumber, confirmAtMs }, effects));
  const keepPairing = () =>
    clock.until(
      handleConnectionClosed(
        { ownNumber: "5511", confirmAtMs: [], policy: "keep-pairing" },
        effects,
      ),
    );
  return { clock, steps, finished, faults, run, keepPairing };
}

Deno.test("a dead session: the message fails before the logout, the row is marked before the registry is read", async () => {
  const { run, steps, finished } = scene();
  assert.equal((await run()).outcome, "invalidated");
  assert.deepEqual(steps, [
    "0 claim",
    "0 fail",
    "0 logout",
    "0 finish logout",
    "0 registry",
    "0 finish verified",
  ]);
  assert.deepEqual(finished, [
    { logout: "accepted", ms: 120, http_status: 200, probes: [] },
    { verified: { outcome: "invalidated", registry: "close", ms: 5, http_status: 200 } },
  ]);
});

Deno.test("a refused claim fails the message and calls nothing", async () => {
  const { run, steps } = scene({ claimed: false });
  assert.deepEqual(await run([1000]), { outcome: "skipped", reason: "repair_in_flight" });
  assert.deepEqual(steps, ["0 claim", "0 fail"]);
});

Deno.test("the socket is probed at 1, 4 and 9 seconds before it counts as dead", async () => {
  const { run, steps } = scene();
  await run([1000, 4000, 9000]);
  assert.deepEqual(steps.slice(0, 7), [
    "0 claim",
    "1000 probe 5511",
    "4000 probe 5511",
    "9000 probe 5511",
    "9000 finish result",
    "9000 fail",
    "9000 logout",
  ]);
});

for (const meanwhile of ["reconnected", "awaiting_qr", "manual_disconnect", "stale"]) {
  Deno.test(`${meanwhile} during the probes: no logout`, async () => {
    const { run, steps, finished } = scene({ meanwhile });
    const result = await run([1000]);
    const untouched = meanwhile === "reconnected";
    assert.deepEqual(
      result,
      untouched ? { outcome: "false_alarm" } : { outcome: "skipped", reason: meanwhile },
    );
    assert.deepEqual(steps, [
      "0 claim",
      "1000 probe 5511",
      "1000 finish result",
      ...(untouched ? [] : ["1000 fail"]),
    ]);
    assert.deepEqual(finished, [{ result: "dead", probes: ["dead"] }]);
  });
}

Deno.test("a socket that lives at the second look is a false alarm: no third, no logout, message untouched", async () => {
  const { run, steps, finished, clock } = scene({
    probe: (call) => call === 0 ? { outcome: "dead", ms: 15 } : { outcome: "alive", ms: 36 },
  });
  assert.deepEqual(await run([1000, 4000, 9000]), { outcome: "false_alarm" });
  await clock.advance(60_000);
  assert.deepEqual(steps, [
    "0 claim",
    "1000 probe 5511",
    "4000 probe 5511",
    "4000 finish result",
  ]);
  assert.deepEqual(finished, [{ result: "false_alarm", probes: ["dead", "alive"] }]);
});

Deno.test("only `alive` counts as alive", async () => {
  for (const outcome of ["timeout", "unreachable", "unauthorized", "invalid", "dead"]) {
    const { run } = scene({ probe: () => ({ outcome, ms: 1 }) });
    assert.notEqual((await run([1000])).outcome, "false_alarm", outcome);
  }
});

Deno.test("an unknown own number is asked of the registry; without it the socket is not alive", async () => {
  const asked = scene({
    registry: { outcome: "open", ms: 5, ownNumber: "5599" },
    probe: () => ({ outcome: "alive", ms: 36 }),
  });
  assert.equal((await asked.run([1000], null)).outcome, "false_alarm");
  assert.ok(asked.steps.includes("1000 probe 5599"));

  const unknown = scene({ registry: { outcome: "open", ms: 5, ownNumber: null } });
  assert.equal((await unknown.run([1000], null)).outcome, "not_invalidated");
  assert.ok(!unknown.steps.some((step) => step.includes("probe")));
});

for (
  const [logout, registry, outcome] of [
    ["accepted", "close", "invalidated"],
    // Logout's own word is never believed, neither way.
    ["accepted", "open", "not_invalidated"],
    ["socket_dead", "open", "not_invalidated"],
    ["not_connected", "close", "invalidated"],
    ["not_found", "not_found", "unverified"],
    ["unauthorized", "unauthorized", "unverified"],
    ["timeout", "timeout", "unverified"],
    ["unreachable", "unreachable", "unverified"],
    ["invalid", "invalid", "unverified"],
    ["socket_dead", "connecting", "not_invalidated"],
  ] as const
) {
  Deno.test(`logout ${logout}, registry ${registry}: ${outcome}, and both are recorded`, async () => {
    const { run, finished } = scene({
      logout: () => Promise.resolve({ outcome: logout, ms: 7 }),
      registry: { outcome: registry, ms: 3 },
    });
    assert.equal((await run()).outcome, outcome);
    assert.deepEqual(finished, [
      { logout, ms: 7, probes: [] },
      { verified: { outcome, registry, ms: 3 } },
    ]);
  });
}

Deno.test("whatever fails, nothing is thrown and the later steps are still made", async () => {
  const everything = ["fail", "logout", "finish logout", "registry", "finish verified"];
  for (const failing of everything) {
    const { run, steps, faults } = scene({ failing: [failing] });
    await run();
    assert.deepEqual(
      steps.map((step) => step.replace(/^\d+ /, "")),
      ["claim", ...everything],
      failing,
    );
    assert.equal(faults.length, 1, failing);
  }
});

Deno.test("a claim that cannot be made fails the message and calls nothing", async () => {
  const { run, steps, faults } = scene({ failing: ["claim"] });
  assert.deepEqual(await run([1000]), { outcome: "skipped", reason: "claim_failed" });
  assert.deepEqual(steps, ["0 claim", "0 fail"]);
  assert.deepEqual(faults, ["claim"]);
});

Deno.test("a confirmation that dragged on past 30 seconds ends without a logout", async () => {
  const { run, steps, finished } = scene();
  await run([31_000]);
  assert.ok(!steps.some((step) => step.endsWith("logout") && !step.includes("finish")));
  assert.equal(finished[1]?.logout, "not_called");
});

Deno.test("keep-pairing: everything but the logout", async () => {
  const { keepPairing, steps, finished } = scene({ registry: { outcome: "open", ms: 3 } });
  assert.equal((await keepPairing()).outcome, "not_invalidated");
  assert.deepEqual(steps, [
    "0 claim",
    "0 fail",
    "0 finish logout",
    "0 registry",
    "0 finish verified",
  ]);
  assert.equal(finished[0]?.logout, "not_called");
});
