import assert from "node:assert/strict";
import { beginSend, messageRow, worldTest } from "../../support/world.ts";

const requests: string[] = [];
/** Opens once the answer is there. */
let answered = Promise.withResolvers<void>();

worldTest("a send is answered after one round trip to the database", async (world) => {
  // The first request of a process also reads the keys that tokens are verified with.
  await beginSend(world);
  answered.resolve();
  await world.settle();
  for (
    const body of [
      { message: "oi" },
      { message: "oi", clientMessageId: crypto.randomUUID() },
      { message: "veja\n[IMAGE]https://cdn.example/a.jpg\nlegenda\nfim" },
      { message: undefined, media: { type: "image", base64: "AAAA" } },
      {
        conversationId: undefined,
        remoteJid: "5511977776666",
        instanceId: world.company.instanceId,
      },
    ]
  ) {
    requests.length = 0;
    answered = Promise.withResolvers();
    // What goes on in the background is let go once the answer is there.
    const answer = await beginSend(world, body);
    assert.equal(answer.status, 200);
    assert.deepEqual(requests, ["/rest/v1/rpc/enqueue_messages"]);
    answered.resolve();
    assert.equal((await messageRow(world, answer.body["messageId"]))["status"], "sending");
    await world.settle();
    assert.equal((await messageRow(world, answer.body["messageId"]))["status"], "sent");
  }
}, {
  aroundDatabase: (inner) => (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/claim_message")) {
      return answered.promise.then(() => inner(request));
    }
    requests.push(pathname);
    return inner(request);
  },
});
