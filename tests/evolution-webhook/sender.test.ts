import assert from "node:assert/strict";
import { webhookToken } from "../../dev/evolution/webhooks/setting.ts";
import { addMembers, instanceRow, worldTest } from "../support/world.ts";
import { connectionUpdate, postWebhook, webhookBody } from "../support/webhooks.ts";

const MINUTE = 60_000;

worldTest("the body's instance is not believed: the row is the address's", async (world) => {
  const [other] = await addMembers(world, 1);
  const body = connectionUpdate(world, "close");
  await postWebhook(world, { ...body, instance: other!.company.instanceName });
  assert.equal((await instanceRow(world))["status"], "disconnected");
  assert.equal((await instanceRow(world, other!.company.instanceId))["status"], "connected");
});

worldTest(
  "what is tried again after its token's end is stored, once, and another number's never",
  async (world) => {
    const { company, clock } = world;
    const [other] = await addMembers(world, 1);
    const bearer = webhookToken(company.webhookSecret, clock.now());
    const body = webhookBody(world, "messages.upsert", {
      key: { remoteJid: company.customerJid, fromMe: false, id: "LATE" },
      message: { conversation: "alguém aí?" },
      messageTimestamp: Math.floor(clock.now().getTime() / 1000),
    });
    const stranger = { bearer, path: `/${other!.company.instanceId}` };
    for (const [minutes, result] of [[20, "stored"], [5, "ignored"], [9, "ignored"]] as const) {
      await clock.advance(minutes * MINUTE);
      assert.equal((await postWebhook(world, body, stranger)).status, 401);
      const answer = await postWebhook(world, body, { bearer });
      assert.deepEqual([answer.status, answer.body["result"]], [200, result]);
    }
    await clock.advance(3 * MINUTE);
    assert.equal((await postWebhook(world, body, { bearer })).status, 401);
    const stored = await world.sql`select content, status from public.messages`;
    assert.deepEqual([...stored], [{ content: "alguém aí?", status: "received" }]);
  },
);
