import assert from "node:assert/strict";
import { WEBHOOK_EVENTS } from "../../../supabase/functions/_shared/gateway/webhook-events.ts";
import { SUPABASE_URL } from "../../../dev/world/virtual-world.ts";
import { changingCalls, minutes, repairRow, setPolicy } from "../../support/ladder.ts";
import { eventKinds, instanceRow, sendToTheEnd, worldTest } from "../../support/world.ts";

worldTest(
  "a zombie of 2.3.6 is deleted and made anew where that is allowed, and lives after a scan",
  async (world) => {
    const { clock, gateway: { control }, company: { instanceId, instanceName }, sql } = world;
    await setPolicy(world, "keep-pairing");
    await sql`update ghost_repair.settings set allow_recreate = true`;
    await minutes(world, 1);
    control.ghost(instanceName, "A2");
    await sendToTheEnd(world);
    await minutes(world, 5);
    assert.deepEqual(changingCalls(world), ["restart", "delete", "connect"]);
    assert.equal(world.gateway.calls.filter(({ route }) => route === "create").length, 1);
    assert.equal((await repairRow(world)).outcome, "recreated");
    assert.equal((await instanceRow(world))["status"], "awaiting_qr");
    const kinds = await eventKinds(world);
    assert.ok(kinds.includes("recreating") && kinds.includes("recreated"), kinds.join());
    assert.ok(!kinds.includes("needs_operator"), kinds.join());
    const { webhook } = control.instance(instanceName);
    assert.deepEqual(
      [webhook?.url, webhook?.events, webhook?.headers],
      [
        `${SUPABASE_URL}/functions/v1/evolution-webhook/${instanceId}`,
        [...WEBHOOK_EVENTS],
        { jwt_key: world.company.webhookSecret },
      ],
    );

    const [qr] = await sql`select code from private.instance_qr_codes`;
    assert.ok(
      control.scan(instanceName, { code: qr!["code"], phone: world.company.phone }).accepted,
    );
    await clock.advance(5_000);
    assert.equal((await instanceRow(world))["status"], "connected");
    const after = control.inbound(instanceName, { from: "5511977776666", text: "oi" });
    await clock.advance(1_000);
    assert.equal((await sendToTheEnd(world))["status"], "sent");
    const stored = await sql`select whatsapp_message_id as id from public.messages
      where status = 'received'`;
    assert.ok(stored.some(({ id }) => id === after.id));
  },
  { simulator: { version: "2.3.6" } },
);
