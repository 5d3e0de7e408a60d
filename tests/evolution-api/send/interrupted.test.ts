import assert from "node:assert/strict";
import { calls, messageRow, sendText, worldTest } from "../../support/world.ts";

let killed = false;

worldTest(
  "a function that died leaves sending, which the sweeper ends after 3 minutes",
  async (world) => {
    const { messageId } = (await sendText(world, { message: "some" })).body;
    killed = true;
    await world.settle();
    killed = false;
    assert.equal((await messageRow(world, messageId))["status"], "sending");

    await world.clock.advance(100_000);
    await world.tick();
    assert.equal((await messageRow(world, messageId))["status"], "sending");

    await world.clock.advance(20_000);
    await world.tick();
    const swept = await messageRow(world, messageId);
    assert.deepEqual(
      [swept["status"], swept["error_code"], swept["content"]],
      ["failed", "interrupted", "some"],
    );
    assert.match(String(swept["error_message"]), /interrompido.*interrupted/);
  },
  {
    aroundGateway: () => () => new Promise(() => {}),
    aroundDatabase: (inner) => (input, init) =>
      killed ? Promise.reject(new TypeError("nobody is there")) : inner(input, init),
  },
);

/** How a message ended, on a way that takes long. */
let late: (() => Promise<Response>) | undefined;

worldTest("a success that is heard of late corrects what the sweeper wrote", async (world) => {
  const { control } = world.gateway;
  const name = world.company.instanceName;
  control.acks(name, "off");
  const { messageId } = (await sendText(world)).body;
  await world.settle();
  await world.clock.advance(190_000);
  await world.tick();
  assert.equal((await messageRow(world, messageId))["error_code"], "interrupted");

  assert.ok(late);
  assert.equal((await world.clock.until(late())).status, 200);
  const row = await messageRow(world, messageId);
  assert.deepEqual(
    [row["status"], row["error_code"], row["error_message"], row["failed_at"]],
    ["sent", null, null, null],
  );
  assert.equal(row["whatsapp_message_id"], control.delivered(name)[0]?.id);
  assert.equal(calls(world, "sendText"), 1);
}, {
  aroundDatabase: (inner) => (input, init) => {
    const request = new Request(input, init);
    if (!request.url.endsWith("/rpc/finish_message")) return inner(request);
    const { url, method, headers } = request;
    const body = request.text();
    late = async () => await inner(url, { method, headers, body: await body });
    return Promise.reject(new TypeError("the connection broke"));
  },
});
