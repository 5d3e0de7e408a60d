import assert from "node:assert/strict";
import { bearer, INSTANCE, KEY_ID, webhook, webhookScene } from "./scene.ts";

const ANOTHER = "0d3c5a0e-6a49-4f0e-8a9b-3c1d2e4f5a6b";
const event = { event: "contacts.upsert", data: {} };
const connecting = {
  event: "connection.update",
  data: { state: "connecting", statusReason: 200 },
  date_time: "2026-11-22T21:59:58.389Z",
};

/** A function whose database changes its keys while it serves. */
function rotating() {
  const state = { secret: "old-secret-of-the-instance", id: "old" };
  const scene = webhookScene({
    webhook_keys: () => [{ webhook_secret: state.secret, webhook_token: null, key_id: state.id }],
    apply_webhook: () => ({ result: "applied", refused: [] }),
  });
  const send = async (secret: string, body: unknown = event, path?: string) => {
    const before = scene.calls.length;
    const headers = { authorization: bearer(scene.clock.now(), secret) };
    const { status } = await scene.handle(webhook(body, headers, path));
    return [status, ...scene.calls.slice(before).map(({ fn }) => fn)];
  };
  return { ...scene, state, send };
}

Deno.test("the first webhook of a number asks for its keys, the next ones for a minute do not", async () => {
  const { clock, state, send } = rotating();
  const both = [200, "webhook_keys", "apply_webhook"];
  assert.deepEqual(await send(state.secret), both);
  assert.deepEqual(await send(state.secret), [200, "apply_webhook"]);
  assert.deepEqual(await send(state.secret, event, `/evolution-webhook/${ANOTHER}`), both);
  await clock.advance(59_000);
  assert.deepEqual(await send(state.secret), [200, "apply_webhook"]);
  await clock.advance(2_000);
  assert.deepEqual(await send(state.secret), both);
});

Deno.test("a key of after the rotation is found at once", async () => {
  const { state, send } = rotating();
  await send(state.secret);
  Object.assign(state, { secret: "new-secret-of-the-instance", id: "new" });
  assert.deepEqual(await send("new-secret-of-the-instance"), [
    200,
    "webhook_keys",
    "apply_webhook",
  ]);
  assert.deepEqual(await send("new-secret-of-the-instance"), [200, "apply_webhook"]);
});

Deno.test("who signs with nothing that is known is asked for every time, and writes nothing", async () => {
  const { state, send } = rotating();
  await send(state.secret);
  assert.deepEqual(await send("a-strangers-secret"), [401, "webhook_keys"]);
  assert.deepEqual(await send("a-strangers-secret"), [401, "webhook_keys"]);
});

const UNKNOWN = { result: "unknown_key" };

Deno.test("what a remembered key verified is refused where the database says that it ended", async () => {
  const shown: unknown[] = [];
  let keys = [{ webhook_secret: "before", webhook_token: null, key_id: "before" }];
  let valid = "before";
  const { handle, clock, calls } = webhookScene({
    webhook_keys: () => keys,
    apply_webhook: () => {
      const key = calls.at(-1)?.args.p_key;
      shown.push(key);
      return key === valid ? { result: "stored", refused: [] } : UNKNOWN;
    },
  });
  const send = async (body: unknown) => {
    const headers = { authorization: bearer(clock.now(), "before") };
    return (await handle(webhook(body, headers))).status;
  };
  assert.equal(await send(event), 200);
  keys = [{ webhook_secret: "after", webhook_token: null, key_id: valid = "after" }];
  for (const body of [event, "{", { event: "messages.upsert", data: {} }]) {
    assert.equal(await send(body), 401, JSON.stringify(body));
  }
  // The overlap: the same secret, beside another one.
  keys = [{ webhook_secret: "before", webhook_token: null, key_id: valid = "overlap" }, ...keys];
  assert.equal(await send(event), 200);
  assert.deepEqual(shown, ["before", "before", "overlap"]);
});

Deno.test("a history is verified by the keys of now, whatever is remembered", async () => {
  const { send, state, calls } = rotating();
  await send(state.secret);
  const told = await send(state.secret, { event: "messages.set", data: [] });
  assert.deepEqual(told.slice(0, 3), [500, "webhook_keys", "history_window"], "no window here");
  Object.assign(state, { secret: "another", id: "another" });
  await send("another");
  Object.assign(state, { secret: "ended", id: "ended" });
  const before = calls.length;
  assert.deepEqual(await send("another", { event: "messages.set", data: [] }), [
    401,
    "webhook_keys",
  ]);
  assert.equal(calls.length, before + 1);
});

Deno.test("a storm of `connecting` is not written where nobody looks, and is where somebody does", async () => {
  let result = "ignored";
  const { handle, clock, calls } = webhookScene({ apply_webhook: () => ({ result, refused: [] }) });
  const send = async (body: unknown = connecting) => {
    const before = calls.length;
    const response = await handle(webhook(body, { authorization: bearer(clock.now()) }));
    assert.equal(response.status, 200);
    return calls.slice(before).filter(({ fn }) => fn === "apply_webhook").length;
  };
  assert.equal(await send(), 1);
  for (let count = 0; count < 10; count++) assert.equal(await send(), 0);
  // What else it reports is written all the same.
  assert.equal(await send({ ...connecting, data: { state: "close", statusReason: 428 } }), 1);
  await clock.advance(2_900);
  assert.equal(await send(), 0);
  await clock.advance(200);
  result = "applied";
  assert.equal(await send(), 1);
  assert.equal(await send(), 1, "a look counts each");
});

Deno.test("one number's storm says nothing of another's", async () => {
  const { handle, clock, calls } = webhookScene({
    webhook_keys: () => [{ webhook_secret: "s", webhook_token: null, key_id: KEY_ID }],
    apply_webhook: () => ({ result: "ignored", refused: [] }),
  });
  for (const id of [INSTANCE, ANOTHER]) {
    const headers = { authorization: bearer(clock.now(), "s") };
    await handle(webhook(connecting, headers, `/evolution-webhook/${id}`));
  }
  assert.deepEqual(
    calls.filter(({ fn }) => fn === "apply_webhook").map(({ args }) => args.p_instance_id),
    [INSTANCE, ANOTHER],
  );
});
