import assert from "node:assert/strict";
import type { Version } from "../../../dev/evolution/model/versions.ts";
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

/** What each version answers, and what becomes of the session or the instance. */
const VERSIONS = {
  "2.3.6": { zombieLogout: [200, "open/open/paired"], closedLogout: 400, zombieDelete: 200 },
  "2.3.7": { zombieLogout: [500, "open/open/paired"], closedLogout: 400, zombieDelete: 400 },
  "2.4.0-rc2": {
    zombieLogout: [200, "close/close/unpaired"],
    closedLogout: 200,
    zombieDelete: 200,
  },
} as const;

for (const version of ["2.3.6", "2.3.7", "2.4.0-rc2"] as const) {
  const expected = VERSIONS[version];

  versionTest(version, "logout of a zombie", async (gateway) => {
    gateway.control.ghost("x", "A2");
    const status = await statusOf(gateway, "DELETE /instance/logout");
    assert.deepEqual([status, gateway.state()], expected.zombieLogout);
  });

  versionTest(version, "logout of a closed session", async (gateway) => {
    gateway.control.ghost("x", "H1");
    assert.equal(await statusOf(gateway, "DELETE /instance/logout"), expected.closedLogout);
    assert.equal(gateway.state(), "close/open/paired");
  });

  versionTest(version, "delete of a zombie", async (gateway) => {
    gateway.control.ghost("x", "A2");
    const status = await statusOf(gateway, "DELETE /instance/delete");
    assert.equal(status, expected.zombieDelete);
    assert.equal(gateway.control.instances().includes("x"), status !== 200);
  });

  versionTest(version, "names itself, and a healthy logout closes", async (gateway) => {
    const { body } = await gateway.call("GET", "/");
    assert.equal((body as { version: string }).version, version);
    assert.equal(await statusOf(gateway, "DELETE /instance/logout"), 200);
    assert.equal(gateway.state(), "close/close/unpaired");
  });
}

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

versionTest("2.4.0-rc2", "a close after a logout is unnoticed", async (gateway) => {
  const { control, clock, state } = gateway;
  await statusOf(gateway, "DELETE /instance/logout");
  await connect(gateway);
  control.scan("x");
  await clock.advance(1_000);
  assert.equal(state(), "open/open/paired");
  control.blip("x");
  await clock.advance(600_000);
  assert.equal(state(), "open/open/paired");
  assert.equal((await sendText(gateway)).status, 400);
  control.restartProcess();
  await clock.advance(1_000);
  assert.equal(control.inspect("x").socket, "open");
});

gatewayTest("2.4.0-rc2 answers 503 until a licence is activated", async ({ control, call }) => {
  control.setVersion("2.4.0-rc2");
  assert.equal((await call("GET", "/instance/fetchInstances")).status, 503);
  control.licence(true);
  assert.equal((await call("GET", "/instance/fetchInstances")).status, 200);
});
