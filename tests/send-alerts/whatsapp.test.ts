import assert from "node:assert/strict";
import { callSql } from "../support/database.ts";
import { calls, worldTest } from "../support/world.ts";

const ON_CALL = "5511900000009";

worldTest(
  "an alert by WhatsApp is nobody's message, also for the daily comparison",
  async (world) => {
    const { sql, company, gateway, clock } = world;
    const { channel } = await callSql<{ channel: { id: string } }>(
      sql,
      "save_alert_channel",
      company.userId,
      { organization_id: company.organizationId, kind: "whatsapp", name: "x", target: ON_CALL },
    );
    await callSql(sql, "test_alert_channel", company.userId, channel.id);
    await world.tick();
    await clock.advance(5_000);
    assert.equal(calls(world, "sendText"), 1);
    await sql`update ghost_repair.hearing set next_check_at = ghost_repair.now()`;
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(60_000);
      await world.tick();
    }
    assert.ok(calls(world, "findMessages") > 0, "it is compared");
    const known = async () =>
      (await sql`select from public.conversations where remote_jid like ${ON_CALL + "%"}`).length;
    assert.equal(await known(), 0);
    // Whoever is on call writes back.
    gateway.control.inbound(company.instanceName, { from: ON_CALL, text: "já vi" });
    await clock.advance(5_000);
    assert.equal(await known(), 1);
  },
);
