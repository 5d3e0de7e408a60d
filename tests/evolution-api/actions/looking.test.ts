import assert from "node:assert/strict";
import { minutes } from "../../support/ladder.ts";
import { clientOf } from "../../support/actions.ts";
import { addMembers, calls, sendToTheEnd, worldTest } from "../../support/world.ts";

worldTest("a person sees every number of the own organizations, and their state", async (world) => {
  const [other] = await addMembers(world, 1);
  const { company } = world;
  await sendToTheEnd(world);
  const client = clientOf(world);
  const { instances } = await client.listInstances();
  assert.equal(instances.length, 1);
  assert.partialDeepStrictEqual(instances[0], {
    id: company.instanceId,
    organizationId: company.organizationId,
    instanceName: company.instanceName,
    displayName: "Atendimento",
    phoneNumber: company.phone,
    status: "connected",
    disconnectedSince: null,
    manualDisconnect: false,
    failedMessages24h: 0,
    repair: null,
    reconnect: null,
    qrExpiresAt: null,
    role: "owner",
  });
  assert.ok(instances[0]?.lastSentAt);
  assert.deepEqual(
    await client.listInstances({ organizationId: company.organizationId }),
    { success: true, instances },
  );

  await world.sql`insert into public.organization_members (organization_id, user_id, role)
    values (${other!.company.organizationId}, ${company.userId}, 'agent')`;
  const both = (await client.listInstances()).instances;
  assert.deepEqual(both.map((each) => each.role).sort(), ["agent", "owner"]);
});

worldTest(
  "a number under repair shows its steps, and what the scheduler does next",
  async (world) => {
    const { company, gateway } = world;
    const client = clientOf(world);
    const { instanceId } = company;
    gateway.control.ghost(company.instanceName, "A2");
    await sendToTheEnd(world);
    const ghost = (await client.getStatus({ instanceId })).instance;
    assert.deepEqual([ghost.status, ghost.failedMessages24h, ghost.reconnect], [
      "disconnected",
      1,
      null,
    ]);
    assert.partialDeepStrictEqual(ghost.repair, { state: "open", reason: null });

    await minutes(world, 5);
    const given = (await client.getStatus({ instanceId })).instance;
    assert.equal(given.repair?.state, "needs_operator");
    assert.ok(given.repair.reason);

    await world
      .sql`update public.ghost_repairs set state = 'closed', closed_at = ghost_repair.now()`;
    const left = (await client.getStatus({ instanceId })).instance;
    assert.partialDeepStrictEqual(left.reconnect, { attempts: 0, maxAttempts: 3 });
    assert.ok(left.reconnect?.nextAttemptAt);
  },
);

worldTest("looking never calls the gateway and writes nothing", async (world) => {
  const client = clientOf(world);
  const { instanceId } = world.company;
  await world.sql`update public.whatsapp_instances set status = 'disconnected'`;
  for (let look = 0; look < 5; look++) {
    await client.getStatus({ instanceId });
    await client.listInstances();
    await client.listEvents({ instanceId });
  }
  assert.deepEqual(world.gateway.calls, []);
  assert.deepEqual((await client.listEvents()).events, []);
});

worldTest("events come oldest first, and only the new ones after the last id", async (world) => {
  const { company, gateway } = world;
  const client = clientOf(world);
  const { instanceId } = company;
  assert.deepEqual(await client.listEvents({ instanceId }), {
    success: true,
    events: [],
    lastId: 0,
  });
  gateway.control.ghost(company.instanceName, "A2");
  await sendToTheEnd(world);
  const all = await client.listEvents();
  const kinds = all.events.map((event) => event.kind);
  assert.deepEqual(kinds.slice(0, 4), [
    "connection_closed",
    "logout",
    "marked_disconnected",
    "verified",
  ]);
  assert.equal(all.lastId, all.events.at(-1)?.id);
  assert.deepEqual((await client.listEvents({ afterId: all.lastId })).events, []);
  assert.equal((await client.listEvents({ afterId: all.lastId })).lastId, all.lastId);

  const newest = (await client.listEvents({ limit: 2 })).events;
  assert.deepEqual(newest.map((event) => event.kind), kinds.slice(-2));
  const next = (await client.listEvents({ afterId: 0, limit: 2 })).events;
  assert.deepEqual(next.map((event) => event.kind), kinds.slice(0, 2));
  assert.equal(calls(world, "logout"), 1);
});
