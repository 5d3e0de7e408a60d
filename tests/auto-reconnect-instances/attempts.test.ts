import assert from "node:assert/strict";
import { EVOLUTION_KEY, EVOLUTION_URL, type VirtualWorld } from "../../dev/world/virtual-world.ts";
import {
  beginReconnect,
  calls,
  eventKinds,
  events,
  instanceRow,
  reconnect,
  worldTest,
} from "../support/world.ts";

const REFUSED = { status: 200, body: { error: true, message: "[object Object]" } };

/** The phone threw the device out, and the webhooks said so. */
async function loggedOut(world: VirtualWorld): Promise<void> {
  world.gateway.control.removeDevice(world.company.instanceName);
  await world.clock.advance(1_000);
  assert.equal((await instanceRow(world))["status"], "disconnected");
}

async function minutes(world: VirtualWorld, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    await reconnect(world);
    await world.clock.advance(60_000);
  }
}

worldTest(
  "an error inside a 200 is a failed attempt; after three a person is needed",
  async (world) => {
    const { control } = world.gateway;
    await loggedOut(world);
    control.fault("connect", REFUSED, { times: 10 });

    assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, refused: 1 });
    const row = await instanceRow(world);
    assert.deepEqual([row["status"], row["reconnect_attempts_count"]], ["disconnected", 1]);
    assert.notEqual(row["last_reconnect_attempt_at"], null);

    await world.clock.advance(60_000);
    await minutes(world, 6);
    assert.equal(calls(world, "connect"), 3);
    assert.equal((await instanceRow(world))["reconnect_attempts_count"], 3);
    assert.deepEqual(await eventKinds(world), [
      "webhook_close",
      "reconnect",
      "reconnect",
      "reconnect",
      "needs_operator",
    ]);
    assert.partialDeepStrictEqual((await events(world))[1]?.detail, { outcome: "refused" });
  },
);

worldTest(
  "the attempts belong to a disconnection: the next one has three of its own",
  async (world) => {
    const { control } = world.gateway;
    const name = world.company.instanceName;
    for (let disconnection = 1; disconnection <= 2; disconnection++) {
      await loggedOut(world);
      control.fault("connect", REFUSED, { times: 3 });
      await minutes(world, 5);
      assert.equal(calls(world, "connect"), disconnection * 4 - 1);
      // A person asks for a QR and scans it.
      const connect = new Request(`${EVOLUTION_URL}/instance/connect/${name}`, {
        headers: { apikey: EVOLUTION_KEY },
      });
      await world.clock.until(world.gateway.fetch(connect));
      assert.deepEqual(control.scan(name), { accepted: true });
      await world.clock.advance(1_000);
      assert.equal((await instanceRow(world))["status"], "connected");
    }
  },
);

worldTest("an attempt that died in the middle is an attempt too", async (world) => {
  const { control } = world.gateway;
  await loggedOut(world);
  control.fault("connect", "hang", { times: 3 });
  for (let tick = 1; tick <= 3; tick++) {
    assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, unknown: 1 });
    assert.equal((await instanceRow(world))["reconnect_attempts_count"], tick);
    await world.clock.advance(60_000);
  }
  assert.partialDeepStrictEqual(await reconnect(world), { leased: 0 });
  assert.equal(calls(world, "connect"), 3);
  assert.equal((await eventKinds(world)).at(-1), "needs_operator");
});

worldTest(
  "who disconnects by hand while the registry is read is not connected again",
  async (world) => {
    const { control } = world.gateway;
    await loggedOut(world);
    control.slow("fetchInstances", 5_000);
    const tick = beginReconnect(world);
    await world.clock.advance(2_000);
    await world.sql`update public.whatsapp_instances set manual_disconnect = true
    where id = ${world.company.instanceId}`;
    assert.partialDeepStrictEqual((await world.clock.until(tick)).body, { leased: 1, skipped: 1 });

    assert.equal(calls(world, "connect"), 0);
    const row = await instanceRow(world);
    assert.deepEqual(
      [row["status"], row["manual_disconnect"], row["reconnect_attempts_count"]],
      ["disconnected", true, 0],
    );
    await world.clock.advance(180_000);
    assert.partialDeepStrictEqual(await reconnect(world), { leased: 0 });
  },
);

worldTest(
  "who disconnects by hand during the connect stays disconnected by hand",
  async (world) => {
    const { control } = world.gateway;
    await loggedOut(world);
    control.webhooks({ drop: true });
    const tick = beginReconnect(world);
    await world.clock.advance(1_000);
    assert.equal(calls(world, "connect"), 1);
    await world.sql`update public.whatsapp_instances set manual_disconnect = true
    where id = ${world.company.instanceId}`;
    assert.partialDeepStrictEqual((await world.clock.until(tick)).body, { overtaken: 1 });
    const row = await instanceRow(world);
    assert.deepEqual([row["status"], row["manual_disconnect"]], ["disconnected", true]);
  },
);

worldTest("a webhook that says open while the registry is read wins", async (world) => {
  const { control } = world.gateway;
  await world.sql`update public.whatsapp_instances set status = 'disconnected'
    where id = ${world.company.instanceId}`;
  control.slow("fetchInstances", 5_000);
  control.fault("fetchInstances", {
    status: 200,
    body: [{ name: world.company.instanceName, connectionStatus: "close", ownerJid: null }],
  });
  const tick = beginReconnect(world);
  await world.clock.advance(1_000);
  control.blip(world.company.instanceName);
  assert.partialDeepStrictEqual((await world.clock.until(tick)).body, { leased: 1, skipped: 1 });
  assert.equal(calls(world, "connect"), 0);
  assert.equal((await instanceRow(world))["status"], "connected");
});
