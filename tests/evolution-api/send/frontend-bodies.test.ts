import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { messageRow, sendToTheEnd, worldTest } from "../../support/world.ts";

const PICTURE = "https://cdn.example/a.jpg";

function delivered(world: VirtualWorld) {
  return world.gateway.control.delivered(world.company.instanceName)
    .map(({ kind, content, media }) => ({ kind, content, media }));
}

/** Sends exactly this body, and waits until nothing works in the background. */
async function post(world: VirtualWorld, body: Readonly<Record<string, unknown>>) {
  const answer = await world.call("evolution-api", body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await world.settle();
  return await messageRow(world, answer.body["messageId"]);
}

const OPTIONAL = [
  ...["instanceId", "remoteJid", "media", "clientMessageId"],
  ...["replyToMessageId", "replyToWhatsAppMessageId"],
];
const every = (nothing: unknown) => Object.fromEntries(OPTIONAL.map((field) => [field, nothing]));

worldTest("a plain text as frontends send it reaches the gateway", async (world) => {
  const bodies = [
    { replyToMessageId: null, replyToWhatsAppMessageId: null, isPontual: false },
    every(null),
    every(""),
  ];
  for (const body of bodies) {
    const row = await post(world, {
      action: "send_message_async",
      conversationId: world.company.conversationId,
      message: "Bom dia!",
      ...body,
    });
    assert.partialDeepStrictEqual(row, {
      status: "sent",
      content: "Bom dia!",
      reply_to_message_id: null,
      quoted_whatsapp_message_id: null,
    });
  }
  const text = { kind: "text", content: "Bom dia!", media: null };
  assert.deepEqual(delivered(world), bodies.map(() => text));
});

worldTest("media goes out by send_media_async and by send_message_async alike", async (world) => {
  const { conversationId } = world.company;
  for (const action of ["send_media_async", "send_message_async"]) {
    const row = await post(world, {
      action,
      conversationId,
      message: null,
      media: {
        type: "image",
        url: PICTURE,
        base64: null,
        mimetype: "",
        fileName: null,
        caption: "veja",
      },
    });
    assert.partialDeepStrictEqual(row, { status: "sent", message_type: "image", caption: "veja" });
  }
  const picture = { kind: "image", content: "veja", media: PICTURE };
  assert.deepEqual(delivered(world), [picture, picture]);
});

worldTest("a reply to a message that never left goes out without a quote", async (world) => {
  world.gateway.control.ghost(world.company.instanceName, "A2");
  const failed = await sendToTheEnd(world);
  assert.partialDeepStrictEqual(failed, { status: "failed", whatsapp_message_id: null });
  world.gateway.control.createPaired({ name: "outro", phone: "5511900001111" });
  await world.sql`update public.whatsapp_instances set instance_name = 'outro'
    where id = ${world.company.instanceId}`;

  for (const replyToWhatsAppMessageId of [null, ""]) {
    const row = await post(world, {
      action: "send_message_async",
      conversationId: world.company.conversationId,
      message: "de novo",
      replyToMessageId: failed["id"],
      replyToWhatsAppMessageId,
    });
    assert.partialDeepStrictEqual(row, {
      status: "sent",
      reply_to_message_id: failed["id"],
      quoted_whatsapp_message_id: null,
    });
  }
  assert.equal(world.gateway.control.delivered("outro").length, 2);
});
