import assert from "node:assert/strict";
import { readEvent } from "../../../supabase/functions/evolution-webhook/read-event.ts";
import { bearer, INSTANCE, webhook, webhookScene } from "./scene.ts";

const signed = (clock: { now(): Date }) => ({ authorization: bearer(clock.now()) });

const WINDOW = {
  window_from: "2026-11-22T21:00:00+00:00",
  window_until: "2026-11-22T21:30:00+00:00",
};
const INSIDE = Date.parse("2026-11-22T21:10:00Z") / 1000;

function item(id: string, messageTimestamp: unknown = INSIDE, more: Record<string, unknown> = {}) {
  return {
    key: { id, remoteJid: "5511977776666@s.whatsapp.net", fromMe: false },
    message: { conversation: `text of ${id}` },
    messageTimestamp,
    ...more,
  };
}

/** What came of a history, and which messages were handed over. */
async function tell(data: unknown, window: unknown = [WINDOW]) {
  const { handle, calls, clock } = webhookScene({
    history_window: () => window,
    apply_history: () => "stored",
  });
  const response = await handle(webhook({ event: "messages.set", data }, signed(clock)));
  const handed = calls.filter(({ fn }) => fn === "apply_history").map(({ args }) => {
    assert.equal(args.p_instance_id, INSTANCE);
    return (args.p_messages as { whatsapp_message_id: string }[]).map((message) =>
      message.whatsapp_message_id
    );
  });
  return { status: response.status, body: await response.json(), handed };
}

Deno.test("of a history what lies in the gap is handed over", async () => {
  const before = Date.parse("2026-11-22T20:59:00Z") / 1000;
  const data = [item("A"), item("OLD", before), item("B", `${INSIDE}`), item("UNDATED", null)];
  const { body, handed } = await tell(data);
  assert.deepEqual(handed, [["A", "B"]]);
  assert.deepEqual(body, { success: true, result: "stored" });
});

Deno.test("a history without a gap is not even read", async () => {
  const { status, body, handed } = await tell(["no message", item("A")], []);
  assert.deepEqual([status, body, handed], [200, { success: true, result: "ignored" }, []]);
});

Deno.test("what cannot be read is counted, and does not lose the others", async () => {
  const data = [
    item("A"),
    item("", INSIDE),
    item("NO-CHAT", INSIDE, { key: { id: "X" } }),
    item("B"),
  ];
  const { body, handed } = await tell(data);
  assert.deepEqual(handed, [["A", "B"]]);
  assert.deepEqual(body, { success: true, result: "stored", refused: 2 });
});

Deno.test("a long history is handed over in parts", async () => {
  const { handed } = await tell(Array.from({ length: 450 }, (_, place) => item(`M${place}`)));
  assert.deepEqual(handed.map(({ length }) => length), [200, 200, 50]);
});

Deno.test("a history that is no list can never be understood", () => {
  const reading = readEvent({ event: "MESSAGES_SET", data: { messages: 3 } }, new Date());
  assert.deepEqual(reading, { outcome: "malformed", event: "messages.set", field: "data" });
});

Deno.test("a history too large to be read is taken all the same: it would come ten times", async () => {
  const { status, handed } = await tell([
    item("A", INSIDE, { message: {} }),
    ...Array.from(
      { length: 90 },
      () => item("FILLER", INSIDE, { message: { conversation: "x".repeat(100_000) } }),
    ),
  ]);
  assert.deepEqual([status, handed], [200, [[]]], "the database asks the gateway for it");
});
