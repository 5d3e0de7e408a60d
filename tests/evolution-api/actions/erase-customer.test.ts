import assert from "node:assert/strict";
import { sendToTheEnd, worldTest } from "../../support/world.ts";

worldTest(
  "an owner erases a customer, and gets the same receipt when asking again",
  async (world) => {
    const { sql, gateway, company: { conversationId } } = world;
    await sendToTheEnd(world);
    const called = gateway.calls.length;
    const erase = () => world.call("evolution-api", { action: "erase_customer", conversationId });
    const erased = await erase();
    assert.equal(erased.status, 200, JSON.stringify(erased.body));
    const receipt = erased.body["receipt"] as Record<string, unknown>;
    assert.deepEqual(
      [receipt["state"], receipt["conversations"], receipt["messages"], receipt["inFlight"]],
      ["done", 1, 1, 0],
    );
    assert.deepEqual((await erase()).body, erased.body, "asked again: the same receipt");
    assert.equal(gateway.calls.length, called, "nothing is asked of the gateway");
    assert.equal((await sql`select from public.messages`).length, 0);

    const gone = await world.call("evolution-api", {
      action: "send_message_async",
      conversationId,
      message: "oi",
    });
    assert.deepEqual([gone.status, gone.body["errorCode"]], [404, "CONVERSATION_NOT_FOUND"]);
  },
);
