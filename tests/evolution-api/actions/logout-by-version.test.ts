import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { createRestartAgent } from "../../../dev/world/restart-agent.ts";
import { clientOf } from "../../support/actions.ts";
import { changingCalls, minutes, repairRow, withoutProbes } from "../../support/ladder.ts";
import { instanceRow, sendToTheEnd, worldTest } from "../../support/world.ts";

/** A person disconnects the number, wants it back, and scans. @returns What the first was told. */
async function disconnectAndScan(world: VirtualWorld): Promise<string | undefined> {
  const { instanceId, instanceName } = world.company;
  const client = clientOf(world);
  const { warning } = await client.disconnectInstance({ instanceId });
  const { qr } = await client.reconnectInstance({ instanceId });
  assert.ok(
    world.gateway.control.scan(instanceName, { code: qr?.code ?? "" }).accepted,
  );
  return warning;
}

/** Whether what a customer writes now comes in. */
async function hears({ clock, gateway, company, sql }: VirtualWorld): Promise<boolean> {
  const { id } = gateway.control.inbound(company.instanceName, {
    from: "5511977776666",
    text: "oi",
  });
  await clock.advance(2_000);
  return (await sql`select from public.messages where whatsapp_message_id = ${id}`).length === 1;
}

const agent = createRestartAgent();

worldTest(
  "2.3.6: disconnected, reconnected, scanned, it hears once the agent restarted the process",
  async (world) => {
    const { clock } = world;
    await agent.join(world);
    await withoutProbes(world);
    // What the database knows is of before: a restored copy, or yesterday's gateway.
    await world.sql`update private.gateways set version = '2.3.7', logout_safe = true,
      logout_deafens = false, version_read_at = ghost_repair.now() - interval '1 hour',
      version_due_at = ghost_repair.now() + interval '1 day'`;
    assert.match(await disconnectAndScan(world) ?? "", /Evolution 2\.3\.6/);
    await clock.advance(5_000);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.equal(await hears(world), false);
    await minutes(world, 2);
    assert.equal(agent.restarts.length, 1);
    assert.deepEqual(agent.logs.map(({ reason }) => reason), ["deaf_after_logout"]);
    await minutes(world, 1);
    assert.equal((await repairRow(world)).evidence["reason"], "unproven");
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.ok(await hears(world));
    assert.equal((await repairRow(world)).outcome, "healed");
  },
  { simulator: { version: "2.3.6" }, aroundGateway: agent.aroundGateway },
);

worldTest(
  "2.4.0-rc2: one connect follows the scan, and the number hears and sends",
  async (world) => {
    const { clock } = world;
    await withoutProbes(world);
    assert.match(await disconnectAndScan(world) ?? "", /Evolution 2\.4\.0-rc2/);
    for (let ticks = 0; ticks < 6; ticks++) {
      await clock.advance(10_000);
      await world.dueTick();
    }
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.deepEqual(changingCalls(world), ["logout", "connect", "connect"]);
    assert.ok(await hears(world));
    assert.equal((await sendToTheEnd(world))["status"], "sent");
  },
  { simulator: { version: "2.4.0-rc2", licensed: true } },
);
