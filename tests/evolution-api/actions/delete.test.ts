import assert from "node:assert/strict";
import { EVOLUTION_KEY } from "../../../dev/world/virtual-world.ts";
import { assertRefused, clientOf, numbersLeft, standingClient } from "../../support/actions.ts";
import {
  askGateway,
  calls,
  eventKinds,
  instanceRow,
  messageRow,
  sendText,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

worldTest("a deleted number is gone here and there; its conversations stay", async (world) => {
  const { instanceId, instanceName } = world.company;
  const client = clientOf(world);
  const sent = await sendToTheEnd(world);
  await assertRefused(client.deleteInstance({ instanceId, confirmName: "outro" }), {
    status: 400,
    code: "CONFIRMATION_MISMATCH",
    place: { field: "confirmName" },
  });
  assert.equal(calls(world, "delete"), 0);

  assert.deepEqual(await client.deleteInstance({ instanceId, confirmName: instanceName }), {
    success: true,
    nameFreed: true,
  });
  assert.ok(!world.gateway.control.instances().includes(instanceName));
  assert.deepEqual(await numbersLeft(world), []);
  assert.deepEqual([...await world.sql`select from private.instance_credentials`], []);
  assert.equal((await messageRow(world, sent["id"]))["content"], "oi");
  await assertRefused(client.getStatus({ instanceId }), { code: "INSTANCE_NOT_FOUND" });
  assert.equal((await sendText(world)).body["errorCode"], "CONVERSATION_WITHOUT_INSTANCE");
});

/** The registry still holds the name. */
const held = (name: string, times: number) => ({
  status: 200,
  body: [{ name, connectionStatus: "close", token: EVOLUTION_KEY }],
  times,
});

/** How often the gateway still says that it holds the name, and how long that is waited for, in s. */
const HOLDS = [["a moment", 4, true, 4, 10], ["too long", 100, false, 9, 12]] as const;

for (const [what, times, freed, least, most] of HOLDS) {
  worldTest(`a gateway that holds the name for ${what}: freed, ${freed}`, async (world) => {
    const { instanceId, instanceName } = world.company;
    world.gateway.control.fault("fetchInstances", held(instanceName, times));
    const start = world.clock.monotonicMs();
    const client = clientOf(world);
    const { nameFreed } = await client.deleteInstance({ instanceId, confirmName: instanceName });
    assert.equal(nameFreed, freed);
    const seconds = (world.clock.monotonicMs() - start) / 1_000;
    assert.ok(seconds >= least && seconds <= most, `${seconds} s`);
    assert.deepEqual(await numbersLeft(world), []);
  });
}

/** What a second deletion of the same number comes to, and what the first is told. */
const SECONDS = {
  "died: the number is there, and said to be": { ends: false, code: "DELETE_TAKEN_OVER" },
  "came first: the number is gone for both": { ends: true, code: null },
} as const;

for (const [how, { ends, code }] of Object.entries(SECONDS)) {
  worldTest(`a deletion that another one took over, which ${how}`, async (world) => {
    const { instanceId, instanceName, userId } = world.company;
    const request = { instanceId, confirmName: instanceName };
    world.gateway.control.slow("logout", 5_000);
    const first = standingClient(world).deleteInstance(request);
    await world.clock.advance(2_000);
    const [second] = await world.sql`select
      public.begin_delete(${userId}, ${instanceId}, ${instanceName}) ->> 'token' as token`;
    if (ends) {
      await world.sql`
        select public.finish_delete(${instanceId}, ${second!["token"]}, '{"deleted": true}')`;
    }
    const told = world.clock.until(first);
    if (code === null) {
      assert.equal((await told).success, true);
    } else {
      await assertRefused(told, {
        status: 409,
        code,
        retryable: true,
        place: { field: "instanceId" },
      });
      assert.deepEqual(await numbersLeft(world), [instanceId]);
      await clientOf(world).deleteInstance(request);
    }
    assert.deepEqual(await numbersLeft(world), []);
  });
}

worldTest(
  "a zombie cannot be deleted: that is said, and nothing is deleted here",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    world.gateway.control.ghost(instanceName, "A2");
    await assertRefused(
      clientOf(world).deleteInstance({ instanceId, confirmName: instanceName }),
      { status: 502, code: "GATEWAY_REFUSED", retryable: false },
    );
    assert.partialDeepStrictEqual({ ...await instanceRow(world) }, {
      status: "connected",
      manual_disconnect: false,
    });
    assert.deepEqual(await eventKinds(world), ["delete_failed"]);
    assert.equal(world.gateway.control.inspect(instanceName).registry, "open");
  },
);

worldTest(
  "a gateway that is away keeps the number here; a lost answer is asked for",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    const { control } = world.gateway;
    const client = clientOf(world);
    control.gatewayDown(true);
    await assertRefused(client.deleteInstance({ instanceId, confirmName: instanceName }), {
      status: 502,
      code: "GATEWAY_UNREACHABLE",
      retryable: true,
    });
    assert.equal((await instanceRow(world))["status"], "connected");
    control.gatewayDown(false);
    control.fault("delete", "cut");
    await client.deleteInstance({ instanceId, confirmName: instanceName });
    assert.deepEqual(await numbersLeft(world), []);
  },
);

worldTest(
  "what the gateway has lost already, and what it never had, can be deleted",
  async (world) => {
    const { instanceId, instanceName, organizationId } = world.company;
    const client = clientOf(world);
    const removed = await askGateway(world, `instance/delete/${instanceName}`, {
      method: "DELETE",
    });
    assert.equal(removed.status, 200);
    await client.deleteInstance({ instanceId, confirmName: instanceName });
    const [bare] = await world.sql<{ id: string }[]>`
    insert into public.whatsapp_instances (organization_id, instance_name)
    values (${organizationId}, 'sem-servidor') returning id`;
    await client.deleteInstance({ instanceId: bare!.id, confirmName: "sem-servidor" });
    assert.deepEqual(await numbersLeft(world), []);
  },
);
