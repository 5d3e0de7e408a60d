import assert from "node:assert/strict";
import { beginSend, messageRow, sendToTheEnd, worldTest } from "../support/world.ts";
import { postWebhook, webhookBody } from "../support/webhooks.ts";

let wait: () => Promise<void> = () => Promise.resolve();

/** The gateway does at once what it is asked, and its answer is on the way for a while. */
const aroundGateway = (inner: typeof fetch): typeof fetch => async (input, init) => {
  const response = await inner(input, init);
  await wait();
  return response;
};

worldTest(
  "a message goes from sent to delivered to read, as the other side says",
  async (world) => {
    const { control } = world.gateway;
    control.acks(world.company.instanceName, "read");
    const { id, status } = await sendToTheEnd(world);
    assert.equal(status, "sent");
    await world.clock.advance(1_000);
    const delivered = await messageRow(world, id);
    assert.equal(delivered["status"], "delivered");
    assert.equal(delivered["read_at"], null);
    await world.clock.advance(5_000);
    const read = await messageRow(world, id);
    assert.equal(read["status"], "read");
    assert.ok(read["sent_at"] <= read["delivered_at"] && read["delivered_at"] <= read["read_at"]);
  },
);

worldTest(
  "an acknowledgement that overtakes the answer to its own send is not lost",
  async (world) => {
    wait = () => world.clock.sleep(10_000);
    world.gateway.control.acks(world.company.instanceName, "read");
    const { messageId } = (await beginSend(world)).body;
    await world.clock.advance(5_000);
    const [kept] = await world.sql`select status from private.early_acknowledgements`;
    assert.equal(kept?.["status"], "read");
    assert.equal((await messageRow(world, messageId))["status"], "sending");

    await world.settle();
    const row = await messageRow(world, messageId);
    assert.equal(row["status"], "read");
    assert.notEqual(row["delivered_at"], null);
    assert.notEqual(row["whatsapp_message_id"], null);
    assert.deepEqual((await world.sql`select 1 from private.early_acknowledgements`).length, 0);
  },
  { aroundGateway },
);

worldTest(
  "what WhatsApp refuses is failed, and says so; what was delivered stays",
  async (world) => {
    world.gateway.control.acks(world.company.instanceName, "off");
    const say = async (message: { readonly [column: string]: unknown }, status: string) => {
      const data = { keyId: message["whatsapp_message_id"], fromMe: true, status };
      await postWebhook(world, webhookBody(world, "messages.update", data));
      const { status: is, error_code } = await messageRow(world, message["id"]);
      return [is, error_code];
    };
    const message = await sendToTheEnd(world);
    const rejected = ["failed", "rejected_by_whatsapp"];
    assert.deepEqual(await say(message, "ERROR"), rejected);
    assert.deepEqual(await say(message, "SERVER_ACK"), rejected);
    assert.deepEqual(await say(message, "DELIVERY_ACK"), ["delivered", null]);
    assert.deepEqual(await say(message, "ERROR"), ["delivered", null]);
  },
);

worldTest("nobody's acknowledgement changes another number's message", async (world) => {
  world.gateway.control.acks(world.company.instanceName, "off");
  const message = await sendToTheEnd(world);
  const { company } = await world.addCompany({});
  const data = { keyId: message["whatsapp_message_id"], fromMe: true, status: "READ" };
  await postWebhook(world, webhookBody(world, "messages.update", data), { company });
  assert.equal((await messageRow(world, message["id"]))["status"], "sent");
});
