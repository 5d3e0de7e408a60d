import assert from "node:assert/strict";
import {
  type MessageContent,
  readContent,
} from "../../../supabase/functions/_shared/messages/message-content.ts";

const nothing: MessageContent = {
  type: "text",
  content: null,
  mediaUrl: null,
  mediaMimeType: null,
  fileName: null,
  caption: null,
};
const text = (content: string) => ({ content });

const photo = { mimetype: "image/jpeg", caption: "foto", url: "https://mmg.whatsapp.net/x.enc" };
const paper = { mimetype: "application/pdf", fileName: "nota.pdf", title: "nota" };

const table: readonly (readonly [string, unknown, Partial<MessageContent> | null])[] = [
  ["a text", { conversation: "oi" }, text("oi")],
  ["a text with a preview", { extendedTextMessage: { text: "https://x.y" } }, text("https://x.y")],
  [
    "a text beside its technical context",
    { messageContextInfo: { deviceListMetadata: {} }, conversation: "oi" },
    text("oi"),
  ],
  [
    "the first text in a group, which carries a key",
    { senderKeyDistributionMessage: { groupId: "g" }, conversation: "oi" },
    text("oi"),
  ],
  [
    "a pressed button",
    { buttonsResponseMessage: { selectedDisplayText: "Sim", selectedButtonId: "1" } },
    text("Sim"),
  ],
  [
    "a pressed template button",
    { templateButtonReplyMessage: { selectedDisplayText: "Não" } },
    text("Não"),
  ],
  ["a choice from a list", { listResponseMessage: { title: "Item 2" } }, text("Item 2")],
  ["a picture", { imageMessage: photo }, {
    type: "image",
    mediaMimeType: "image/jpeg",
    caption: "foto",
  }],
  [
    "a picture of which the gateway keeps a copy",
    { imageMessage: photo, mediaUrl: "https://minio.example/evolution/x.jpg" },
    {
      type: "image",
      mediaUrl: "https://minio.example/evolution/x.jpg",
      mediaMimeType: "image/jpeg",
      caption: "foto",
    },
  ],
  [
    "a picture with an address that is none",
    { imageMessage: photo, mediaUrl: "javascript:alert(1)" },
    { type: "image", mediaMimeType: "image/jpeg", caption: "foto" },
  ],
  ["a video", { videoMessage: { mimetype: "video/mp4" } }, {
    type: "video",
    mediaMimeType: "video/mp4",
  }],
  ["a round video", { ptvMessage: {} }, { type: "video" }],
  ["a voice message", { audioMessage: { mimetype: "audio/ogg; codecs=opus", ptt: true } }, {
    type: "audio",
    mediaMimeType: "audio/ogg; codecs=opus",
  }],
  ["a document", { documentMessage: paper }, {
    type: "document",
    mediaMimeType: "application/pdf",
    fileName: "nota.pdf",
  }],
  ["a document with a title only", { documentMessage: { title: "nota" } }, {
    type: "document",
    fileName: "nota",
  }],
  [
    "a document with a caption",
    { documentWithCaptionMessage: { message: { documentMessage: { ...paper, caption: "veja" } } } },
    { type: "document", mediaMimeType: "application/pdf", fileName: "nota.pdf", caption: "veja" },
  ],
  [
    "a disappearing text",
    { ephemeralMessage: { message: { extendedTextMessage: { text: "oi" } } } },
    text("oi"),
  ],
  [
    "a picture to be seen once, sent from another device",
    { deviceSentMessage: { message: { viewOnceMessageV2: { message: { imageMessage: photo } } } } },
    { type: "image", mediaMimeType: "image/jpeg", caption: "foto" },
  ],
  ["an empty view-once", { viewOnceMessageV2: {} }, text("[viewOnce]")],
  ["a sticker", { stickerMessage: { isAnimated: true } }, text("[sticker]")],
  ["a place", { locationMessage: { degreesLatitude: -23.5 } }, text("[location]")],
  ["a poll", { pollCreationMessageV3: { name: "?" } }, text("[pollCreation]")],
  ["a text of a wrong type", { conversation: 5 }, text("[conversation]")],
  ["a picture of a wrong type", { imageMessage: "x" }, { type: "image" }],
  ["a text that PostgreSQL cannot store", { conversation: "a\u0000b\ud800" }, text("ab\ufffd")],
  ["a reaction", { reactionMessage: { text: "👍" } }, null],
  ["an edit", { editedMessage: { message: { protocolMessage: {} } } }, null],
  ["a deletion", { protocolMessage: { type: "REVOKE" } }, null],
  ["a key exchange", { senderKeyDistributionMessage: { groupId: "g" } }, null],
  ["a vote", { pollUpdateMessage: {} }, null],
  ["the cover of an album", { albumMessage: { expectedImageCount: 2 } }, null],
  ["an empty text", { conversation: "" }, null],
  ["technical context alone", { messageContextInfo: {} }, null],
  ["no message", null, null],
  ["a missing message", undefined, null],
  ["a list", [], null],
];

for (const [what, message, expected] of table) {
  const stored = expected === null ? "is not stored" : `is stored as ${expected.type ?? "text"}`;
  const content = expected === null ? null : { ...nothing, ...expected };
  Deno.test(`${what} ${stored}`, () => assert.deepEqual(readContent(message), content));
}

Deno.test("wrappers without end are not followed for ever", () => {
  let message: unknown = { conversation: "oi" };
  for (let depth = 0; depth < 50; depth++) message = { ephemeralMessage: { message } };
  assert.equal(readContent(message)?.content, "[ephemeral]");
});
