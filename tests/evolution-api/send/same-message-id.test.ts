import assert from "node:assert/strict";
import { beginSend, calls, sendText, worldTest } from "../../support/world.ts";

const AT_ONCE = 20;

worldTest(
  "one message id twenty times at once is one row and one send; the others learn of it",
  async (world) => {
    const clientMessageId = crypto.randomUUID();
    const answers = await world.clock.until(
      Promise.all(Array.from({ length: AT_ONCE }, () => beginSend(world, { clientMessageId }))),
    );
    await world.settle();

    const first = {
      success: true,
      messageId: clientMessageId,
      conversationId: world.company.conversationId,
      async: true,
    };
    const queued = answers.filter(({ body }) => body["duplicate"] === undefined);
    assert.deepEqual(queued.map(({ body }) => body), [
      { ...first, message: "Message queued for sending" },
    ]);
    const known = (status: string) => ({
      ...first,
      message: "Message was taken before",
      duplicate: true,
      status,
      parts: [{ messageId: clientMessageId, status, errorCode: null }],
    });
    for (const { status, body } of answers) {
      assert.equal(status, 200);
      if (body["duplicate"]) assert.deepEqual(body, known("sending"));
    }
    const rows = await world.sql`select id, status from public.messages`;
    assert.deepEqual([...rows], [{ id: clientMessageId, status: "sent" }]);
    assert.equal(calls(world, "sendText"), 1);
    assert.equal(world.gateway.control.delivered(world.company.instanceName).length, 1);

    await world.clock.advance(3_600_000 / 2);
    assert.deepEqual((await sendText(world, { clientMessageId })).body, known("delivered"));
    await world.settle();
    assert.equal(calls(world, "sendText"), 1);
  },
);

worldTest("a message that failed is not sent again by its own id", async (world) => {
  const clientMessageId = crypto.randomUUID();
  world.gateway.control.fault("sendText", { status: 500, body: { message: "boom" } });
  await sendText(world, { clientMessageId });
  await world.settle();
  const { body } = await sendText(world, { clientMessageId });
  assert.partialDeepStrictEqual(body, {
    success: true,
    duplicate: true,
    status: "failed",
    parts: [{ messageId: clientMessageId, status: "failed", errorCode: "gateway_error" }],
  });
  assert.doesNotMatch(String(body["message"]), /queued/);
  await world.settle();
  assert.equal(calls(world, "sendText"), 1);
});

worldTest("the same id with another content is refused, and the field is named", async (world) => {
  const clientMessageId = crypto.randomUUID();
  const image = { type: "image", base64: "AAAA" };
  await sendText(world, { clientMessageId, message: "veja", media: image });
  await world.settle();
  const others = [
    ["message", { message: "veja isto", media: image }],
    ["media.base64", { message: "veja", media: { ...image, base64: "AAAB" } }],
    ["media.type", { message: "veja", media: { ...image, type: "document" } }],
    ["media.caption", { message: "", media: { ...image, caption: "aqui" } }],
    ["message", { message: "veja\n[IMAGE]https://cdn.example/a.jpg" }],
  ] as const;
  for (const [field, body] of others) {
    const refused = await sendText(world, { clientMessageId, ...body });
    assert.equal(refused.status, 409);
    assert.partialDeepStrictEqual(refused.body, {
      success: false,
      errorCode: "MESSAGE_CONTENT_DIFFERS",
      retryable: false,
      field,
    });
  }
  await world.settle();
  assert.equal(world.gateway.control.delivered(world.company.instanceName).length, 1);
});

worldTest("twenty first messages to a new number open one conversation", async (world) => {
  const body = { conversationId: undefined, instanceId: world.company.instanceId };
  const numbers = ["5511966665555", "5511966665555@s.whatsapp.net"];
  const answers = await world.clock.until(
    Promise.all(
      Array.from(
        { length: AT_ONCE },
        (_, index) => beginSend(world, { ...body, remoteJid: numbers[index % 2] }),
      ),
    ),
  );
  await world.settle();
  assert.equal(new Set(answers.map((answer) => answer.body["conversationId"])).size, 1);
  assert.equal(world.gateway.control.delivered(world.company.instanceName).length, AT_ONCE);
});
