import assert from "node:assert/strict";
import type { PlayedKind } from "../../../dev/tasks/shared/kinds.ts";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { beginAdvance, changingCalls, openRepair, setPolicy } from "../../support/ladder.ts";
import { calls, worldTest } from "../../support/world.ts";

async function tickTogether(world: VirtualWorld): Promise<number> {
  await world.clock.advance(60_000);
  const ticks = Array.from({ length: 20 }, () => beginAdvance(world));
  const answers = await world.clock.until(Promise.all(ticks));
  assert.ok(answers.every(({ status }) => status === 200));
  return answers.reduce((sum, { body }) => sum + Number(body["leased"]), 0);
}

for (const [kind, step] of [["H1", "connect"], ["A2", "restart"]] as const) {
  worldTest(`${kind}: 20 ticks at once take one step`, async (world) => {
    const { control } = world.gateway;
    await setPolicy(world, "keep-pairing");
    control.ghost(world.company.instanceName, kind satisfies PlayedKind);
    await openRepair(world);
    assert.equal(await tickTogether(world), 1);
    assert.deepEqual(changingCalls(world), [step]);
    // One before the call, one after it.
    assert.equal(calls(world, "fetchBusinessProfile"), 2);
    const samples = calls(world, "connectionState");
    assert.ok(samples >= 100 && samples <= 104, `one look: ${samples} samples`);

    // The connect healed it, the restart did not.
    const more = kind === "A2" ? 1 : 0;
    assert.equal(await tickTogether(world), more);
    assert.equal(calls(world, "fetchBusinessProfile"), 2 + more);
    assert.deepEqual(changingCalls(world), [step]);
  });
}
