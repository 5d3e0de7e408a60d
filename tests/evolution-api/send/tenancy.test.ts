import assert from "node:assert/strict";
import type { Answer } from "../../../dev/world/calls.ts";
import { databaseContent } from "../../support/database-content.ts";
import { addMembers, sendText, sendToTheEnd, worldTest } from "../../support/world.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** An answer without what differs in every answer. */
function comparable({ status, body: { requestId, ...body } }: Answer) {
  assert.equal(typeof requestId, "string");
  return { status, body };
}

worldTest("what belongs to another organization answers as if it did not exist", async (world) => {
  const [other] = await addMembers(world, 1);
  const theirs = await sendToTheEnd(world, { message: "segredo" }, { as: other! });
  await world.clock.advance(5_000);
  const before = await databaseContent(world);
  const sent = world.gateway.calls.length;
  const { conversationId, instanceId } = other!.company;
  const number = { conversationId: undefined, remoteJid: "5511988887777" };
  const pairs = [
    [{ conversationId }, { conversationId: UNKNOWN }],
    [{ conversationId, instanceId }, { conversationId: UNKNOWN, instanceId: UNKNOWN }],
    [{ ...number, instanceId }, { ...number, instanceId: UNKNOWN }],
    [{ instanceId }, { instanceId: UNKNOWN }],
    [{ replyToMessageId: theirs["id"] }, { replyToMessageId: UNKNOWN }],
  ];
  for (const [foreign, unknown] of pairs) {
    const answer = comparable(await sendText(world, foreign));
    assert.deepEqual(answer, comparable(await sendText(world, unknown)));
    assert.ok([404, 409].includes(answer.status), JSON.stringify(answer));
  }
  assert.deepEqual(await databaseContent(world), before);
  assert.equal(world.gateway.calls.length, sent);
});

worldTest("another organization's message id is refused, and nothing changes", async (world) => {
  const [other] = await addMembers(world, 1);
  const theirs = await sendToTheEnd(world, { message: "deles" }, { as: other! });
  await world.clock.advance(5_000);
  const before = await databaseContent(world);
  const sent = world.gateway.calls.length;
  for (
    const body of [
      { message: "nosso" },
      { message: "deles" },
      { message: "um\n[IMAGE]https://cdn.example/a.jpg" },
      { message: undefined, media: { type: "image", base64: "AAAA" } },
    ]
  ) {
    const answer = await sendText(world, { ...body, clientMessageId: theirs["id"] });
    assert.equal(answer.status, 409);
    assert.partialDeepStrictEqual(answer.body, {
      success: false,
      errorCode: "MESSAGE_ID_TAKEN",
      field: "clientMessageId",
      retryable: false,
    });
  }
  assert.deepEqual(await databaseContent(world), before);
  assert.equal(world.gateway.calls.length, sent);
});
