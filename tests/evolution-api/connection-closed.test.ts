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
  /** The registry's answers one after another, where they differ. */
  readonly registries?: readonly string[];
  /** What `confirm` answers, one after another; `go` in the end. */
  readonly leaves?: readonly string[];
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
  let registries = 0;
  const leaves = [...given.leaves ?? []];
  const verb = (name: string) => (token: string, told: unknown) => {
    assert.equal(token, "t1");
    finished.push({ [name]: Array.isArray(told) ? [...told] : told });
    note(name);
    return Promise.resolve(name === "confirm" ? leaves.shift() ?? "go" : "marked");
  };
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
        const outcome = given.registries?.[registries++] ?? "close";
        return Promise.resolve(given.registry ?? { outcome, ms: 5, httpStatus: 200 });
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
    confirm: verb("confirm"),
    release: verb("release"),
    recordLogout: verb("record logout"),
    recordVerification: verb("record verification"),
    failMessage: (why) => {
      note(why === undefined ? "fail" : `fail ${why}`);
      return Promise.resolve();
    },
    sleep: clock.sleep.bind(clock),
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
    "0 confirm",
    "0 logout",
    "0 record logout",
    "0 registry",
    "0 record verification",
  ]);
  assert.deepEqual(finished.slice(1), [
    { "record logout": { logout: "accepted", ms: 120, http_status: 200, probes: [] } },
    {
      "record verification": {
        outcome: "invalidated",
        registry: "close",
        ms: 5,
        http_status: 200,
      },
    },
  ]);
});

Deno.test("a refused claim fails the message and calls nothing", async () => {
  const { run, steps } = scene({ claimed: false });
  assert.deepEqual(await run([1000]), { outcome: "skipped", reason: "repair_in_flight" });
  assert.deepEqual(steps, ["0 claim", "0 fail repair_in_flight"]);
});

Deno.test("the socket is probed at 1, 4 and 9 seconds before it counts as dead", async () => {
  const { run, steps } = scene();
  await run([1000, 4000, 9000]);
  assert.deepEqual(steps.slice(0, 7), [
    "0 claim",
    "1000 probe 5511",
    "4000 probe 5511",
    "9000 probe 5511",
    "9000 fail",
    "9000 confirm",
    "9000 logout",
  ]);
});

for (
  const reason of ["awaiting_qr", "manual_disconnect", "repair_in_flight", "stale", "not_found"]
) {
  Deno.test(`${reason} by the time of the logout: none is made`, async () => {
    const { run, steps, finished } = scene({ leaves: [reason] });
    assert.deepEqual(await run([1000]), { outcome: "skipped", reason });
    assert.deepEqual(steps, ["0 claim", "1000 probe 5511", "1000 fail", "1000 confirm"]);
    assert.deepEqual(finished, [{ confirm: ["dead"] }]);
  });
}

Deno.test("reported open meanwhile, it is probed once more: only an answer ends the repair", async () => {
  const alive = scene({
    leaves: ["probe_again"],
    probe: (call) => ({ outcome: call === 0 ? "dead" : "alive", ms: 15 }),
  });
  assert.deepEqual(await alive.run([1000]), { outcome: "reconnected" });
  assert.deepEqual(alive.steps.slice(2), [
    "1000 fail",
    "1000 confirm",
    "1000 probe 5511",
    "1000 release",
  ]);
  const dead = scene({ leaves: ["probe_again", "probe_again"] });
  assert.equal((await dead.run([1000])).outcome, "invalidated");
  assert.deepEqual(dead.steps.slice(3, 9), [
    "1000 confirm",
    "1000 probe 5511",
    "1000 confirm",
    "1000 probe 5511",
    "1000 confirm",
    "1000 logout",
  ]);
});

Deno.test("nobody says go: no logout, and the ladder goes on", async () => {
  for (const given of [{ leaves: ["late"] }, { failing: ["confirm"] }]) {
    const { run, steps, finished } = scene(given);
    await run([1000]);
    assert.ok(!steps.some((step) => step.endsWith(" logout") && !step.includes("record")));
    assert.deepEqual(finished[1], { "record logout": { logout: "not_called", probes: ["dead"] } });
  }
});

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
    "4000 release",
  ]);
  assert.deepEqual(finished, [{ release: ["dead", "alive"] }]);
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

  const nobody = scene({ registry: { outcome: "open", ms: 5, ownNumber: null } });
  assert.equal((await nobody.run([1000], null)).outcome, "not_invalidated");
  assert.ok(!nobody.steps.some((step) => step.includes("probe")));
  assert.ok(nobody.steps.includes("0 logout"), "without an owner there is no pairing to lose");
});

Deno.test("a registry that does not answer is asked again at each probe's time, then the ladder asks", async () => {
  const { run, steps, finished } = scene({ registries: ["timeout", "unreachable", "timeout"] });
  await run([1000, 4000], null);
  assert.deepEqual(steps.slice(1, 6), [
    "0 registry",
    "1000 registry",
    "4000 registry",
    "4000 fail",
    "4000 confirm",
  ]);
  assert.deepEqual(finished[1], {
    "record logout": { logout: "not_called", probes: ["registry_unknown"] },
  });
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
    assert.deepEqual(finished.slice(1), [
      { "record logout": { logout, ms: 7, probes: [] } },
      { "record verification": { outcome, registry, ms: 3 } },
    ]);
  });
}

Deno.test("whatever fails, nothing is thrown and the later steps are still made", async () => {
  const everything = [
    ...["fail", "confirm", "logout", "record logout", "registry", "record verification"],
  ];
  for (const failing of everything.filter((step) => step !== "confirm")) {
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
  assert.deepEqual(steps, ["0 claim", "0 fail claim_failed"]);
  assert.deepEqual(faults, ["claim"]);
});

Deno.test("keep-pairing: everything but the logout", async () => {
  const { keepPairing, steps, finished } = scene({ registry: { outcome: "open", ms: 3 } });
  assert.equal((await keepPairing()).outcome, "not_invalidated");
  assert.deepEqual(steps, [
    "0 claim",
    "0 fail",
    "0 confirm",
    "0 record logout",
    "0 registry",
    "0 record verification",
  ]);
  assert.deepEqual(finished[1], { "record logout": { logout: "not_called", probes: [] } });
});
