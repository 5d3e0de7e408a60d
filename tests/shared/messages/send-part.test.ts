import assert from "node:assert/strict";
import type { MessagePart } from "../../../supabase/functions/_shared/contracts/rows.ts";
import type { Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { sendPart } from "../../../supabase/functions/_shared/messages/send-messages.ts";

const TEXT: MessagePart = {
  id: "0b0e7c1e-0000-4000-8000-000000000001",
  type: "text",
  content: "oi",
  mediaUrl: null,
  base64: null,
  mimetype: null,
  fileName: null,
  caption: null,
};

/** Sends a part to a chat; returns which call was made, and with what. */
async function sent(part: Partial<MessagePart>, remoteJid: string): Promise<unknown> {
  const made: unknown[] = [];
  const call = (name: string) => (message: unknown) => {
    made.push([name, message]);
    return Promise.resolve(
      { outcome: "sent", ms: 1, whatsappMessageId: null, status: null } as const,
    );
  };
  const gateway = {
    sendText: call("text"),
    sendMedia: call("media"),
    sendAudio: call("audio"),
  } as Partial<Gateway> as Gateway;
  await sendPart(gateway, { ...TEXT, ...part }, {
    remote_jid: remoteJid,
    quoted_whatsapp_message_id: null,
  });
  assert.equal(made.length, 1);
  return made[0];
}

for (
  const [remoteJid, number] of [
    ["5511977776666@s.whatsapp.net", "5511977776666"],
    ["120363041234567890@g.us", "120363041234567890@g.us"],
    ["99988877766655@lid", "99988877766655@lid"],
  ] as const
) {
  Deno.test(`${remoteJid} is written to as ${number}`, async () => {
    assert.deepEqual(await sent({}, remoteJid), ["text", { number, text: "oi" }]);
  });
}

Deno.test("bytes go before an address, and a voice message has an endpoint of its own", async () => {
  const media = { content: null, base64: "AAAA", mediaUrl: "https://cdn.example/a" };
  const number = "1@lid";
  assert.deepEqual(await sent({ ...media, type: "audio" }, number), [
    "audio",
    { number, audio: "AAAA" },
  ]);
  assert.deepEqual(await sent({ ...media, type: "image", caption: "veja" }, number), [
    "media",
    { number, mediatype: "image", media: "AAAA", caption: "veja" },
  ]);
});
