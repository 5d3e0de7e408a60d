import assert from "node:assert/strict";
import { RowLocks } from "../../dev/tasks/simulate/row-locks.ts";
import { createVirtualWorld, type VirtualWorld } from "../../dev/world/virtual-world.ts";
import { serverTest } from "../support/server.ts";

/** A world whose number somebody else has locked, and a write of ours that runs into it. */
function lockTest(
  name: string,
  body: (place: {
    world: VirtualWorld;
    locks: RowLocks;
    free: () => Promise<void>;
    write: () => Promise<string>;
  }) => Promise<void>,
): void {
  serverTest(name, async (server) => {
    const later: { locks?: RowLocks } = {};
    const world = await createVirtualWorld(server, {
      untilStuck: (work) => later.locks?.untilStuck(work) ?? work,
    });
    const locks = later.locks = new RowLocks(world.databaseUrl, world.clock);
    const { instanceId } = world.company;
    const free = await locks.lock("whatsapp_instances", instanceId);
    const write = () =>
      world.sql`update public.whatsapp_instances set display_name = 'x'
        where id = ${instanceId}`.then(() => "written", ({ code }) => `${code}`);
    await body({ world, locks, free, write });
    await locks.close();
    await world.close();
  });
}

lockTest("time goes on for whoever waits for a locked row", async ({ world, free, write }) => {
  let came = "nothing";
  write().then((what) => came = what);
  await world.clock.advance(5_000);
  assert.equal(came, "nothing");
  await world.clock.track(free());
  await world.clock.idle();
  assert.equal(came, "written");
});

lockTest("what waits for more than eight seconds is ended", async ({ world, write }) => {
  let came = "nothing";
  write().then((what) => came = what);
  await world.clock.advance(9_000);
  assert.equal(came, "57014");
});

lockTest("a row that is free again holds nobody up", async ({ world, locks, free, write }) => {
  await free();
  assert.equal(await world.clock.until(write()), "written");
  await locks.lock("whatsapp_instances", world.company.instanceId);
  // Another row's lock is none of its own.
  await locks.lock("messages", world.company.instanceId);
  await locks.free();
  assert.equal(await world.clock.until(write()), "written");
});
