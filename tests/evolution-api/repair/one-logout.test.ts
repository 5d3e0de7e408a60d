import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { timesOf } from "../../support/repair-calls.ts";
import { beginSend, calls, instanceRow, sendToTheEnd, worldTest } from "../../support/world.ts";

const WAVE = 20;

/** Sends to as many people at the same moment, waits for every end, and counts the ends. */
async function wave(world: VirtualWorld): Promise<Record<string, number>> {
  const sends = Array.from(
    { length: WAVE },
    (_, index) =>
      beginSend(world, {
        conversationId: undefined,
        instanceId: world.company.instanceId,
        remoteJid: `55119777700${10 + index}`,
        message: `oi ${index}`,
      }),
  );
  const answers = await world.clock.until(Promise.all(sends));
  assert.deepEqual(answers.map((answer) => answer.status), Array(WAVE).fill(200));
  await world.settle();
  const ids = answers.map((answer) => String(answer.body["messageId"]));
  const ends = await world.sql<{ ended: string; count: number }[]>`
    select concat_ws(' ', status, error_code) as ended, count(*)::int as count
    from public.messages where id = any(${ids}::uuid[]) group by 1`;
  return Object.fromEntries(ends.map(({ ended, count }) => [ended, count]));
}

const count = ({ sql, company }: VirtualWorld, kind: string) =>
  timesOf(sql, company.instanceId, kind);

worldTest(
  "twenty sends that find the session dead log it out once in two minutes",
  async (world) => {
    const { control } = world.gateway;
    const { instanceName: name } = world.company;
    await sendToTheEnd(world);
    control.ghost(name, "A2");

    assert.deepEqual(await wave(world), { "failed connection_closed": WAVE });
    assert.equal(calls(world, "sendText"), WAVE + 1);
    assert.equal(calls(world, "logout"), 1);
    assert.equal(control.delivered(name).length, 1);
    assert.equal(await count(world, "marked_disconnected"), 1);
    assert.equal(await count(world, "repair_skipped"), WAVE - 1);
    assert.equal((await instanceRow(world))["status"], "disconnected");

    await world.clock.advance(60_000);
    assert.deepEqual(await wave(world), { "failed connection_closed": WAVE });
    assert.equal(calls(world, "logout"), 1);
    assert.equal(await count(world, "marked_disconnected"), 1);
    assert.equal(await count(world, "repair_skipped"), 2 * WAVE - 1);

    await world.clock.advance(65_000);
    assert.deepEqual(await wave(world), { "failed connection_closed": WAVE });
    assert.equal(calls(world, "logout"), 2);
    assert.equal(await count(world, "marked_disconnected"), 2);
    assert.equal(control.delivered(name).length, 1);
  },
);

worldTest("twenty sends into a half-open socket log it out once", async (world) => {
  const { control } = world.gateway;
  // Whom the gateway knows already: to others a half-open socket answers differently.
  await wave(world);
  control.ghost(world.company.instanceName, "A1", { selfHeals: false });

  assert.deepEqual(await wave(world), { "failed connection_closed": WAVE });
  assert.equal(calls(world, "logout"), 1);
  assert.equal(await count(world, "marked_disconnected"), 1);
  assert.equal(control.inspect(world.company.instanceName).registry, "close");
});
