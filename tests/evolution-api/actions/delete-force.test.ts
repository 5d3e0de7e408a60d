import assert from "node:assert/strict";
import { createEvolutionClient } from "../../../client/client.ts";
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

/** What keeps the gateway from confirming: the error without `force`, the log's word, the warning. */
const REASONS: readonly (readonly [
  code: string,
  outcome: string,
  language: "pt" | "en",
  warning: RegExp,
  arrange: (world: VirtualWorld) => unknown,
])[] = [
  [
    "GATEWAY_UNREACHABLE",
    "unreachable",
    "en",
    /the session may live on there.*Linked devices/,
    ({ gateway }) => gateway.control.gatewayDown(true),
  ],
  [
    "GATEWAY_REFUSED",
    "refused",
    "pt",
    /a sessão pode continuar viva lá.*Aparelhos conectados/,
    ({ gateway, company }) => gateway.control.ghost(company.instanceName, "A2"),
  ],
];

for (const [code, outcome, language, warning, arrange] of REASONS) {
  worldTest(
    `${code}: the number stays; by force it goes here, and what stays there is said`,
    async (world) => {
      const { instanceId, instanceName } = world.company;
      const headers = { "accept-language": language };
      const client = createEvolutionClient((body) =>
        world.call("evolution-api", body, { headers })
      );
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
      assert.match(answer.warning ?? "", warning);
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
