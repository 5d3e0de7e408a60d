import assert from "node:assert/strict";
import postgres from "postgres";
import type { PlayedKind } from "../../../dev/tasks/shared/kinds.ts";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { setPolicy } from "../../support/ladder.ts";
import { beginSend, worldTest } from "../../support/world.ts";

/** The status that users see, and whether the socket was asked in vain since it last answered. */
async function watch(world: VirtualWorld, minutes: number, every: (minute: number) => void) {
  const { clock, company } = world;
  // Past the clock that ages the rows: a look costs no more than its query.
  const sql = postgres(world.databaseUrl, { max: 1, onnotice: () => {} });
  const violations: string[] = [];
  let looks = 0;
  try {
    const started = clock.monotonicMs();
    let work: Promise<unknown> = Promise.resolve();
    for (let second = 1; second <= minutes * 60; second++) {
      await clock.advance(started + second * 1_000 - clock.monotonicMs());
      const [row] = await sql<{ status: string; confirming: boolean }[]>`
        select i.status, exists (
          select from ghost_repair.claims c
          where c.instance_id = i.id and c.finished_at is null and c.expires_at > ghost_repair.now()
        ) as confirming
        from public.whatsapp_instances i where i.id = ${company.instanceId}`;
      const probe = world.gateway.calls.findLast((call) =>
        call.route === "fetchBusinessProfile" && call.status !== null
      );
      looks++;
      // While a failed send is being confirmed, nothing is known yet.
      if (row!.status === "connected" && !row!.confirming && (probe?.status ?? 200) !== 200) {
        violations.push(`second ${second}`);
      }
      if (second % 60 === 0) {
        every(second / 60);
        await work;
        work = world.beginTick();
        work.catch(() => {});
        if (second % 180 === 0) await beginSend(world);
      }
    }
    await clock.until(work);
    await world.settle();
  } finally {
    await sql.end();
  }
  assert.equal(looks, minutes * 60);
  return violations;
}

for (const [kind, policy] of [["A2", "logout-first"], ["B1", "keep-pairing"]] as const) {
  worldTest(
    `${kind}: in a long run nobody ever sees connected on a number whose last probe failed`,
    async (world) => {
      const { control } = world.gateway;
      await setPolicy(world, policy);
      control.ghost(world.company.instanceName, kind satisfies PlayedKind);
      await beginSend(world);
      const violations = await watch(world, 16, (minute) => {
        if (minute !== 13) return;
        control.whatsapp({ reachable: true });
        control.restartProcess();
      });
      assert.deepEqual(violations, []);
      const [row] = await world.sql`select status from public.whatsapp_instances`;
      assert.equal(row?.["status"], "connected");
    },
    { simulator: { reconnectLoopMs: 8_000 } },
  );
}
