import assert from "node:assert/strict";
import { minutes } from "../../support/ladder.ts";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { beginSend, calls, sendText, worldTest } from "../../support/world.ts";

const PICTURES = 10;

const delivered = (world: VirtualWorld) =>
  world.gateway.control.delivered(world.company.instanceName).map(({ content }) => content);

function pictures(count: number): string {
  return Array.from(
    { length: count },
    (_, n) => `[IMAGE]https://cdn.example/${n}.jpg\nfoto ${n}`,
  ).join("\n");
}

async function rows(world: VirtualWorld) {
  return await world.sql`select status, error_code, sending_since, attempts from public.messages
    order by position`;
}

worldTest(
  "ten pictures of 27 s each all leave, once and in order, and nobody calls one interrupted",
  async (world) => {
    world.gateway.control.slow("sendMedia", 27_000);
    const { body } = await sendText(world, { message: pictures(PICTURES) });
    await world.settle();
    // What does not fit into the request's time is queued.
    const untried = (await rows(world)).filter((row) => row["sending_since"] === null);
    assert.equal(untried.length, PICTURES - 3);
    const first = await sendText(world, {
      clientMessageId: body["messageId"],
      message: pictures(PICTURES),
    });
    assert.partialDeepStrictEqual(first.body, { duplicate: true, status: "sending" });

    for (let minute = 0; minute < 8; minute++) {
      await world.tick();
      const failed = (await rows(world)).filter((row) => row["status"] === "failed");
      assert.deepEqual(failed, []);
      await world.clock.advance(60_000);
    }
    assert.deepEqual(delivered(world), Array.from({ length: PICTURES }, (_, n) => `foto ${n}`));
    assert.equal(calls(world, "sendMedia"), PICTURES);
    for (const row of await rows(world)) {
      assert.deepEqual([row["status"], row["attempts"]], ["delivered", 1]);
    }
  },
);

worldTest("a text after a slow picture leaves after it", async (world) => {
  world.gateway.control.slow("sendMedia", 27_000);
  await beginSend(world, { message: pictures(1) });
  await beginSend(world, { message: "depois" });
  await beginSend(world, { message: "por fim" });
  await world.settle();
  assert.deepEqual(delivered(world), ["foto 0", "depois", "por fim"]);
});

worldTest(
  "a text after more pictures than its request has time for leaves after them",
  async (world) => {
    world.gateway.control.slow("sendMedia", 60_000);
    await beginSend(world, { message: pictures(3) });
    await beginSend(world, { message: "depois" });
    await world.settle();
    await minutes(world, 6);
    assert.deepEqual(delivered(world), ["foto 0", "foto 1", "foto 2", "depois"]);
  },
);

worldTest(
  "Connection Closed after 6 s on a living socket is not sent again by itself",
  async (world) => {
    await world.sql`insert into private.message_settings (organization_id, hold_messages)
    values (${world.company.organizationId}, true)`;
    const { control } = world.gateway;
    control.slow("sendText", 6_000);
    control.fault("sendText", {
      status: 500,
      body: { response: { message: "Error: Connection Closed" } },
    });
    await sendText(world, { message: "um" });
    await world.settle();
    await minutes(world, 4);
    assert.equal(calls(world, "sendText"), 1);
    const [row] = await world.sql`select status, error_code, error_message, may_have_left
    from public.messages`;
    assert.deepEqual([row?.["status"], row?.["error_code"], row?.["may_have_left"]], [
      "failed",
      "connection_closed",
      true,
    ]);
    assert.match(String(row?.["error_message"]), /Não se sabe se a mensagem saiu/);
  },
);
