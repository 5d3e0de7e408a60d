import assert from "node:assert/strict";
import { clientOf } from "../../support/actions.ts";
import { minutes } from "../../support/ladder.ts";
import {
  beginSend,
  calls,
  messageRow,
  sendText,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

type Fate = "answer lost" | "never arrives" | "refused";

/** What becomes of the next calls of a SQL function; none left: all goes well. */
let fates: Fate[] = [];
let of = "";

function meets(fn: string, ...next: Fate[]): void {
  of = fn;
  fates = next;
}

const aroundDatabase = (inner: typeof fetch): typeof fetch => async (input, init) => {
  const request = new Request(input, init);
  const fate = request.url.endsWith(`/rpc/${of}`) ? fates.shift() : undefined;
  if (fate === "refused") {
    return Response.json({ code: "57014", message: "canceled" }, { status: 500 });
  }
  if (fate === "answer lost") await (await inner(request)).body?.cancel();
  if (fate !== undefined) throw new TypeError("the connection broke");
  return await inner(request);
};

worldTest("a send whose answer is lost is asked for again, and leaves once", async (world) => {
  for (const fate of ["answer lost", "never arrives"] as const) {
    meets("enqueue_messages", fate, fate);
    const { status, body } = await sendText(world, { message: fate });
    assert.deepEqual([status, body["message"]], [200, "Message queued for sending"]);
    await world.settle();
    assert.equal((await messageRow(world, body["messageId"]))["status"], "sent");
  }
  assert.equal(calls(world, "sendText"), 2);
}, { aroundDatabase });

for (const fate of ["answer lost", "never arrives"] as const) {
  worldTest(
    `where no answer comes (${fate}) nobody says that nothing was sent, and a repeat is safe`,
    async (world) => {
      meets("enqueue_messages", fate, fate, fate);
      const { status, body } = await sendText(world, { message: "uma vez" });
      assert.equal(status, 503);
      assert.partialDeepStrictEqual(body, { errorCode: "SEND_UNKNOWN", retryable: false });
      const { clientMessageId, messageIds } = body as unknown as Record<string, string | string[]>;
      assert.deepEqual(messageIds, [clientMessageId]);
      assert.equal(
        (await world.sql`select from public.messages`).length,
        fate === "answer lost" ? 1 : 0,
      );

      const again = { message: "uma vez", clientMessageId: String(clientMessageId) };
      meets("enqueue_messages", fate, fate, fate);
      const second = await sendText(world, again);
      assert.partialDeepStrictEqual(second.body, { errorCode: "SEND_UNKNOWN", retryable: true });
      assert.equal((await sendText(world, again)).status, 200);
      await world.clock.advance(200_000);
      await world.tick();
      assert.deepEqual(
        [...await world.sql`select id, status from public.messages`].map(({ id }) => id),
        [clientMessageId],
      );
      assert.equal(calls(world, "sendText"), 1);
    },
    { aroundDatabase },
  );
}

worldTest("what the database refused is known not to be done", async (world) => {
  meets("enqueue_messages", "refused");
  const { status, body } = await beginSend(world);
  assert.deepEqual([status, body["errorCode"]], [503, "DATABASE_UNAVAILABLE"]);
  assert.equal((await world.sql`select from public.messages`).length, 0);
  // Once an answer was lost, a refusal says nothing of it.
  meets("enqueue_messages", "answer lost", "refused", "refused");
  assert.equal((await sendText(world)).body["errorCode"], "SEND_UNKNOWN");
}, { aroundDatabase });

worldTest("a retry whose answer is lost is the scheduler's to send, once", async (world) => {
  world.gateway.control.fault("sendText", {
    status: 500,
    body: { status: 500, error: "Internal Server Error", response: { message: "boom" } },
  });
  const { id: messageId } = await sendToTheEnd(world);
  world.gateway.control.clearFaults();
  meets("retry_message", "answer lost");
  const answer = await world.clock.until(clientOf(world).retryMessage({ messageId }));
  assert.equal(answer.status, "sending");
  await world.settle();
  // The failure made the session suspicious: it is asked first.
  await minutes(world, 2);
  assert.equal((await messageRow(world, messageId))["status"], "delivered");
  assert.equal(calls(world, "sendText"), 2);
}, { aroundDatabase });

worldTest(
  "a disconnection of which nobody heard is unknown, and can be repeated",
  async (world) => {
    const { instanceId } = world.company;
    const disconnect = () => world.clock.until(clientOf(world).disconnectInstance({ instanceId }));
    meets("begin_disconnect", "answer lost");
    await assert.rejects(disconnect, { code: "OUTCOME_UNKNOWN", retryable: true });
    meets("record_logout", "answer lost");
    await world.clock.advance(130_000);
    assert.partialDeepStrictEqual(await disconnect(), { logout: "accepted", registry: "close" });
  },
  { aroundDatabase },
);
