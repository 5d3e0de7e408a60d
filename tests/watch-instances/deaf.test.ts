import assert from "node:assert/strict";
import type { DeafKind } from "../../dev/evolution/model/deaf-kinds.ts";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import { EVOLUTION_URL } from "../../dev/world/virtual-world.ts";
import { addSilentPair, PARTNER } from "../../dev/tasks/ghosts/silent-pair.ts";
import { callSql } from "../support/database.ts";
import { calls, eventKinds, worldTest } from "../support/world.ts";

/** The scheduler comes by every ten seconds, until the number is no longer on trial or it takes too long. */
async function ticks(world: VirtualWorld, seconds: number, until?: string): Promise<void> {
  for (let second = 0; second < seconds; second += 10) {
    await world.clock.advance(10_000);
    await world.dueTick();
    if (until !== undefined && (await eventKinds(world)).includes(until)) return;
  }
}

async function caseOf({ sql, company }: VirtualWorld) {
  const [row] = await sql<{ hearing: string; state: string }[]>`
    select r.hearing, r.state from public.ghost_repairs r
    where r.instance_id = ${company.instanceId} and r.closed_at is null`;
  return row ?? null;
}

/** What customers wrote, as it is here. */
async function heard({ sql, company }: VirtualWorld): Promise<readonly string[]> {
  return (await sql<{ content: string }[]>`select m.content from public.messages m
    where m.whatsapp_instance_id = ${company.instanceId} and not m.is_from_me order by m.sent_at`)
    .map(({ content }) => content);
}

worldTest("deaf by a held mutex: proven, restarted once, and nothing is lost", async (world) => {
  const { instanceName, customerJid } = world.company;
  const { control } = world.gateway;
  await addSilentPair(world);
  control.deaf(instanceName, "F2a", { forMs: 0 });
  control.inbound(instanceName, { from: customerJid, text: "tem alguém aí?" });
  await ticks(world, 1_200, "healed");
  assert.equal(await caseOf(world), null);
  assert.deepEqual(await eventKinds(world), [
    ...["silence", "hearing", "hearing_step", "hearing_step"],
    ...["connected", "healed"],
  ]);
  assert.deepEqual([calls(world, "restart"), calls(world, "logout")], [1, 0]);
  assert.ok(control.inspect(instanceName).paired);
  assert.deepEqual(await heard(world), ["tem alguém aí?"]);
  // Four of the partner at most, two of the number itself; none of them is anybody's message.
  assert.ok(calls(world, "sendText", PARTNER.name) <= 4);
  assert.ok(calls(world, "sendText") <= 4);
  await ticks(world, 60);
  assert.ok(world.gateway.calls.some(({ route }) => route === "deleteMessageForEveryone"));
});

worldTest("deaf by a blocked queue: no restart, patience, then its process", async (world) => {
  const { instanceName } = world.company;
  const { control } = world.gateway;
  await addSilentPair(world);
  await callSql(
    world.sql,
    "save_restart_agent",
    EVOLUTION_URL,
    "http://agent.test",
    "s".repeat(16),
  );
  control.deaf(instanceName, "F3", { forMs: 0 });
  await ticks(world, 2_000, "restart_requested");
  assert.equal((await caseOf(world))?.state, "restart_requested");
  assert.deepEqual([calls(world, "restart"), calls(world, "logout")], [0, 0]);
  control.restartProcess();
  const [request] = await world.sql`select r.id from ghost_repair.restart_requests r`;
  await callSql(world.sql, "record_restart", request!["id"], { result: "restarted" });
  await ticks(world, 600, "healed");
  assert.equal(await caseOf(world), null);
});

/** What the other kinds come to within half an hour, and the calls that change a session. */
const KINDS: readonly (readonly [kind: DeafKind | null, hearing: string | null, said: string])[] = [
  [null, null, "hears"],
  ["F5", "webhook_mute", "webhook_mute"],
  // The canary's sender answers the retry: it is heard, as every customer is who answers.
  ["F9", null, "hears"],
  // The registry hangs: nobody can write to it, but it can write.
  ["F10", "deaf", "deaf"],
];

for (const [kind, hearing, said] of KINDS) {
  worldTest(
    `${kind ?? "healthy, its own phone off"}: ${hearing ?? "nothing is said"}`,
    async (world) => {
      const { instanceName } = world.company;
      const { control } = world.gateway;
      await addSilentPair(world);
      control.phoneOff(instanceName, true);
      if (kind !== null) control.deaf(instanceName, kind);
      await ticks(world, 600);
      assert.equal((await caseOf(world))?.hearing ?? null, hearing);
      assert.deepEqual([calls(world, "restart"), calls(world, "logout")], [0, 0]);
      const [verdict] = await world.sql`select e.detail ->> 'verdict' as said
        from public.instance_events e where e.kind = 'hearing' order by e.id`;
      assert.equal(verdict?.["said"], said);
      assert.deepEqual(await heard(world), []);
    },
  );
}
