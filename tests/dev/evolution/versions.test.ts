import assert from "node:assert/strict";
import type { GhostKind } from "../../../dev/evolution/model/ghost-kinds.ts";
import { PLAYED_AS, type Version, VERSION_RULES } from "../../../dev/evolution/model/versions.ts";
import {
  capabilitiesOf,
  isLogoutSafe,
  supportOf,
} from "../../../supabase/functions/_shared/gateway/capabilities.ts";
import {
  connect,
  gatewayTest,
  type GatewayUnderTest,
  openTest,
  sendText,
  statusOf,
} from "./gateway-under-test.ts";

function versionTest(
  version: Version,
  name: string,
  test: (gateway: GatewayUnderTest) => Promise<void>,
): void {
  openTest(`${version}: ${name}`, test, { version, licensed: true });
}

const CLOSED = [200, "close/close/unpaired"] as const;
const OPEN = "open/open/paired";
const HALF = "close/open/paired";

/** What each version answers to what, and what becomes of the session; null: it is deleted. */
const ANSWERS: readonly (readonly [
  ghost: GhostKind | null,
  call: string,
  ...byVersion: readonly (readonly [status: number, state: string | null])[],
])[] = [
  [null, "DELETE /instance/logout", CLOSED, CLOSED, CLOSED],
  ["A2", "DELETE /instance/logout", [200, OPEN], [500, OPEN], CLOSED],
  ["H1", "DELETE /instance/logout", [400, HALF], [400, HALF], [200, HALF]],
  ["A2", "DELETE /instance/delete", [200, null], [400, OPEN], [200, null]],
];

for (const [at, version] of (["2.3.6", "2.3.7", "2.4.0-rc2"] as const).entries()) {
  for (const [ghost, call, ...byVersion] of ANSWERS) {
    versionTest(version, `${call} of ${ghost ?? "a healthy number"}`, async (gateway) => {
      const { body } = await gateway.call("GET", "/");
      assert.equal((body as { version: string }).version, version);
      if (ghost !== null) gateway.control.ghost("x", ghost);
      const status = await statusOf(gateway, call);
      const isThere = gateway.control.instances().includes("x");
      assert.deepEqual([status, isThere ? gateway.state() : null], byVersion[at]);
    });
  }
}

Deno.test("the simulator plays what the product takes each version for", () => {
  for (const [version, rules] of Object.entries(VERSION_RULES)) {
    const can = capabilitiesOf(version);
    assert.equal(supportOf(version), "known", version);
    assert.deepEqual(
      [can.hearsAfterLogout, can.pairsAfterLogout, can.deletesZombies, can.needsLicence]
        .concat([{ ...can.needsLicence, is: can.signature.is === "jwt" }]).map(({ is }) => is),
      [!rules.deafAfterLogout, !rules.ignoresCloseAfterLogout, rules.deleteIgnoresLogout]
        .concat([rules.needsLicence, rules.signsWebhooks]),
      version,
    );
    assert.deepEqual(can.finalCloseCodes.is, rules.finalCodes, version);
    assert.equal(can.reconnectDelayMs.is, rules.reconnectDelayMs, version);
    assert.equal(can.hearsAfterLogout.source, rules.source, version);
    const refused = can.refusedEvents.is.filter((event) => !rules.unknownEvents.includes(event));
    assert.deepEqual(refused, [], version);
    assert.equal(isLogoutSafe(can), !rules.deafAfterLogout && !rules.ignoresCloseAfterLogout);
  }
});

/** What a version may have of its own, and what no ghost's case hangs on. */
const OF_ITS_OWN = new Set(["lidSender", "tellsDeletion", "baileys"]);

Deno.test("a version that is played as another has its rules, and can do the same", () => {
  for (const [version, as] of Object.entries(PLAYED_AS) as [Version, Version][]) {
    const rules = { ...VERSION_RULES[version], source: "read" };
    assert.deepEqual(rules, { ...VERSION_RULES[as], source: "read" }, version);
    const facts = (of: string) =>
      Object.entries(capabilitiesOf(of)).flatMap(([name, { is }]) =>
        OF_ITS_OWN.has(name) ? [] : [[name, is]]
      );
    assert.deepEqual(facts(version), facts(as), version);
  }
});

for (const [version, soon] of [["2.3.7", "open"], ["2.4.0-rc2", "close"]] as const) {
  versionTest(version, `a second after a close the memory says ${soon}`, async (gateway) => {
    gateway.control.blip("x");
    await gateway.clock.advance(1_000);
    assert.equal(gateway.state(), `${soon}/open/paired`);
    await gateway.clock.advance(3_000);
    assert.equal(gateway.state(), "open/open/paired");
  });
}

for (const [version, registry] of [["2.3.7", "open"], ["2.4.0-rc2", "close"]] as const) {
  versionTest(version, `a login refused with 408 leaves it ${registry}`, async (gateway) => {
    gateway.control.ghost("x", "B2", { code: 408 });
    await gateway.clock.advance(20_000);
    assert.equal(gateway.control.inspect("x").registry, registry);
    assert.equal(gateway.control.inspect("x").paired, registry === "open");
  });
}

versionTest(
  "2.4.0-rc2",
  "closes after a logout are unnoticed, a pairing's too",
  async (gateway) => {
    const { control, clock, state } = gateway;
    await statusOf(gateway, "DELETE /instance/logout");
    await connect(gateway);
    control.scan("x");
    await clock.advance(60_000);
    assert.equal(state(), "close/connecting/paired");
    await connect(gateway);
    assert.equal(state(), "open/open/paired");
    control.blip("x");
    await clock.advance(600_000);
    assert.equal(state(), "open/open/paired");
    assert.equal((await sendText(gateway)).status, 400);
    control.restartProcess();
    await clock.advance(1_000);
    assert.equal(control.inspect("x").socket, "open");
  },
);

gatewayTest("2.4.0-rc2 answers 503 until a licence is activated", async ({ control, call }) => {
  control.setVersion("2.4.0-rc2");
  assert.equal((await call("GET", "/instance/fetchInstances")).status, 503);
  control.licence(true);
  assert.equal((await call("GET", "/instance/fetchInstances")).status, 200);
});
