import assert from "node:assert/strict";
import { beginSend, calls, sendText, worldTest } from "../../support/world.ts";

const AT_ONCE = 20;

worldTest(
  "one message id twenty times at once is one row, one send, twenty equal answers",
  async (world) => {
    const clientMessageId = crypto.randomUUID();
    const answers = await world.clock.until(
      Promise.all(Array.from({ length: AT_ONCE }, () => beginSend(world, { clientMessageId }))),
    );
    await world.settle();

    assert.deepEqual(answers, Array(AT_ONCE).fill(answers[0]));
    assert.partialDeepStrictEqual(answers[0], {
      status: 200,
      body: {
        success: true,
        messageId: clientMessageId,
        async: true,
        message: "Message queued for sending",
      },
    });
    const rows = await world.sql`select id, status from public.messages`;
    assert.deepEqual([...rows], [{ id: clientMessageId, status: "sent" }]);
    assert.equal(calls(world, "sendText"), 1);
    assert.equal(world.gateway.control.delivered(world.company.instanceName).length, 1);

    await world.clock.advance(3_600_000 / 2);
    assert.deepEqual(await sendText(world, { clientMessageId }), answers[0]);
    await world.settle();
    assert.equal(calls(world, "sendText"), 1);
  },
);

worldTest("a request of several parts at once is sent in its order, once", async (world) => {
  const clientMessageId = crypto.randomUUID();
  const message = "um\n[IMAGE]https://cdn.example/a.jpg\nlegenda\ntrês";
  const answers = await world.clock.until(
    Promise.all(
      Array.from({ length: AT_ONCE }, () => beginSend(world, { clientMessageId, message })),
    ),
  );
  await world.settle();
  assert.deepEqual(answers, Array(AT_ONCE).fill(answers[0]));
  assert.deepEqual(
    world.gateway.control.delivered(world.company.instanceName).map((each) => each.content),
    ["um", "legenda", "três"],
  );
  const rows = await world.sql<{ id: string }[]>`select id from public.messages order by part`;
  assert.deepEqual(rows.map((row) => row.id), answers[0]?.body["messageIds"]);
});

worldTest("a message that failed is not sent again by its own id", async (world) => {
  const clientMessageId = crypto.randomUUID();
  world.gateway.control.fault("sendText", { status: 500, body: { message: "boom" } });
  const first = await sendText(world, { clientMessageId });
  await world.settle();
  assert.deepEqual(await sendText(world, { clientMessageId }), first);
  await world.settle();
  assert.equal(calls(world, "sendText"), 1);
});

worldTest("different messages at once are all sent", async (world) => {
  const answers = await world.clock.until(
    Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => beginSend(world, { message: `${index}` })),
    ),
  );
  await world.settle();
  assert.equal(new Set(answers.map((answer) => answer.body["messageId"])).size, AT_ONCE);
  const delivered = world.gateway.control.delivered(world.company.instanceName);
  assert.deepEqual(
    delivered.map((message) => message.content).sort(),
    answers.map((_, index) => `${index}`).sort(),
  );
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
