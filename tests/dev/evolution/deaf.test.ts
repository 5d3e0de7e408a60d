import assert from "node:assert/strict";
import { z } from "zod";
import { connect, type GatewayUnderTest, openTest, statusOf } from "./gateway-under-test.ts";

const FIXTURES = new URL("../../fixtures/evolution-other/inbound-after-logout/", import.meta.url);

/** What came of each scenario on the real gateway. */
const recorded = z.record(
  z.string(),
  z.looseObject({ before: z.literal("arrives"), after: z.string(), sendText: z.number() }),
);

type Scenario = (gateway: GatewayUnderTest) => Promise<void>;

async function scan(gateway: GatewayUnderTest): Promise<void> {
  await connect(gateway);
  gateway.control.scan("x");
  await gateway.clock.advance(1_000);
}

const logoutAndScan: Scenario = async (gateway) => {
  assert.equal(await statusOf(gateway, "DELETE /instance/logout"), 200);
  await scan(gateway);
};

const restart: Scenario = async (gateway) => {
  await statusOf(gateway, "POST /instance/restart");
  await gateway.clock.advance(1_000);
};

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  healthyLogoutThenNewPairing: logoutAndScan,
  restartAfterThat: async (gateway) => {
    await logoutAndScan(gateway);
    await restart(gateway);
  },
  onlyRestart: restart,
  deviceRemovedThenNewPairing: async (gateway) => {
    gateway.control.removeDevice("x");
    await gateway.clock.advance(1_000);
    await scan(gateway);
  },
};

/** Whether what somebody writes to `x` now is told. */
async function hears({ control, clock, received }: GatewayUnderTest): Promise<boolean> {
  const { id } = control.inbound("x", { from: "5511955554444", text: "are you there?" });
  await clock.advance(1_000);
  return received.some(({ event, data }) =>
    event === "messages.upsert" && (data.key as { readonly id?: string } | undefined)?.id === id
  );
}

for (const version of ["2.3.6", "2.3.7"] as const) {
  const file = new URL(`${version}.json`, FIXTURES);
  const outcomes = recorded.parse(JSON.parse(Deno.readTextFileSync(file)));
  for (const [name, play] of Object.entries(SCENARIOS)) {
    const { after } = outcomes[name]!;
    openTest(`${version}: what comes in after ${name} ${after}, as recorded`, async (gateway) => {
      assert.ok(await hears(gateway));
      await play(gateway);
      assert.equal(gateway.state(), "open/open/paired");
      assert.equal(await hears(gateway), after === "arrives");
    }, { version });
  }
}

openTest(
  "2.3.6: a new process hears again, and so does a number that is made anew",
  async (gateway) => {
    const { control, clock } = gateway;
    await logoutAndScan(gateway);
    assert.equal(await hears(gateway), false);
    control.restartProcess();
    await clock.advance(1_000);
    assert.ok(await hears(gateway));
    await logoutAndScan(gateway);
    const { deaf } = control.inspect("x");
    assert.ok(deaf);
    await statusOf(gateway, "DELETE /instance/delete");
    control.createPaired({ name: "x", phone: "5511910000002" });
    assert.equal(control.inspect("x").deaf, false);
  },
  { version: "2.3.6" },
);
