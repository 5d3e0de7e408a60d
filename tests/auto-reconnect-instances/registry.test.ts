import assert from "node:assert/strict";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import {
  calls,
  eventKinds,
  events,
  instanceRow,
  reconnect,
  registryReads,
  worldTest,
} from "../support/world.ts";

async function disconnect(world: VirtualWorld): Promise<void> {
  await world.sql`update public.whatsapp_instances
    set status = 'disconnected', disconnected_since = ghost_repair.now() where id = ${world.company.instanceId}`;
}

worldTest(
  "a registry that says open is believed, and never followed by a connect",
  async (world) => {
    await disconnect(world);
    const { connection_epoch: epoch } = await instanceRow(world);
    assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, connected: 1 });
    const row = await instanceRow(world);
    assert.deepEqual(
      [row["status"], row["disconnected_since"], row["reconnect_attempts_count"]],
      ["connected", null, 0],
    );
    assert.equal(Number(row["connection_epoch"]), Number(epoch) + 1);
    assert.equal(registryReads(world), 1);
    assert.equal(calls(world, "connect"), 0);
    assert.deepEqual(await eventKinds(world), ["connected"]);
    assert.partialDeepStrictEqual(await reconnect(world), { leased: 0 });
  },
);

worldTest("a registry that says close or connecting is followed by one connect", async (world) => {
  const { control } = world.gateway;
  const { instanceName: name, phone } = world.company;
  for (const connectionStatus of ["close", "connecting"]) {
    await disconnect(world);
    control.fault("fetchInstances", {
      status: 200,
      body: [{ name, connectionStatus, ownerJid: `${phone}@s.whatsapp.net` }],
    });
    const before = calls(world, "connect");
    // The session itself is open, and connect says so.
    assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, connected: 1 });
    assert.equal(calls(world, "connect"), before + 1);
    assert.equal((await instanceRow(world))["status"], "connected");
  }
});

worldTest("a QR is stored, the number waits for it, and is not due again", async (world) => {
  const { control } = world.gateway;
  const name = world.company.instanceName;
  control.webhooks({ drop: ["qrcode.updated"] });
  control.removeDevice(name);
  await world.clock.advance(1_000);
  assert.equal((await instanceRow(world))["status"], "disconnected");

  assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, awaitingQr: 1 });
  assert.equal((await instanceRow(world))["status"], "awaiting_qr");
  const [qr] = await world.sql`select code from private.instance_qr_codes`;
  assert.equal(qr?.["code"], control.inspect(name).qr.code);
  assert.deepEqual(await eventKinds(world), ["webhook_close", "qr_required"]);

  for (let minute = 0; minute < 3; minute++) {
    await world.clock.advance(60_000);
    assert.partialDeepStrictEqual(await reconnect(world), { leased: 0 });
  }
  assert.equal(registryReads(world), 1);
  assert.equal(calls(world, "connect"), 1);
});

worldTest("no QR yet is no fault: the number is looked at again after a minute", async (world) => {
  const { control } = world.gateway;
  const name = world.company.instanceName;
  control.removeDevice(name);
  await world.clock.advance(1_000);
  control.fault("connect", { status: 200, body: { count: 0 } });

  assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, connecting: 1 });
  assert.equal((await instanceRow(world))["status"], "connecting");
  await world.clock.advance(30_000);
  assert.partialDeepStrictEqual(await reconnect(world), { leased: 0 });
  assert.equal(registryReads(world), 1);

  await world.clock.advance(35_000);
  assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, awaitingQr: 1 });
  assert.equal((await instanceRow(world))["status"], "awaiting_qr");
  assert.equal(calls(world, "connect"), 2);
});

worldTest(
  "a gateway that is down, or not understood, changes nothing but the timeline",
  async (world) => {
    const { control } = world.gateway;
    await disconnect(world);
    const before = await instanceRow(world);
    const faults = [
      ["unreachable", () => control.gatewayDown(true)],
      ["timeout", () => control.fault("fetchInstances", "hang")],
      ["unreachable", () => control.fault("fetchInstances", "cut")],
      ["invalid", () => control.fault("fetchInstances", "invalid-json")],
      ["invalid", () => control.fault("fetchInstances", { status: 200, body: [{ name: "x" }] })],
      [
        "unreachable",
        () => control.fault("fetchInstances", { status: 500, body: { message: "?" } }),
      ],
      ["unreachable", () => control.fault("fetchInstances", { status: 401, body: {} })],
      ["unauthorized", () =>
        control.fault("fetchInstances", {
          status: 401,
          body: { status: 401, error: "Unauthorized", response: { message: "Unauthorized" } },
        })],
    ] as const;
    for (const [outcome, break_] of faults) {
      break_();
      assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, unknown: 1 });
      control.gatewayDown(false);
      const row = await instanceRow(world);
      for (
        const field of [
          "status",
          "reconnect_attempts_count",
          "connection_epoch",
          "manual_disconnect",
        ]
      ) {
        assert.equal(row[field], before[field], `${outcome}: ${field}`);
      }
      const last = (await events(world)).findLast(({ kind }) => kind === "reconnect");
      assert.partialDeepStrictEqual(last, {
        kind: "reconnect",
        detail: { outcome, step: "registry" },
      });
      await world.clock.advance(11 * 60_000);
    }
    assert.equal(calls(world, "connect"), 0);

    control.gatewayDown(true);
    const told = (await events(world)).length;
    for (let minute = 0; minute < 5; minute++) {
      await world.clock.advance(60_000);
      await reconnect(world);
    }
    assert.equal(
      (await events(world)).length,
      told + 1,
      "an outage is one event, not one a minute",
    );
  },
);

worldTest("an instance that the gateway does not know is told of, once", async (world) => {
  world.gateway.control.ghost(world.company.instanceName, "C3");
  await disconnect(world);
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute++) {
      assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, notFound: 1 });
      await world.clock.advance(60_000);
    }
  };
  await minutes(10);
  assert.deepEqual(await eventKinds(world), ["not_found"]);
  await minutes(15);
  // After ten minutes a person is; the timeline goes on.
  const told = (await events(world)).filter(({ kind }) => kind === "needs_operator");
  assert.deepEqual(told.map(({ detail }) => detail), [{ reason: "not_found" }]);
  const row = await instanceRow(world);
  assert.deepEqual([row["status"], row["reconnect_attempts_count"]], ["disconnected", 0]);
  assert.equal(calls(world, "connect"), 0);
});
