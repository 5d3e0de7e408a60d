import assert from "node:assert/strict";
import { createRestartAgent } from "../../../dev/world/restart-agent.ts";
import {
  changingCalls,
  openRepair,
  repairRow,
  setPolicy,
  withoutProbes,
} from "../../support/ladder.ts";
import { addMembers, eventKinds, instanceRow, worldTest } from "../../support/world.ts";

const agent = createRestartAgent();

worldTest(
  "a zombie is cured by its gateway's agent: nobody is asked, and the others lose no message",
  async (world) => {
    const { clock, gateway: { control }, company } = world;
    await agent.join(world);
    await setPolicy(world, "keep-pairing");
    await withoutProbes(world);
    const others = await addMembers(world, 3);
    control.ghost(company.instanceName, "A2");
    await openRepair(world);

    const sent: string[] = [];
    let healed = false;
    for (let second = 0; second < 180 && !healed; second += 10) {
      for (const { company: { instanceName } } of others) {
        const from = "5511977776666";
        sent.push(control.inbound(instanceName, { from, text: `oi ${sent.length}` }).id);
      }
      await clock.advance(10_000);
      await world.dueTick();
      healed = (await repairRow(world)).outcome === "healed";
    }
    assert.ok(healed, JSON.stringify(await repairRow(world)));
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.deepEqual(changingCalls(world), ["restart"]);
    assert.equal(agent.restarts.length, 1);
    const kinds = await eventKinds(world);
    assert.ok(kinds.includes("restart_requested") && kinds.includes("process_restarted"));
    assert.ok(!kinds.includes("needs_operator"));

    await clock.advance(5_000);
    const stored = await world.sql`
      select whatsapp_message_id as id from public.messages where status = 'received'`;
    assert.deepEqual(stored.map(({ id }) => id).sort(), sent.sort());
    for (const { company: { instanceId, instanceName } } of others) {
      assert.equal((await instanceRow(world, instanceId))["status"], "connected");
      assert.equal(control.inspect(instanceName).paired, true);
    }
    const [log] = agent.logs;
    assert.deepEqual([log!["result"], log!["reason"]], ["restarted", "steps_used_up"]);
  },
  { aroundGateway: agent.aroundGateway },
);
