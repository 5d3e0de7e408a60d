import assert from "node:assert/strict";
import { instanceRow, sendToTheEnd, worldTest } from "../../support/world.ts";

worldTest(
  "with the legacy keys switched off a ghost is cured and the next send works",
  async (world) => {
    const { company: { instanceName }, gateway: { control } } = world;
    control.ghost(instanceName, "A1", { selfHeals: false, noticedAfterMs: 600_000 });
    assert.equal((await sendToTheEnd(world))["status"], "failed");
    await world.clock.advance(60_000);
    await world.tick();
    assert.equal((await instanceRow(world))["status"], "awaiting_qr");
    assert.deepEqual(control.scan(instanceName), { accepted: true });
    await world.clock.advance(1_000);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.equal((await sendToTheEnd(world))["status"], "sent");
  },
  { keys: "today" },
);

worldTest(
  "a project that has nothing but legacy keys works by them",
  async (world) => {
    assert.equal((await sendToTheEnd(world))["status"], "sent");
    await world.tick();
  },
  { keys: "legacy" },
);
