import assert from "node:assert/strict";
import { minutes } from "../../support/ladder.ts";
import { assertRefused, clientOf, standingClient } from "../../support/actions.ts";
import { calls, eventKinds, instanceRow, sendToTheEnd, worldTest } from "../../support/world.ts";

worldTest("disconnected by hand, a number is never reconnected by itself", async (world) => {
  const { instanceId, instanceName } = world.company;
  const client = clientOf(world);
  assert.deepEqual(await client.disconnectInstance({ instanceId }), {
    success: true,
    status: "disconnected",
    logout: "accepted",
    registry: "close",
  });
  const asked = world.gateway.calls.length;
  await minutes(world, 10);
  // It is only looked at, every five minutes or so.
  const looks = world.gateway.calls.slice(asked).map(({ route }) => route)
    .filter((route) => route !== "root");
  assert.ok(looks.length >= 2 && looks.length <= 3, `${looks.length}`);
  assert.deepEqual(new Set(looks), new Set(["fetchInstances"]));
  assert.partialDeepStrictEqual({ ...await instanceRow(world) }, {
    status: "disconnected",
    manual_disconnect: true,
  });
  assert.equal(world.gateway.control.inspect(instanceName).registry, "close");
  assert.deepEqual(await eventKinds(world), ["manual_disconnect", "logout"]);
});

worldTest(
  "the row is disconnected before the gateway is asked; a second click asks once",
  async (world) => {
    const { instanceId } = world.company;
    world.gateway.control.slow("logout", 5_000);
    const client = standingClient(world);
    const both = Promise.all([
      client.disconnectInstance({ instanceId }),
      client.disconnectInstance({ instanceId }),
    ]);
    await world.clock.advance(1_000);
    assert.equal((await instanceRow(world))["manual_disconnect"], true);
    assert.equal((await instanceRow(world))["status"], "disconnected");
    const answers = await world.clock.until(both);
    assert.deepEqual(answers.map(({ logout }) => logout).sort(), ["accepted", "not_called"]);
    assert.equal(calls(world, "logout"), 1);
  },
);

worldTest(
  "what the logout could not do is said, and the number stays disconnected",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    const client = clientOf(world);
    world.gateway.control.ghost(instanceName, "A2");
    const ghost = await client.disconnectInstance({ instanceId });
    assert.deepEqual([ghost.logout, ghost.registry], ["socket_dead", "open"]);
    assert.match(ghost.warning ?? "", /logout/);
    await minutes(world, 3);
    assert.equal((await instanceRow(world))["status"], "disconnected");

    await world.clock.advance(120_000);
    world.gateway.control.gatewayDown(true);
    const down = await client.disconnectInstance({ instanceId });
    assert.deepEqual([down.logout, down.registry], ["unreachable", "unreachable"]);
  },
);

worldTest("reconnecting brings back what was disconnected by hand: a QR, a scan", async (world) => {
  const { instanceId, instanceName } = world.company;
  const client = clientOf(world);
  await client.disconnectInstance({ instanceId });
  await world.sql`update public.whatsapp_instances set reconnect_attempts_count = 3`;
  await world.clock.advance(5_000);
  const { status, qr } = await client.reconnectInstance({ instanceId });
  assert.equal(status, "awaiting_qr");
  assert.ok(qr?.code);
  await assertRefused(client.reconnectInstance({ instanceId }), {
    status: 409,
    code: "QR_PENDING",
  });
  assert.equal(calls(world, "connect"), 1);
  world.gateway.control.scan(instanceName, { code: qr.code });
  await world.clock.advance(3_000);
  assert.partialDeepStrictEqual({ ...await instanceRow(world) }, {
    status: "connected",
    manual_disconnect: false,
    reconnect_attempts_count: 0,
  });
  assert.deepEqual(await client.reconnectInstance({ instanceId }), {
    success: true,
    status: "connected",
    qr: null,
  });
  assert.equal(calls(world, "connect"), 1);
});

worldTest(
  "a session that the registry holds open is taken back without a connect",
  async (world) => {
    const { instanceId } = world.company;
    await world.sql`update public.whatsapp_instances
    set status = 'disconnected', manual_disconnect = true`;
    const { status, qr } = await clientOf(world).reconnectInstance({ instanceId });
    assert.deepEqual([status, qr, calls(world, "connect")], ["connected", null, 0]);
  },
);

worldTest("while a repair is open, nobody reconnects: the reason is said", async (world) => {
  const { instanceId, instanceName } = world.company;
  const client = clientOf(world);
  world.gateway.control.ghost(instanceName, "A2");
  await sendToTheEnd(world);
  const called = world.gateway.calls.length;
  const error = await assertRefused(client.reconnectInstance({ instanceId }), {
    status: 409,
    code: "REPAIR_IN_PROGRESS",
    retryable: true,
    place: { reason: "repairing" },
  });
  assert.match(error.message, /reparada/);
  await minutes(world, 5);
  await assertRefused(client.reconnectInstance({ instanceId }), {
    code: "REPAIR_IN_PROGRESS",
    place: { reason: "needs_operator" },
  });
  assert.equal(calls(world, "connect"), 0);
  assert.ok(world.gateway.calls.length > called);
});

worldTest("of two clicks on reconnect one connects", async (world) => {
  const { instanceId } = world.company;
  await clientOf(world).disconnectInstance({ instanceId });
  const client = standingClient(world);
  const ends = await world.clock.until(Promise.allSettled([
    client.reconnectInstance({ instanceId }),
    client.reconnectInstance({ instanceId }),
  ]));
  assert.deepEqual(ends.map((end) => end.status).sort(), ["fulfilled", "rejected"]);
  const rejected = ends.find((end) => end.status === "rejected");
  assert.equal(rejected?.reason.code, "RECONNECT_IN_PROGRESS");
  assert.equal(calls(world, "connect"), 1);
});

worldTest(
  "a gateway that fails is named; the scheduler goes on where it stopped",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    const client = clientOf(world);
    await client.disconnectInstance({ instanceId });
    world.gateway.control.gatewayDown(true);
    await assertRefused(client.reconnectInstance({ instanceId }), {
      status: 502,
      code: "GATEWAY_UNREACHABLE",
    });
    assert.equal((await instanceRow(world))["status"], "disconnected");
    world.gateway.control.gatewayDown(false);
    await minutes(world, 1);
    assert.equal((await instanceRow(world))["status"], "awaiting_qr");
    assert.equal(calls(world, "connect", instanceName), 1);
  },
);
