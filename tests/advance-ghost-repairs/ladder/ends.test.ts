import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import {
  beginAdvance,
  changingCalls,
  minutes,
  openRepair,
  repairRow,
  setPolicy,
  withoutProbes,
} from "../../support/ladder.ts";
import { instanceRow, worldTest } from "../../support/world.ts";

/** What takes a number out of a repair's hands. `outcome` null: the repair is gone with it. */
const ENDS: readonly {
  readonly what: string;
  readonly happen: (world: VirtualWorld) => Promise<unknown>;
  readonly outcome: string | null;
}[] = [
  {
    what: "a disconnection by hand",
    happen: ({ sql, company }) =>
      sql`update public.whatsapp_instances set manual_disconnect = true
        where id = ${company.instanceId}`,
    outcome: "manual",
  },
  {
    what: "the instance's deletion",
    happen: ({ sql, company }) =>
      sql`delete from public.whatsapp_instances where id = ${company.instanceId}`,
    outcome: null,
  },
  {
    what: "a fresh QR code",
    happen: ({ sql, company }) =>
      sql`select public.apply_qr_code(${company.instanceId}, '{"code": "2@x"}', ghost_repair.now())`,
    outcome: "awaiting_qr",
  },
];

async function open(world: VirtualWorld): Promise<void> {
  await withoutProbes(world);
  await setPolicy(world, "keep-pairing");
  world.gateway.control.ghost(world.company.instanceName, "A2");
  await openRepair(world);
}

async function assertOver(world: VirtualWorld, outcome: string | null): Promise<void> {
  const { sql, company } = world;
  if (outcome !== null) assert.equal((await repairRow(world)).outcome, outcome);
  else assert.deepEqual([...await sql`select 1 from public.ghost_repairs`], []);
  const before = world.gateway.calls.length;
  await minutes(world, 6);
  // The watch looks, and makes the logout that the person wanted, and what was missed is asked for;
  // the ladder does nothing.
  const watch = ["fetchInstances", "findMessages", ...(outcome === "manual" ? ["logout"] : [])];
  const after = world.gateway.calls.slice(before).filter(({ instance, route }) =>
    instance === company.instanceName && !watch.includes(route)
  );
  assert.deepEqual(after, []);
}

for (const { what, happen, outcome } of ENDS) {
  worldTest(`${what} in the middle of a look ends the ladder before its call`, async (world) => {
    await open(world);
    await world.clock.advance(60_000);
    const tick = beginAdvance(world);
    await world.clock.advance(5_000);
    assert.equal(world.gateway.calls.at(-1)?.route, "connectionState");
    await happen(world);
    const { body } = await world.clock.until(tick);
    assert.equal(body["lost"], 1);
    assert.deepEqual(changingCalls(world), []);
    await assertOver(world, outcome);
  });
}

worldTest("a registry that says close hands the number over to auto-reconnect", async (world) => {
  const { control } = world.gateway;
  await open(world);
  await minutes(world, 1);
  control.webhooks({ drop: true });
  control.ghost(world.company.instanceName, "E");
  await minutes(world, 1);
  assert.equal((await repairRow(world)).outcome, "invalidated");
  assert.deepEqual(changingCalls(world), ["restart"]);
  await minutes(world, 1);
  assert.equal((await instanceRow(world))["status"], "awaiting_qr");
  assert.deepEqual(changingCalls(world), ["restart", "connect"]);
});
