import assert from "node:assert/strict";
import { changingCalls, minutes, repairRow, setPolicy } from "../../support/ladder.ts";
import {
  addMembers,
  eventKinds,
  instanceRow,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

const HALF_OPEN = { noticedAfterMs: 24 * 3_600_000 };

worldTest(
  "logout-first is the rule, and one statement gives an organization another one",
  async (world) => {
    const { control } = world.gateway;
    const [other] = await addMembers(world, 1);
    const { organizationId, instanceId, instanceName } = other!.company;
    await world.sql`
      insert into ghost_repair.policies values (${organizationId}, 'keep-pairing')
      on conflict (organization_id) do update set policy = excluded.policy`;
    control.ghost(world.company.instanceName, "A1", HALF_OPEN);
    control.ghost(instanceName, "A1", HALF_OPEN);
    await sendToTheEnd(world, { message: "um" });
    await sendToTheEnd(world, { message: "dois" }, { as: other! });
    await minutes(world, 2);
    assert.deepEqual(changingCalls(world), ["logout", "connect"]);
    assert.equal((await instanceRow(world))["status"], "awaiting_qr");
    assert.deepEqual(changingCalls(world, instanceName), ["restart"]);
    assert.equal((await instanceRow(world, instanceId))["status"], "connected");
  },
);

worldTest(
  "a gateway that was brought to another version meanwhile is not logged out by the old one",
  async (world) => {
    const { control } = world.gateway;
    await setPolicy(world, "keep-pairing");
    await minutes(world, 1);
    control.ghost(world.company.instanceName, "A2");
    await sendToTheEnd(world, { message: "um" });
    await minutes(world, 1);
    assert.deepEqual(changingCalls(world), ["restart"]);
    control.setVersion("2.3.6");
    await minutes(world, 3);
    assert.deepEqual(changingCalls(world), ["restart"]);
    assert.equal((await repairRow(world)).state, "needs_operator");
    assert.ok((await eventKinds(world)).includes("gateway_version"));
  },
);
