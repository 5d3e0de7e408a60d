import assert from "node:assert/strict";
import { databaseContent } from "../../support/database-content.ts";
import { addMembers, sendText, sendToTheEnd, worldTest } from "../../support/world.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const NEW_CONTACT = { conversationId: undefined, remoteJid: "5511955554444" };

worldTest("whatever a send is refused with, nothing is stored", async (world) => {
  const [other] = await addMembers(world, 1);
  const { company: { instanceId, organizationId }, sql } = world;
  const sent = await sendToTheEnd(world);
  const id = async (query: PromiseLike<readonly { id: string }[]>) => (await query)[0]!.id;
  const bare = await id(sql<{ id: string }[]>`
    insert into public.whatsapp_instances (organization_id, instance_name, status)
    values (${organizationId}, 'sem-servidor', 'connected') returning id`);
  const orphan = await id(sql<{ id: string }[]>`
    insert into public.conversations (organization_id, remote_jid)
    values (${organizationId}, '5511944443333@s.whatsapp.net') returning id`);
  await world.clock.advance(5_000);

  const refusals: readonly (readonly [code: string, body: Readonly<Record<string, unknown>>])[] = [
    ["INVALID_REQUEST", { ...NEW_CONTACT, instanceId, message: "" }],
    ["INVALID_REQUEST", {
      ...NEW_CONTACT,
      instanceId,
      media: { type: "image", url: "http://cdn.example/a.jpg" },
    }],
    ["CONVERSATION_WITHOUT_INSTANCE", { conversationId: orphan }],
    ["INSTANCE_MISMATCH", { instanceId: bare }],
    ["INSTANCE_NOT_FOUND", { ...NEW_CONTACT, instanceId: NOBODY }],
    ["INSTANCE_NOT_FOUND", { ...NEW_CONTACT, instanceId: other!.company.instanceId }],
    ["INSTANCE_WITHOUT_GATEWAY", { ...NEW_CONTACT, instanceId: bare }],
    ["REPLY_NOT_FOUND", { ...NEW_CONTACT, instanceId, replyToMessageId: sent["id"] }],
    ["MESSAGE_ID_TAKEN", { ...NEW_CONTACT, instanceId, clientMessageId: sent["id"] }],
  ];
  const before = await databaseContent(world);
  const calls = world.gateway.calls.length;
  for (const [code, body] of refusals) {
    const { body: { errorCode } } = await sendText(world, body);
    assert.equal(errorCode, code, JSON.stringify(body));
    await world.settle();
    assert.deepEqual(await databaseContent(world), before, code);
  }
  assert.equal(world.gateway.calls.length, calls);
});
