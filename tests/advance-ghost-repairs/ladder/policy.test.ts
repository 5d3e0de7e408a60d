import assert from "node:assert/strict";
import { changingCalls, minutes } from "../../support/ladder.ts";
import { addMembers, instanceRow, sendToTheEnd, worldTest } from "../../support/world.ts";

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
