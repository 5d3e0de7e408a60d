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
    assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, registry_open: 1 });
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
    assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, open: 1 });
    assert.equal(calls(world, "connect"), before + 1);
    assert.equal((await instanceRow(world))["status"], "connected");
  }
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
      ["invalid", () => control.fault("fetchInstances", "invalid-json")],
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
  },
);

const REFUSED = { status: 200, body: { error: true, message: "[object Object]" } };

worldTest(
  "an error inside a 200 is a failed attempt; after three a person is needed",
  async (world) => {
    const { control } = world.gateway;
    control.removeDevice(world.company.instanceName);
    await world.clock.advance(1_000);
    control.fault("connect", REFUSED, { times: 10 });

    assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, refused: 1 });
    const row = await instanceRow(world);
    assert.deepEqual([row["status"], row["reconnect_attempts_count"]], ["disconnected", 1]);
    assert.notEqual(row["last_reconnect_attempt_at"], null);

    await world.clock.advance(60_000);
    for (let minute = 0; minute < 6; minute++) {
      await reconnect(world);
      await world.clock.advance(60_000);
    }
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
