import assert from "node:assert/strict";
import type { Version } from "../../../dev/evolution/model.ts";
import {
  type GatewayUnderTest,
  KNOWN_NUMBER,
  openInstance,
  underTest,
} from "./gateway-under-test.ts";

function onVersion(version: Version, test: (world: GatewayUnderTest) => Promise<void>) {
  return underTest(async (world) => {
    await openInstance(world, "x");
    await test(world);
  }, { version, licensed: true });
}

const LOGOUT_ON_A_ZOMBIE = {
  "2.3.6": { status: 200, after: "open/open/paired" },
  "2.3.7": { status: 500, after: "open/open/paired" },
  "2.4.0-rc2": { status: 200, after: "close/close/unpaired" },
} as const;

const LOGOUT_WHEN_CLOSED = { "2.3.6": 400, "2.3.7": 400, "2.4.0-rc2": 200 } as const;
const DELETE_OF_A_ZOMBIE = { "2.3.6": 200, "2.3.7": 400, "2.4.0-rc2": 200 } as const;

for (const version of ["2.3.6", "2.3.7", "2.4.0-rc2"] as const) {
  Deno.test(`${version}: logout and delete of a zombie, and logout of a closed session`, async () => {
    await onVersion(version, async ({ gateway: { control }, call, state }) => {
      control.ghost("x", "A2");
      const { status, after } = LOGOUT_ON_A_ZOMBIE[version];
      assert.equal((await call("DELETE", "/instance/logout/x")).status, status);
      assert.equal(state("x"), after);
    });
    await onVersion(version, async ({ gateway: { control }, call, state }) => {
      control.ghost("x", "H1");
      const { status } = await call("DELETE", "/instance/logout/x");
      assert.equal(status, LOGOUT_WHEN_CLOSED[version]);
      assert.equal(state("x"), "close/open/paired");
    });
    await onVersion(version, async ({ gateway: { control }, call }) => {
      control.ghost("x", "A2");
      const { status } = await call("DELETE", "/instance/delete/x");
      assert.equal(status, DELETE_OF_A_ZOMBIE[version]);
      assert.equal(control.instances().includes("x"), status !== 200);
    });
  });

  Deno.test(`${version}: names itself, and a healthy logout closes`, async () => {
    await onVersion(version, async ({ call, state }) => {
      const { body } = await call("GET", "/");
      assert.equal((body as { version: string }).version, version);
      assert.equal((await call("DELETE", "/instance/logout/x")).status, 200);
      assert.equal(state("x"), "close/close/unpaired");
    });
  });
}

Deno.test("2.4.0-rc2 reconnects 3 s after a close, 2.3.7 at once", async () => {
  for (const [version, waits] of [["2.3.7", false], ["2.4.0-rc2", true]] as const) {
    await onVersion(version, async ({ gateway: { control }, clock, state }) => {
      control.blip("x");
      await clock.advance(1_000);
      assert.equal(state("x"), waits ? "close/open/paired" : "open/open/paired");
      await clock.advance(3_000);
      assert.equal(state("x"), "open/open/paired");
    });
  }
});

Deno.test("a login refused with 408 is final on 2.4.0-rc2 alone", async () => {
  for (const [version, registry] of [["2.3.7", "open"], ["2.4.0-rc2", "close"]] as const) {
    await onVersion(version, async ({ gateway: { control }, clock }) => {
      control.ghost("x", "B2", { code: 408 });
      await clock.advance(20_000);
      assert.equal(control.inspect("x").registry, registry);
      assert.equal(control.inspect("x").paired, registry === "open");
    });
  }
});

Deno.test("2.4.0-rc2 does not notice a close after a logout: a zombie, until the process restarts", async () => {
  await onVersion("2.4.0-rc2", async ({ gateway: { control }, call, clock, state }) => {
    await call("DELETE", "/instance/logout/x");
    await call("GET", "/instance/connect/x");
    control.scan("x");
    await clock.advance(1_000);
    assert.equal(state("x"), "open/open/paired");
    control.blip("x");
    await clock.advance(600_000);
    assert.equal(state("x"), "open/open/paired");
    const sent = await call("POST", "/message/sendText/x", { number: KNOWN_NUMBER, text: "?" });
    assert.equal(sent.status, 400);
    control.restartProcess();
    await clock.advance(1_000);
    assert.equal(control.inspect("x").socket, "open");
  });
});

Deno.test("2.4.0-rc2 answers 503 until a licence is activated", async () => {
  await underTest(async ({ gateway: { control }, call }) => {
    control.setVersion("2.4.0-rc2");
    assert.equal((await call("GET", "/instance/fetchInstances")).status, 503);
    control.licence(true);
    assert.equal((await call("GET", "/instance/fetchInstances")).status, 200);
  });
});
