import assert from "node:assert/strict";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import { eventKinds, instanceRow, worldTest } from "../support/world.ts";

async function received(world: VirtualWorld) {
  return await world.sql`
    select c.remote_jid, c.contact_name, m.is_from_me, m.message_type, m.content, m.caption,
      m.media_mime_type, m.file_name, m.status
    from public.messages m join public.conversations c on c.id = m.conversation_id
    order by m.created_at`;
}

worldTest("text and pictures come in, from a new customer and from the phone", async (world) => {
  const { control } = world.gateway;
  const name = world.company.instanceName;
  const from = "5511977776666";
  const jid = `${from}@s.whatsapp.net`;
  const say = async (message: Parameters<typeof control.inbound>[1]) => {
    assert.equal(control.inbound(name, message).fate, "delivered");
    await world.clock.advance(1_000);
  };
  await say({ from, text: "oi, tudo bem?", pushName: "Bia" });
  await say({ from, media: { kind: "image", caption: "a foto" }, pushName: "Bia" });
  await say({ from, text: "respondi do celular", fromMe: true });
  await say({ from, media: { kind: "document", fileName: "nota.pdf" }, fromMe: true });

  const row = { remote_jid: jid, contact_name: "Bia", content: null, caption: null };
  const text = { ...row, message_type: "text", media_mime_type: null, file_name: null };
  const came = { is_from_me: false, status: "received" };
  const left = { is_from_me: true, status: "sent" };
  const jpeg = { message_type: "image", media_mime_type: "image/jpeg", file_name: null };
  const pdf = { message_type: "document", media_mime_type: "application/pdf" };
  assert.deepEqual([...await received(world)], [
    { ...text, ...came, content: "oi, tudo bem?" },
    { ...row, ...jpeg, ...came, caption: "a foto" },
    { ...text, ...left, content: "respondi do celular" },
    { ...row, ...pdf, ...left, file_name: "nota.pdf" },
  ]);
  assert.notEqual((await instanceRow(world))["last_received_at"], null);
  assert.deepEqual(await eventKinds(world), []);
});
