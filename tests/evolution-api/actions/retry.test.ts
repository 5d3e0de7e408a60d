import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { assertRefused, clientOf, standingClient } from "../../support/actions.ts";
import { calls, eventKinds, messageRow, sendToTheEnd, worldTest } from "../../support/world.ts";

/** Large enough to stay bytes on its way. */
const BASE64 = "SGVsbG8gd29ybGQh".repeat(50_000);

/** The ghost is over: the socket lives, and the row knows. */
async function heal(world: VirtualWorld): Promise<void> {
  world.gateway.control.restartProcess();
  await world.clock.advance(130_000);
  await world.tick();
  const [row] = await world.sql`select status from public.whatsapp_instances`;
  assert.equal(row?.["status"], "connected");
}

/** The gateway's own words, so that nothing left. */
const BROKEN = {
  status: 500,
  body: { status: 500, error: "Internal Server Error", response: { message: "oops" } },
};

worldTest("a failed picture that is retried is a picture again", async (world) => {
  const { instanceName } = world.company;
  const { control } = world.gateway;
  control.ghost(instanceName, "A2");
  const failed = await sendToTheEnd(world, {
    message: "veja",
    media: { type: "image", base64: BASE64, fileName: "foto.png", mimetype: "image/png" },
  });
  assert.deepEqual([failed["status"], failed["error_code"], failed["attempts"]], [
    "failed",
    "connection_closed",
    1,
  ]);
  await heal(world);

  const { conversationId, messageId } = await clientOf(world).retryMessage({
    messageId: failed["id"],
  });
  assert.deepEqual([conversationId, messageId], [world.company.conversationId, failed["id"]]);
  await world.settle();
  assert.partialDeepStrictEqual(control.delivered(instanceName), [
    { kind: "image", content: "veja", media: `base64, ${BASE64.length} characters` },
  ]);
  const row = await messageRow(world, failed["id"]);
  assert.equal(row["attempts"], 2);
  assert.ok(["sent", "delivered", "read"].includes(row["status"]), row["status"]);
  assert.deepEqual(
    [row["error_code"], row["error_message"], row["failed_at"], row["caption"]],
    [null, null, null, "veja"],
  );
  assert.deepEqual([...await world.sql`select from private.message_media`], []);
  assert.equal((await world.sql`select from public.messages`).length, 1);
});

worldTest("ten clicks at once send once, and the others learn what became of it", async (world) => {
  world.gateway.control.fault("sendText", BROKEN);
  const failed = await sendToTheEnd(world);
  assert.equal(failed["error_code"], "gateway_error");
  const client = standingClient(world);
  const click = () => client.retryMessage({ messageId: failed["id"] });
  const answers = await world.clock.until(Promise.all(Array.from({ length: 10 }, click)));
  const learnt = ({ duplicate, status }: (typeof answers)[number]) => duplicate ? status : "new";
  assert.deepEqual(answers.map(learnt).sort(), ["new", ...Array(9).fill("sending")]);
  await world.settle();
  await world.clock.advance(5_000);
  // Also a click that comes when all is over.
  assert.equal(learnt(await world.clock.until(click())), "delivered");
  await world.settle();
  assert.equal(calls(world, "sendText"), 2);
  assert.equal(world.gateway.control.delivered(world.company.instanceName).length, 1);
  assert.equal((await messageRow(world, failed["id"]))["attempts"], 2);
});

worldTest("only what failed, and what we wrote, can be retried", async (world) => {
  const client = clientOf(world);
  const sent = await sendToTheEnd(world);
  await assertRefused(client.retryMessage({ messageId: sent["id"] }), {
    status: 409,
    code: "MESSAGE_NOT_FAILED",
    place: { field: "messageId" },
  });
  world.gateway.control.inbound(world.company.instanceName, {
    from: "5511988887777",
    text: "olá",
  });
  await world.clock.advance(2_000);
  const [received] = await world.sql<{ id: string }[]>`
    select id from public.messages where not is_from_me`;
  await assertRefused(client.retryMessage({ messageId: received!.id }), {
    code: "MESSAGE_NOT_FAILED",
    place: { reason: "received" },
  });
  assert.equal(calls(world, "sendText"), 1);
});

worldTest(
  "while the number is not connected a retry is refused, and the reason said",
  async (world) => {
    const { instanceId, instanceName } = world.company;
    const client = clientOf(world);
    world.gateway.control.ghost(instanceName, "A2");
    const { id: messageId } = await sendToTheEnd(world);
    const reasons = {
      repairing: () => Promise.resolve(),
      needs_operator: () => world.sql`update public.ghost_repairs set state = 'needs_operator'`,
      disconnected: () =>
        world.sql`update public.ghost_repairs set state = 'closed', closed_at = ghost_repair.now()`,
      connecting: () => world.sql`update public.whatsapp_instances set status = 'connecting'`,
      awaiting_qr: () => world.sql`update public.whatsapp_instances set status = 'awaiting_qr'`,
      manual_disconnect: () => client.disconnectInstance({ instanceId }),
    };
    for (const [reason, happens] of Object.entries(reasons)) {
      await happens();
      const error = await assertRefused(client.retryMessage({ messageId }), {
        status: 409,
        code: "INSTANCE_NOT_CONNECTED",
        retryable: true,
        place: { reason },
      });
      assert.match(error.message, /conectado agora\. \p{Lu}/u, reason);
    }
    assert.equal((await messageRow(world, messageId))["status"], "failed");
    assert.equal(calls(world, "sendText"), 1);
  },
);

worldTest("what may have been sent is sent again only where a person says so", async (world) => {
  const { control } = world.gateway;
  const client = clientOf(world);
  control.fault("sendText", "cut");
  // Nor does a report tell what became of it.
  control.webhooks({ drop: true });
  const { id: messageId, error_code: code } = await sendToTheEnd(world);
  assert.equal(code, "gateway_timeout");
  for (const unknown of ["gateway_timeout", "interrupted"]) {
    await world.sql`update public.messages set error_code = ${unknown}`;
    await assertRefused(client.retryMessage({ messageId }), {
      status: 409,
      code: "MAY_HAVE_BEEN_SENT",
      retryable: false,
      place: { field: "confirmDuplicate" },
    });
  }
  await client.retryMessage({ messageId, confirmDuplicate: true });
  await world.settle();
  assert.equal(control.delivered(world.company.instanceName).length, 2);
  assert.notEqual((await messageRow(world, messageId))["status"], "failed");
});

worldTest("a retry that meets the ghost begins the repair, as any send", async (world) => {
  world.gateway.control.fault("sendText", BROKEN);
  const { id: messageId } = await sendToTheEnd(world);
  world.gateway.control.ghost(world.company.instanceName, "A2");
  await clientOf(world).retryMessage({ messageId });
  await world.settle();
  assert.equal((await messageRow(world, messageId))["error_code"], "connection_closed");
  assert.ok((await eventKinds(world)).includes("connection_closed"));
  assert.equal(calls(world, "logout"), 1);
});

worldTest("the sweeper counts from the retry, not from the first attempt", async (world) => {
  world.gateway.control.fault("sendText", BROKEN);
  const { id: messageId } = await sendToTheEnd(world);
  await world.clock.advance(10 * 60_000);
  world.gateway.control.slow("sendText", 60_000);
  await clientOf(world).retryMessage({ messageId });
  await world.clock.advance(30_000);
  await world.sql`select public.sweep()`;
  assert.equal((await messageRow(world, messageId))["status"], "sending");
  await world.settle();
  assert.equal((await messageRow(world, messageId))["error_code"], null);
});
