import assert from "node:assert/strict";
import {
  createOperatorInbox,
  type OperatorInbox,
} from "../../../dev/tasks/ghosts/operator-inbox.ts";
import { minutes, openRepair, repairRow } from "../../support/ladder.ts";
import { eventKinds, instanceRow, worldTest } from "../../support/world.ts";

async function verify({ headers, body }: OperatorInbox["calls"][number]): Promise<boolean> {
  const [version, mac] = headers.get("webhook-signature")!.split(",");
  const decode = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const key = await crypto.subtle.importKey(
    "raw",
    decode("b3BlcmF0b3ItaG9vay1zZWNyZXQtMDAwMQ=="),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const signed = `${headers.get("webhook-id")}.${headers.get("webhook-timestamp")}.${body}`;
  const text = new TextEncoder().encode(signed);
  return version === "v1" && await crypto.subtle.verify("HMAC", key, decode(mac!), text);
}

const told = createOperatorInbox();
worldTest(
  "the operator is told once, signed, without number or key, and the number heals when the process is restarted",
  async (world) => {
    const { company } = world;
    world.gateway.control.ghost(company.instanceName, "A2");
    await openRepair(world);
    await minutes(world, 2);
    assert.equal((await repairRow(world)).state, "needs_operator");
    assert.equal(told.calls.length, 1);
    const [call] = told.calls as [OperatorInbox["calls"][number]];
    assert.ok(await verify(call));
    const { data } = JSON.parse(call.body);
    assert.deepEqual(
      [data.instanceId, data.reason, data.tried],
      [company.instanceId, "steps_used_up", ["logout", "restart"]],
    );
    assert.match(data.message.en, /^"Atendimento" has been without WhatsApp since 20/);
    for (const secret of [company.phone, "evolution-global-key", company.webhookSecret]) {
      assert.ok(!call.body.includes(secret));
    }

    await minutes(world, 11);
    assert.equal(told.calls.length, 1);
    const [notice] = await world.sql`
      select attempts, last_outcome from ghost_repair.operator_notices where sent_at is not null`;
    assert.deepEqual(notice, { attempts: 1, last_outcome: "accepted" });
    assert.equal((await eventKinds(world)).filter((kind) => kind === "needs_operator").length, 1);

    // Not even the webhook tells: the probe, every five minutes, does.
    world.gateway.control.webhooks({ drop: true });
    world.gateway.control.restartProcess();
    await minutes(world, 6);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.equal((await repairRow(world)).outcome, "healed");
  },
  { environment: { operatorHook: told.hook }, aroundGateway: told.aroundGateway },
);
