import assert from "node:assert/strict";
import { instanceRow, worldTest } from "../support/world.ts";
import { connectionUpdate, postWebhook } from "../support/webhooks.ts";

/** How the database fails at the moment. */
let database: "up" | "down" | "refusing" = "up";

const aroundDatabase = (inner: typeof fetch): typeof fetch => async (input, init) => {
  if (database === "down") throw new TypeError("connection refused");
  if (database === "refusing") {
    return Response.json({ code: "57P03", message: "starting up" }, { status: 503 });
  }
  return await inner(input, init);
};

worldTest(
  "while the database is away the gateway is told to try again, and nothing is lost",
  async (world) => {
    const { control } = world.gateway;
    const name = world.company.instanceName;
    for (const fault of ["down", "refusing"] as const) {
      database = fault;
      const answer = await postWebhook(world, connectionUpdate(world, "close"));
      assert.equal(answer.status, 503);
      assert.partialDeepStrictEqual(answer.body, {
        success: false,
        errorCode: "DATABASE_UNAVAILABLE",
        retryable: true,
      });
    }
    control.inbound(name, { from: "5511977776666", text: "alguém aí?" });
    await world.clock.advance(3_000);
    database = "up";
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.equal((await world.sql`select 1 from public.messages`).length, 0);

    await world.clock.advance(10_000);
    const [webhook] = control.inspect(name).webhooksSent;
    assert.deepEqual([webhook?.attempts, webhook?.outcome], [[503, 200], "delivered"]);
    const messages = await world.sql`select content from public.messages`;
    assert.deepEqual([...messages], [{ content: "alguém aí?" }]);
  },
  { aroundDatabase },
);
