import assert from "node:assert/strict";
import { beginSend, calls, messageRow, sendText, worldTest } from "../../support/world.ts";

/** Whether nobody is there any more: neither the database nor the gateway hears of anything. */
let killed = false;
const aroundDatabase = (inner: typeof fetch): typeof fetch => (input, init) =>
  killed ? Promise.reject(new TypeError("nobody is there")) : inner(input, init);

worldTest(
  "a function that died in a send leaves what the sweeper ends after 3 minutes",
  async (world) => {
    const { messageId } = (await beginSend(world, { message: "some" })).body;
    await world.clock.idle();
    assert.notEqual((await messageRow(world, messageId))["sending_since"], null);
    killed = true;
    await world.settle();
    killed = false;
    assert.equal((await messageRow(world, messageId))["status"], "sending");

    await world.clock.advance(60_000);
    await world.tick();
    const swept = await messageRow(world, messageId);
    assert.deepEqual(
      [swept["status"], swept["error_code"], swept["content"]],
      ["failed", "interrupted", "some"],
    );
    await world.tick();
    assert.match(String((await messageRow(world, messageId))["error_message"]), /interrompido/);
  },
  { aroundGateway: () => () => new Promise(() => {}), aroundDatabase },
);

worldTest(
  "a function that died before its send leaves a message that the scheduler sends, once",
  async (world) => {
    killed = false;
    const answer = await beginSend(world, { message: "some" }, {});
    killed = true;
    await world.settle();
    killed = false;
    const { messageId } = answer.body;
    const waiting = await messageRow(world, messageId);
    assert.deepEqual([waiting["status"], waiting["sending_since"]], ["sending", null]);
    await world.clock.advance(60_000);
    await world.tick();
    assert.notEqual((await messageRow(world, messageId))["sent_at"], null);
    assert.equal(calls(world, "sendText"), 1);
  },
  {
    aroundDatabase: (inner) => {
      const dying = aroundDatabase(inner);
      return (input, init) =>
        String(new Request(input, init).url).endsWith("/claim_message") && !killed
          ? Promise.reject(new TypeError("the function died"))
          : dying(input, init);
    },
  },
);

let refuses: (rpc: string) => boolean = () => false;

/** Writes that are refused before the database sees them. */
const refusingDatabase = (inner: typeof fetch): typeof fetch => (input, init) => {
  const { url } = new Request(input, init);
  return refuses(url.slice(url.lastIndexOf("/") + 1))
    ? Promise.reject(new TypeError("the connection broke"))
    : inner(input, init);
};

worldTest(
  "an end that the database refuses for two minutes is stored all the same",
  async (world) => {
    refuses = (rpc) => rpc === "finish_message" || rpc === "note_sent_answer";
    const { messageId } = (await sendText(world)).body;
    await world.clock.advance(120_000);
    assert.equal((await messageRow(world, messageId))["status"], "sending");
    // What the customer's phone says meanwhile is kept for it.
    const [kept] = await world.sql`select status from private.early_acknowledgements`;
    assert.equal(kept?.["status"], "delivered");
    refuses = () => false;
    await world.settle();
    assert.equal((await messageRow(world, messageId))["status"], "delivered");
    assert.equal(calls(world, "sendText"), 1);
  },
  { aroundDatabase: refusingDatabase },
);

worldTest("a failure is stored until it is stored, too", async (world) => {
  refuses = (rpc) => rpc === "finish_message";
  world.gateway.control.fault("sendText", { status: 500, body: { message: "boom" } });
  const { messageId } = (await sendText(world)).body;
  await world.clock.advance(60_000);
  assert.equal((await messageRow(world, messageId))["status"], "sending");
  refuses = () => false;
  await world.settle();
  assert.equal((await messageRow(world, messageId))["error_code"], "gateway_error");
}, { aroundDatabase: refusingDatabase });

worldTest(
  "where the row's own end was never stored, the noted answer is: what was delivered says so",
  async (world) => {
    refuses = (rpc) => rpc === "finish_message";
    const { messageId } = (await sendText(world)).body;
    await world.settle();
    refuses = () => false;
    await world.clock.advance(60_000);
    await world.tick();
    const row = await messageRow(world, messageId);
    assert.deepEqual([row["status"], row["error_code"]], ["delivered", null]);
    assert.deepEqual([...await world.sql`select from private.sent_answers`], []);
  },
  { aroundDatabase: refusingDatabase },
);
