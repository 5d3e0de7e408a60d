import assert from "node:assert/strict";
import type { PlayedKind } from "../../dev/tasks/shared/kinds.ts";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import { changingCalls, setPolicy } from "../support/ladder.ts";
import { addMembers, eventKinds, instanceRow, sendToTheEnd, worldTest } from "../support/world.ts";

/** How the scheduler comes by: every ten seconds where it knows seconds, else every minute. */
type Pace = 10 | 60;

/** Time passes with its scheduler, until something is so; returns after how many seconds. */
async function until(
  world: VirtualWorld,
  pace: Pace,
  mostSeconds: number,
  isSo: () => Promise<boolean> | boolean,
): Promise<number> {
  const { clock } = world;
  const started = clock.monotonicMs();
  let next = started;
  while (clock.monotonicMs() - started < mostSeconds * 1_000) {
    if (await isSo()) return (clock.monotonicMs() - started) / 1_000;
    // Where the last tick took longer, this one is late.
    next += pace * 1_000;
    await clock.advance(Math.max(0, next - clock.monotonicMs()));
    if ((next - started) % 60_000 === 0) await world.tick();
    else await world.dueTick();
  }
  throw new Error(`not so within ${mostSeconds} seconds`);
}

const isRepaired = async (world: VirtualWorld, id?: string) =>
  (await eventKinds(world, id)).includes("healed");

/** The number is looked at now and then: nobody writes, nobody is written to. */
async function settled(world: VirtualWorld): Promise<void> {
  await world.sql`update public.whatsapp_instances set last_alive_at = ghost_repair.now()`;
  await world.sql`update ghost_repair.watched_numbers
    set next_look_at = ghost_repair.now() + interval '5 minutes'`;
}

/** Since the first answer that said so, or was none, in seconds. */
function secondsSinceSign(world: VirtualWorld): number {
  const sign = world.gateway.calls.find(({ route, status, ms }) =>
    (route === "fetchBusinessProfile" && status !== 200) ||
    // A half-open socket answers after 60 s, whatever it says.
    (route === "sendText" && (status !== 201 || (ms ?? 0) > 50_000))
  )!;
  const at = sign.at.getTime() + (sign.route === "sendText" ? sign.ms ?? 0 : 0);
  return (world.clock.now().getTime() - at) / 1_000;
}

for (const kind of ["H1", "C1", "A1"] as const satisfies readonly PlayedKind[]) {
  for (const found of ["the watch", "a send"]) {
    for (const [pace, most] of [[10, 75], [60, 135]] as const) {
      worldTest(
        `${kind}, found by ${found}: cured within ${most} s of its first sign, ticks of ${pace} s`,
        async (world) => {
          const { control } = world.gateway;
          const { instanceName } = world.company;
          await setPolicy(world, "keep-pairing");
          await settled(world);
          // It would heal alone: not here.
          control.ghost(instanceName, kind, kind === "A1" ? { noticedAfterMs: 3_600_000 } : {});
          if (found === "a send") await sendToTheEnd(world);
          await until(world, pace, 600, () => isRepaired(world));
          const seconds = secondsSinceSign(world);
          assert.ok(seconds <= most, `${seconds} s`);
          assert.equal((await instanceRow(world))["status"], "connected");
          assert.deepEqual(changingCalls(world), [kind === "A1" ? "restart" : "connect"]);
        },
      );
    }
  }
}

worldTest(
  "WhatsApp away for everybody: no storm, no logout, and all are back by themselves",
  async (world) => {
    const { control } = world.gateway;
    const members = await addMembers(world, 7);
    const all = [world.company, ...members.map(({ company }) => company)];
    await setPolicy(world, "keep-pairing");
    for (const { instanceName } of all) {
      control.ghost(instanceName, "A1", {
        noticedAfterMs: 1_500_000,
      });
    }
    await until(world, 10, 3_600, async () => {
      const [row] = await world.sql<{ alive: number }[]>`
      select count(*)::int as alive from public.whatsapp_instances
      where status = 'connected' and last_alive_at > ghost_repair.now() - interval '6 minutes'`;
      return row!.alive === all.length && world.clock.monotonicMs() > 1_500_000;
    });
    for (const { instanceName } of all) {
      const called = changingCalls(world, instanceName);
      assert.ok(called.length <= 1 && !called.includes("logout"), called.join());
    }
    const [repairs] = await world.sql`select count(*)::int as opened from public.ghost_repairs`;
    assert.ok(repairs!["opened"] <= 3, `${repairs!["opened"]}`);
  },
);

worldTest(
  "a gateway that does not answer is nobody's death, and told each company once",
  async (world) => {
    const { control } = world.gateway;
    const [other] = await addMembers(world, 1);
    control.gatewayDown(true);
    const started = world.clock.monotonicMs();
    await until(world, 10, 3_600, () => world.clock.monotonicMs() - started > 1_200_000);
    const kinds = [
      ...await eventKinds(world),
      ...await eventKinds(world, other!.company.instanceId),
    ];
    assert.deepEqual(kinds.sort(), ["gateway_silent", "needs_operator", "needs_operator"]);
    assert.equal((await instanceRow(world))["status"], "connected");
  },
);
