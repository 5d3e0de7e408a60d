import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { calls, messageRow, sendText, sendToTheEnd, worldTest } from "../../support/world.ts";

const BASE64 = "SGVsbG8gd29ybGQh";
const TYPES = ["image", "video", "audio", "document"] as const;

function delivered(world: VirtualWorld) {
  return world.gateway.control.delivered(world.company.instanceName).map((message) => ({
    kind: message.kind,
    content: message.content,
    media: message.media,
  }));
}

/** How many files wait in the database. */
async function stored(world: VirtualWorld): Promise<readonly string[]> {
  const rows = await world.sql<{ base64: string }[]>`select base64 from private.message_media`;
  return rows.map((row) => row.base64);
}

worldTest("each kind of media goes out by URL, and its row says what it was", async (world) => {
  for (const type of TYPES) {
    const url = `https://cdn.example/files/${type}.bin?sig=1`;
    const media = { type, url, mimetype: "application/x-test", fileName: `${type}.bin` };
    const row = await sendToTheEnd(world, { message: undefined, media });
    assert.partialDeepStrictEqual(row, {
      message_type: type,
      media_url: url,
      media_mime_type: "application/x-test",
      file_name: `${type}.bin`,
      content: null,
      status: "sent",
      part: 0,
    });
  }
  assert.deepEqual(
    delivered(world),
    TYPES.map((kind) => ({
      kind,
      content: "",
      media: `https://cdn.example/files/${kind}.bin?sig=1`,
    })),
  );
  assert.equal(calls(world, "sendMedia"), 3);
  assert.equal(calls(world, "sendWhatsAppAudio"), 1);
});

worldTest(
  "each kind of media goes out as base64, which is dropped once it has left",
  async (world) => {
    for (const type of TYPES) {
      const media = { type, base64: `data:application/x-test;base64,${BASE64}` };
      const answer = await sendText(world, { message: undefined, media });
      assert.deepEqual(await stored(world), [BASE64]);
      await world.settle();
      assert.partialDeepStrictEqual(await messageRow(world, answer.body["messageId"]), {
        message_type: type,
        media_url: null,
        media_mime_type: "application/x-test",
        status: "sent",
      });
      assert.deepEqual(await stored(world), []);
    }
    assert.deepEqual(
      delivered(world),
      TYPES.map((kind) => ({ kind, content: "", media: `base64, ${BASE64.length} characters` })),
    );
  },
);

worldTest("media inside the text goes out in the order of the text", async (world) => {
  const message = [
    "Segue o contrato",
    "[DOCUMENT]https://cdn.example/Contrato%20maio.pdf",
    "Contrato de maio",
    "e a foto",
    "[IMAGE]https://cdn.example/foto.jpg",
    "",
    "[AUDIO]https://cdn.example/voz.ogg",
    "escute",
    "[VIDEO]https://cdn.example/v.mp4",
  ].join("\n");
  const answer = await sendText(world, { message });
  await world.settle();

  assert.deepEqual(delivered(world), [
    { kind: "text", content: "Segue o contrato", media: null },
    {
      kind: "document",
      content: "Contrato de maio",
      media: "https://cdn.example/Contrato%20maio.pdf",
    },
    { kind: "text", content: "e a foto", media: null },
    { kind: "image", content: "", media: "https://cdn.example/foto.jpg" },
    { kind: "audio", content: "", media: "https://cdn.example/voz.ogg" },
    { kind: "text", content: "escute", media: null },
    { kind: "video", content: "", media: "https://cdn.example/v.mp4" },
  ]);
  const rows = await world.sql<{ id: string; message_type: string; status: string }[]>`
    select id, message_type, status from public.messages order by part`;
  assert.deepEqual(rows.map((row) => row.id), answer.body["messageIds"]);
  assert.equal(rows[0]?.id, answer.body["messageId"]);
  assert.deepEqual(
    rows.map((row) => `${row.message_type} ${row.status}`),
    ["text", "document", "text", "image", "audio", "text", "video"].map((type) => `${type} sent`),
  );
  const [contract] = await world.sql`
    select file_name, caption from public.messages where message_type = 'document'`;
  assert.deepEqual(contract, { file_name: "Contrato maio.pdf", caption: "Contrato de maio" });
});
