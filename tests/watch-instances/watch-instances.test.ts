import assert from "node:assert/strict";
import { type VirtualWorld } from "../../dev/world/virtual-world.ts";
import { minutes } from "../support/ladder.ts";
import { clientOf } from "../support/actions.ts";
import {
  calls,
  eventKinds,
  events,
  instanceRow,
  sendToTheEnd,
  worldTest,
} from "../support/world.ts";

/** The number is unpaired, its QR was asked for, and a phone scans it. Nobody hears of the scan. */
async function scanUnheard(world: VirtualWorld): Promise<void> {
  const { instanceId, instanceName } = world.company;
  const { control } = world.gateway;
  control.removeDevice(instanceName);
  await world.clock.advance(2_000);
  const { qr } = await clientOf(world).getQrCode({ instanceId });
  control.webhooks({ drop: true });
  control.scan(instanceName, { code: qr!.code! });
  await world.clock.advance(5_000);
  control.webhooks({});
  assert.equal((await instanceRow(world))["status"], "awaiting_qr");
}

worldTest(
  "a scan whose report was lost is found, and its ghost repaired as any other",
  async (world) => {
    const { instanceName } = world.company;
    await scanUnheard(world);
    await minutes(world, 7);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.partialDeepStrictEqual((await events(world)).at(-1), {
      kind: "connected",
      detail: { source: "watch", step: "registry" },
    });
    const connects = calls(world, "connect");

    world.gateway.control.ghost(instanceName, "A2");
    const message = await sendToTheEnd(world);
    assert.equal(message["error_code"], "connection_closed");
    assert.equal(calls(world, "logout"), 1);
    assert.equal(calls(world, "connect"), connects);
    const [repair] = await world
      .sql`select state from public.ghost_repairs where closed_at is null`;
    assert.equal(repair?.["state"], "open");
  },
);

worldTest("disconnected while the gateway was away: logged out once it is back", async (world) => {
  const { instanceId, instanceName } = world.company;
  const { control } = world.gateway;
  control.gatewayDown(true);
  const answer = await clientOf(world).disconnectInstance({ instanceId });
  assert.ok(answer.warning);
  await minutes(world, 6);
  assert.equal(control.inspect(instanceName).registry, "open");
  control.gatewayDown(false);
  await minutes(world, 7);
  assert.equal(control.inspect(instanceName).registry, "close");
  assert.equal(calls(world, "logout"), 1);
  const { instance } = await clientOf(world).getStatus({ instanceId });
  assert.partialDeepStrictEqual(instance, {
    status: "disconnected",
    manualDisconnect: true,
    attention: null,
  });
  const { kind, detail } = (await events(world)).findLast(({ kind }) => kind === "logout")!;
  assert.partialDeepStrictEqual([kind, detail], [
    "logout",
    { source: "owed", logout: "accepted", registry: "close" },
  ]);
});

worldTest(
  "disconnected a zombie: its session is ended when its process brings it back",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    const { control } = world.gateway;
    control.ghost(instanceName, "A2");
    await clientOf(world).disconnectInstance({ instanceId });
    await minutes(world, 3);
    const inVain = calls(world, "logout");
    assert.ok(inVain <= 2, `${inVain}`);
    const { instance } = await clientOf(world).getStatus({ instanceId });
    assert.equal(instance.attention, "session_still_open");

    control.restartProcess();
    await world.clock.advance(10_000);
    assert.equal(control.inspect(instanceName).registry, "open");
    assert.partialDeepStrictEqual({ ...await instanceRow(world) }, {
      status: "disconnected",
      manual_disconnect: true,
    });
    await minutes(world, 4);
    assert.equal(control.inspect(instanceName).registry, "close");
    assert.equal(calls(world, "logout"), inVain + 1);
    assert.equal((await instanceRow(world))["status"], "disconnected");
    assert.deepEqual(
      (await eventKinds(world)).filter((kind) => kind === "logout_owed"),
      ["logout_owed"],
    );
  },
);
