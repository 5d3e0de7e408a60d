import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { addColleague, assertRefused, clientOf } from "../../support/actions.ts";
import { databaseContent } from "../../support/database-content.ts";
import { calls, sendToTheEnd, worldTest } from "../../support/world.ts";

/** Large enough to stay bytes on its way, and to need room. */
const LARGE = "SGVsbG8gd29ybGQh".repeat(50_000);
const ROUTE = "getBase64FromMediaMessage";

/** A customer sends a file; its row. */
async function receive(world: VirtualWorld, media: object = {}): Promise<string> {
  const { instanceName, customerJid } = world.company;
  const picture = { kind: "image", mimetype: "image/png", base64: "QUJD", ...media } as const;
  world.gateway.control.inbound(instanceName, { from: customerJid, media: picture });
  await world.clock.advance(2_000);
  const [message] = await world.sql<{ id: string }[]>`
    select id from public.messages where not is_from_me order by position desc limit 1`;
  return message!.id;
}

worldTest(
  "what a customer sent comes from the number's gateway, and is not stored",
  async (world) => {
    const messageId = await receive(world);
    const before = await databaseContent(world);
    const agent = clientOf(world, await addColleague(world, "agent"));
    const [row] = await world.sql`select whatsapp_message_id from public.messages`;
    for (const client of [clientOf(world), agent]) {
      assert.deepEqual((await client.getMedia({ messageId })).media, {
        type: "image",
        url: null,
        base64: "QUJD",
        mimetype: "image/png",
        fileName: `${row!["whatsapp_message_id"]}.png`,
      });
    }
    const now = await databaseContent(world);
    assert.deepEqual(now["public.messages"], before["public.messages"]);
    assert.deepEqual([...await world.sql`select from private.message_media`], []);
    assert.equal(calls(world, ROUTE), 2);
  },
);

worldTest("a large file arrives whole, and what its sender called it", async (world) => {
  const messageId = await receive(world, {
    kind: "document",
    mimetype: "application/pdf",
    base64: LARGE,
    fileName: "conta.pdf",
  });
  const { media } = await clientOf(world).getMedia({ messageId });
  assert.deepEqual([media.type, media.mimetype, media.fileName, media.base64 === LARGE], [
    "document",
    "application/pdf",
    "conta.pdf",
    true,
  ]);
});

worldTest("what is kept for a retry comes from here, without the gateway", async (world) => {
  world.gateway.control.ghost(world.company.instanceName, "A2");
  const failed = await sendToTheEnd(world, {
    message: "veja",
    media: { type: "image", base64: LARGE, fileName: "foto.png", mimetype: "image/png" },
  });
  assert.equal(failed["status"], "failed");
  const called = world.gateway.calls.length;
  const { media } = await clientOf(world).getMedia({ messageId: failed["id"] });
  assert.equal(media.base64, LARGE);
  assert.deepEqual([media.url, media.mimetype, media.fileName], [null, "image/png", "foto.png"]);
  assert.equal(world.gateway.calls.length, called);
});

worldTest("what was sent and is kept no more is asked of the gateway", async (world) => {
  const sent = await sendToTheEnd(world, {
    media: { type: "image", base64: LARGE, mimetype: "image/png" },
  });
  assert.deepEqual([...await world.sql`select from private.message_media`], []);
  const { media } = await clientOf(world).getMedia({ messageId: sent["id"] });
  assert.equal(media.base64, LARGE);
});

worldTest("where the gateway stored the file, its address is the answer", async (world) => {
  const messageId = await receive(world);
  const url = "https://s3.example/evolution-api/a.png";
  await world.sql`update public.messages set media_url = ${url}`;
  const client = clientOf(world);
  const { media } = await client.getMedia({ messageId });
  assert.deepEqual([media.url, media.base64], [url, null]);
  assert.equal(calls(world, ROUTE), 0);
  // Addresses expire after a week.
  assert.equal((await client.getMedia({ messageId, asBytes: true })).media.base64, "QUJD");
});

worldTest("a dead socket keeps no file from anybody", async (world) => {
  const messageId = await receive(world);
  world.gateway.control.ghost(world.company.instanceName, "A2");
  assert.equal((await clientOf(world).getMedia({ messageId })).media.base64, "QUJD");
});

worldTest(
  "what WhatsApp has no more is gone, on a version that asks the phone it is not",
  async (world) => {
    const messageId = await receive(world);
    const { control } = world.gateway;
    const client = clientOf(world);
    control.expireFiles();
    await assertRefused(client.getMedia({ messageId }), {
      status: 410,
      code: "MEDIA_GONE",
      retryable: false,
      place: { field: "messageId", reason: "expired" },
    });
    control.setVersion("2.2.3");
    control.ghost(world.company.instanceName, "A2");
    await assertRefused(client.getMedia({ messageId }), {
      status: 409,
      code: "INSTANCE_NOT_CONNECTED",
      retryable: true,
    });
    control.restartProcess();
    await world.clock.advance(10_000);
    assert.equal((await client.getMedia({ messageId })).media.base64, "QUJD");
  },
);

const GIB = { low: 0x4000_0000, high: 0, unsigned: true };

worldTest(
  "a file too large for everybody is refused before the gateway loads it",
  async (world) => {
    const messageId = await receive(world, { kind: "video", mimetype: "video/mp4" });
    const message = { videoMessage: { fileLength: GIB } };
    const records = [{ message, messageTimestamp: Math.floor(world.clock.now().getTime() / 1000) }];
    world.gateway.control.fault("findMessages", {
      status: 200,
      body: { messages: { total: 1, pages: 1, currentPage: 1, records } },
    });
    await assertRefused(clientOf(world).getMedia({ messageId }), {
      status: 413,
      code: "MEDIA_TOO_LARGE",
      place: { field: "messageId" },
    });
    assert.equal(calls(world, ROUTE), 0);
  },
);

worldTest("nor is more read than fits, whatever its sender said of it", async (world) => {
  const messageId = await receive(world, { base64: "A".repeat(26 * 1024 * 1024) });
  world.gateway.control.fault("findMessages", { status: 500, body: OOPS });
  await assertRefused(clientOf(world).getMedia({ messageId }), { code: "MEDIA_TOO_LARGE" });
});

const OOPS = { status: 500, error: "Internal Server Error", response: { message: "oops" } };
const said = (message: string) => ({
  status: 400,
  body: { status: 400, error: "Bad Request", response: { message: [message] } },
});

worldTest("each way in which a gateway has no file is told apart", async (world) => {
  const messageId = await receive(world);
  const { control } = world.gateway;
  const client = clientOf(world);
  const refused = async (like: Readonly<Record<string, unknown>>) => {
    await assertRefused(client.getMedia({ messageId }), like);
    control.clearFaults();
  };
  control.fault(ROUTE, said("Message not found"));
  await refused({ code: "MEDIA_GONE", place: { reason: "unknown_message" } });
  control.fault(ROUTE, said("TypeError: fetch failed"));
  await refused({ status: 502, code: "MEDIA_UNAVAILABLE", retryable: true });
  control.fault(ROUTE, { status: 201, body: { base64: "not base64!", mimetype: "image/png" } });
  await refused({ status: 502, code: "GATEWAY_ERROR" });
  control.fault(ROUTE, "hang");
  await refused({ status: 504, code: "GATEWAY_TIMEOUT", retryable: true });
  control.fault(ROUTE, "cut");
  await refused({ status: 502, code: "GATEWAY_UNREACHABLE", retryable: true });
  control.gatewayDown(true);
  await refused({ status: 502, code: "GATEWAY_UNREACHABLE", retryable: true });
  control.fault("findMessages", { status: 401, body: { ...OOPS, status: 401 } });
  await refused({ status: 502, code: "GATEWAY_UNAUTHORIZED" });
  control.restartProcess({ forgets: [world.company.instanceName] });
  await world.clock.advance(10_000);
  await refused({ code: "INSTANCE_NOT_CONNECTED" });
});

worldTest(
  "a message without a file, or without its number, says so and asks nobody",
  async (world) => {
    const client = clientOf(world);
    const text = await sendToTheEnd(world);
    const messageId = await receive(world);
    const called = world.gateway.calls.length;
    await assertRefused(client.getMedia({ messageId: text["id"] }), {
      status: 409,
      code: "MESSAGE_WITHOUT_MEDIA",
      place: { field: "messageId" },
    });
    await world.sql`delete from private.instance_credentials`;
    await assertRefused(client.getMedia({ messageId }), {
      code: "INSTANCE_WITHOUT_GATEWAY",
      place: { field: "messageId" },
    });
    await world.sql`update public.whatsapp_instances set deleted_at = ghost_repair.now()`;
    const error = await assertRefused(client.getMedia({ messageId }), {
      code: "MEDIA_GONE",
      place: { reason: "number_deleted" },
    });
    assert.match(error.message, /excluído/);
    assert.equal(world.gateway.calls.length, called);
  },
);

worldTest("no log line holds anything of a file", async (world) => {
  const secret = btoa("what nobody may read in a log");
  const messageId = await receive(world, { base64: secret, fileName: "segredo.png" });
  await clientOf(world).getMedia({ messageId });
  const lines = world.logs.map((line) => JSON.stringify(line)).join("\n");
  assert.ok(lines.includes(messageId));
  assert.ok(!lines.includes(secret) && !lines.includes("segredo"));
});
