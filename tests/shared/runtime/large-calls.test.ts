import assert from "node:assert/strict";
import * as z from "zod/mini";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { exchange } from "../../../supabase/functions/_shared/gateway/exchange.ts";
import {
  createDatabase,
  DatabaseError,
} from "../../../supabase/functions/_shared/runtime/database.ts";
import { LargeText } from "../../../supabase/functions/_shared/runtime/large-text.ts";

const LONG = "QUJD".repeat(20_000);
const PIECES = [LONG.slice(0, 30_000), LONG.slice(30_000)].map((text) =>
  new TextEncoder().encode(text)
);
const clock = new VirtualClock();
const ID = "0b9f1a52-6b0c-4a9e-9d2c-4d1f0f6a7e11";

function databaseOf(fetch: typeof globalThis.fetch) {
  return createDatabase({ supabaseUrl: "https://p.test", secretKey: "sb_secret_x" }, {
    fetch,
    clock,
  });
}

const parts = (base64: LargeText) => ({
  p_user_id: ID,
  p_target: {},
  p_parts: [{ id: ID, caption: "ã", base64 }],
  p_reply: null,
});

Deno.test("media goes to the database as the text it is, each time anew, and errors are what they are", async () => {
  const bodies: unknown[] = [];
  const database = databaseOf(async (_input, init) => {
    assert.ok(init?.body instanceof ReadableStream, "a string would be another copy");
    bodies.push(await new Response(init.body).json());
    return bodies.length === 1
      ? Response.json("done")
      : Response.json({ code: "P0001", message: "no", hint: "message_id_taken" }, { status: 400 });
  });
  const args = parts(new LargeText(PIECES));
  assert.equal(await database.call("enqueue_messages", args, z.string()), "done");
  await assert.rejects(database.call("enqueue_messages", args, z.string()), {
    code: "P0001",
    hint: "message_id_taken",
  });
  const row = { ...args, p_parts: [{ id: ID, caption: "ã", base64: LONG }] };
  assert.deepEqual(bodies, [row, row]);
});

const held = z.array(
  z.object({ id: z.string(), base64: z.union([z.string(), z.instanceof(LargeText)]) }),
);
const claim = { p_instance_id: ID, p_token: ID, p_claim: ID };

Deno.test("media that the database hands over is bytes; what is short stays a text", async () => {
  const answer = [{ id: "a", base64: LONG }, { id: "b", base64: "AAAA" }];
  const database = databaseOf(() => Promise.resolve(Response.json(answer)));
  const large = { bytes: Infinity, admit: () => Promise.resolve() };
  const [first, second] = await database.call("claim_held_message", claim, held, large);
  assert.ok(first?.base64 instanceof LargeText);
  assert.equal(first.base64.startOf(Infinity), LONG);
  assert.equal(second?.base64, "AAAA");
  const [usual] = await database.call("claim_held_message", claim, held);
  assert.equal(usual?.base64, LONG);
});

Deno.test("an answer with media waits unread until it is admitted; one that is not counts as lost", async () => {
  let asked = 0;
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        if (asked++ < 9) controller.enqueue(new Uint8Array(1_000).fill(0x20));
        else controller.close();
      },
    }, { highWaterMark: 0 });
  const database = databaseOf(() => Promise.resolve(new Response(body())));
  const admit = () => {
    assert.equal(asked, 3);
    return Promise.reject(new Error("no room"));
  };
  await assert.rejects(
    database.call("claim_held_message", claim, held, { bytes: 2_000, admit }),
    (error: DatabaseError) => error.mayBeDone,
  );
  assert.equal(asked, 3);
});

Deno.test("media goes to the gateway as the text it is", async () => {
  let seen: unknown;
  const gateway: typeof fetch = async (_input, init) => {
    seen = await new Response(init?.body).json();
    return Response.json({});
  };
  const request = {
    method: "POST",
    url: "https://g.test/x",
    apiKey: "k",
    limitMs: 9,
    bodyBytes: 9,
  };
  const body = { number: "55", media: new LargeText(PIECES), caption: '"' };
  await exchange({ ...request, method: "POST", body }, { fetch: gateway, clock });
  assert.deepEqual(seen, { ...body, media: LONG });
});
