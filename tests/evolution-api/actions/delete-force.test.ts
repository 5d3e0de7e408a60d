import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { addColleague, assertRefused, clientOf, numbersLeft } from "../../support/actions.ts";
import { databaseContent } from "../../support/database-content.ts";
import {
  addMembers,
  calls,
  eventKinds,
  messageRow,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

/** What keeps the gateway from confirming, the error without `force`, and the log's word for it. */
const REASONS: readonly (readonly [
  code: string,
  outcome: string,
  arrange: (world: VirtualWorld) => unknown,
])[] = [
  ["GATEWAY_UNREACHABLE", "unreachable", ({ gateway }) => gateway.control.gatewayDown(true)],
  [
    "GATEWAY_UNAUTHORIZED",
    "unauthorized",
    ({ sql }) => sql`update private.instance_credentials set api_key = 'no longer valid'`,
  ],
  ["GATEWAY_TIMEOUT", "timeout", ({ gateway }) => {
    for (const route of ["logout", "delete", "fetchInstances"] as const) {
      gateway.control.fault(route, "hang");
      gateway.control.fault(route, "hang");
    }
  }],
  [
    "GATEWAY_REFUSED",
    "refused",
    ({ gateway, company }) => gateway.control.ghost(company.instanceName, "A2"),
  ],
];

for (const [code, outcome, arrange] of REASONS) {
  worldTest(
    `${code}: the number stays; by force it goes here, and what stays there is said`,
    async (world) => {
      const { instanceId, instanceName } = world.company;
      const client = clientOf(world);
      const sent = await sendToTheEnd(world);
      await arrange(world);
      const request = { instanceId, confirmName: instanceName };
      await assertRefused(client.deleteInstance(request), { code });
      assert.deepEqual(await eventKinds(world), ["delete_failed"]);
      assert.deepEqual(left(world), []);

      const asked = calls(world, "delete");
      const answer = await client.deleteInstance({ ...request, force: true });
      assert.deepEqual({ ...answer, warning: "" }, {
        success: true,
        nameFreed: false,
        warning: "",
      });
      assert.match(answer.warning ?? "", /a sessão pode continuar viva lá.*Aparelhos conectados/);
      assert.ok(answer.warning?.includes(`“${instanceName}”`));
      if (outcome !== "unreachable") assert.equal(calls(world, "delete"), asked + 1);
      assert.deepEqual(await numbersLeft(world), []);
      assert.deepEqual([...await world.sql`select from private.instance_credentials`], []);
      assert.equal((await messageRow(world, sent["id"]))["content"], "oi");
      assert.deepEqual(left(world), [{ level: "warn", instanceId, outcome }]);
      await assertRefused(client.deleteInstance({ ...request, force: true }), {
        code: "INSTANCE_NOT_FOUND",
      });
    },
  );
}

/** What the log says of sessions that were left behind. */
function left({ logs }: VirtualWorld) {
  return logs.map((line) => JSON.parse(line))
    .filter(({ event }) => event === "session_left_at_gateway")
    .map(({ level, instanceId, outcome }) => ({ level, instanceId, outcome }));
}

worldTest("the warning is in the caller's language", async (world) => {
  const { instanceId, instanceName } = world.company;
  world.gateway.control.gatewayDown(true);
  const { body } = await world.call("evolution-api", {
    action: "delete_instance",
    instanceId,
    confirmName: instanceName,
    force: true,
  }, { headers: { "accept-language": "en" } });
  assert.match(String(body["warning"]), /the session may live on there.*Linked devices/);
});

worldTest("by force a number whose gateway confirms goes as it always does", async (world) => {
  const { instanceId, instanceName } = world.company;
  const request = { instanceId, confirmName: instanceName, force: true };
  assert.deepEqual(await clientOf(world).deleteInstance(request), {
    success: true,
    nameFreed: true,
  });
  assert.ok(!world.gateway.control.instances().includes(instanceName));
  assert.deepEqual(left(world), []);
});

worldTest("force opens no door: whose number it is and its name count as ever", async (world) => {
  const [other] = await addMembers(world, 1);
  const agent = await addColleague(world, "agent");
  const { instanceId, instanceName } = world.company;
  world.gateway.control.gatewayDown(true);
  await world.clock.advance(5_000);
  const before = await databaseContent(world);
  const request = { action: "delete_instance", instanceId, confirmName: instanceName, force: true };
  const refusals: readonly (readonly [string, object, token?: string])[] = [
    ["INSTANCE_NOT_FOUND", {}, other!.token],
    ["FORBIDDEN", {}, agent],
    ["CONFIRMATION_MISMATCH", { confirmName: "outro" }],
    ["INVALID_REQUEST", { confirmName: undefined }],
    ["INVALID_REQUEST", { force: "true" }],
    ["INVALID_REQUEST", { force: 1 }],
  ];
  for (const [code, change, token = world.userToken] of refusals) {
    const { body } = await world.call("evolution-api", { ...request, ...change }, { token });
    assert.equal(body["errorCode"], code, JSON.stringify(change));
    assert.deepEqual(await databaseContent(world), before);
  }
});

worldTest("a session that was left behind reports to nobody", async (world) => {
  const { instanceId, instanceName, customerJid } = world.company;
  const { control } = world.gateway;
  control.gatewayDown(true);
  await clientOf(world).deleteInstance({ instanceId, confirmName: instanceName, force: true });
  await world.settle();
  const before = await databaseContent(world);
  control.gatewayDown(false);
  control.inbound(instanceName, { from: customerJid.split("@")[0]!, text: "alguém aí?" });
  await world.settle();
  const refused = world.logs.filter((line) =>
    line.includes('"function":"evolution-webhook"') &&
    line.includes('"errorCode":"UNAUTHENTICATED"')
  );
  assert.ok(refused.length > 0);
  assert.deepEqual(await databaseContent(world), before);
});
