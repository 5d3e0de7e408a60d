import assert from "node:assert/strict";
import { DatabaseError } from "../../../supabase/functions/_shared/runtime/database.ts";
import { samples } from "./samples.ts";
import { bearer, INSTANCE, webhook, webhookScene } from "./scene.ts";

const STRANGER = "00000000-0000-4000-8000-000000000000";
const open = {
  event: "connection.update",
  instance: "somebody-else",
  data: { state: "open", statusReason: 200, wuid: "5511900000001:3@s.whatsapp.net" },
  date_time: "2026-11-22T21:59:58.389Z",
  apikey: "CE48FCE0-2BCA-4A32-866C-CCB8A89DF4CA",
};
const down = () => {
  throw new DatabaseError("any", "unreachable", null);
};
const signed = (clock: { now(): Date }) => ({ authorization: bearer(clock.now()) });

Deno.test("an event is applied to the instance of the path, not of the body", async () => {
  const { handle, calls, clock } = webhookScene();
  const response = await handle(webhook(open, signed(clock)));
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { success: true, result: "applied" });
  assert.deepEqual(calls, [
    { fn: "webhook_keys", args: { p_instance_id: INSTANCE } },
    {
      fn: "apply_connection_event",
      args: {
        p_instance_id: INSTANCE,
        p_state: "open",
        p_at: "2026-11-22T21:59:58.389Z",
        p_reason: 200,
        p_own_number: "5511900000001",
      },
    },
  ]);
});

Deno.test("a message is handed over whole", async () => {
  const { handle, calls, clock } = webhookScene();
  const body = samples.find(({ body }) => body.event === "messages.upsert")?.body;
  const response = await handle(webhook(body, signed(clock)));
  assert.deepEqual(await response.json(), { success: true, result: "stored" });
  assert.deepEqual(calls[1], {
    fn: "apply_message",
    args: {
      p_instance_id: INSTANCE,
      p_message: {
        whatsapp_message_id: "3A1526642262E73548C8",
        remote_jid: "5511977776666@s.whatsapp.net",
        from_me: false,
        type: "text",
        content: "oi, tudo bem?",
        media_url: null,
        media_mime_type: null,
        file_name: null,
        caption: null,
        sent_at: "2026-11-22T21:34:55.000Z",
        contact_name: "Cliente Lab",
      },
    },
  });
});

Deno.test("a QR code and an acknowledgement are handed over in the database's words", async () => {
  const { handle, calls, clock } = webhookScene();
  const date_time = "2026-11-22T21:00:00.000Z";
  const qr = { event: "qrcode.updated", data: { qrcode: { code: "2@x", base64: "y" } }, date_time };
  const read = { event: "messages.update", data: { keyId: "A1", fromMe: true, status: "READ" } };
  await handle(webhook(qr, signed(clock)));
  await handle(webhook(read, signed(clock)));
  assert.deepEqual(calls.filter(({ fn }) => fn !== "webhook_keys"), [
    {
      fn: "apply_qr_code",
      args: {
        p_instance_id: INSTANCE,
        p_qr: { code: "2@x", base64: "y", pairing_code: null },
        p_at: date_time,
      },
    },
    {
      fn: "apply_acknowledgement",
      args: { p_instance_id: INSTANCE, p_whatsapp_message_id: "A1", p_status: "read" },
    },
  ]);
});

Deno.test("several messages answer with the result that matters most", async () => {
  const results = ["ignored", "stored", "ignored"];
  const { handle, calls, clock } = webhookScene({ apply_message: () => results.shift() });
  const item = (id: string) => ({
    key: { id, remoteJid: "5511977776666@s.whatsapp.net" },
    message: { conversation: "oi" },
  });
  const body = { event: "messages.upsert", data: ["A1", "A2", "A3"].map(item) };
  const response = await handle(webhook(body, signed(clock)));
  assert.deepEqual(await response.json(), { success: true, result: "stored" });
  assert.equal(calls.length, 4);
});

Deno.test("a gateway with webhooks by event reaches the same instance", async () => {
  const { handle, clock } = webhookScene();
  const path = `/evolution-webhook/${INSTANCE}/connection-update`;
  const response = await handle(webhook(open, signed(clock), path));
  assert.deepEqual(await response.json(), { success: true, result: "applied" });
});

Deno.test("the static token lets an older gateway in", async () => {
  const { handle } = webhookScene();
  const response = await handle(webhook(open, { "x-webhook-token": "tok" }));
  assert.equal(response.status, 200);
});

Deno.test("an event that nobody knows is accepted and changes nothing", async () => {
  const { handle, calls, clock } = webhookScene();
  const response = await handle(webhook({ event: "presence.update", data: {} }, signed(clock)));
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { success: true, result: "ignored" });
  assert.deepEqual(calls.map(({ fn }) => fn), ["webhook_keys"]);
});

const now = new Date("2026-11-22T22:00:00.000Z");
const good = { authorization: bearer(now) };
for (
  const [what, headers, path] of [
    ["no credentials", {}, undefined],
    ["a bearer of another secret", { authorization: bearer(now, "other") }, undefined],
    ["an old bearer", { authorization: bearer(new Date(now.getTime() - 700_000)) }, undefined],
    ["a wrong token", { "x-webhook-token": "kot" }, undefined],
    [
      "a right token beside a bad bearer",
      { authorization: bearer(now, "other"), "x-webhook-token": "tok" },
      undefined,
    ],
    ["an instance that does not exist", good, `/evolution-webhook/${STRANGER}`],
    ["an id that is none", good, "/evolution-webhook/my-instance"],
    ["no id", good, "/evolution-webhook"],
  ] as const
) {
  Deno.test(`${what} is refused with the same words, unread`, async () => {
    const { handle, calls } = webhookScene();
    const request = webhook(open, headers, path);
    const response = await handle(request);
    assert.equal(response.status, 401);
    const { requestId, ...answer } = await response.json();
    assert.match(requestId, /^[\da-f-]{36}$/);
    assert.deepEqual(answer, {
      success: false,
      error: "Sua sessão expirou ou é inválida. Entre de novo.",
      errorCode: "UNAUTHENTICATED",
      retryable: false,
    });
    assert.equal(request.bodyUsed, false);
    assert.deepEqual(calls.filter(({ fn }) => fn !== "webhook_keys"), []);
  });
}

for (
  const [what, body, status, errorCode] of [
    ["is no JSON", "{", 400, "INVALID_JSON"],
    ["is empty", "", 400, "INVALID_JSON"],
    ["is no event", {}, 400, "INVALID_REQUEST"],
    ["has no state", { event: "connection.update", data: {} }, 400, "INVALID_REQUEST"],
    ["is larger than 8 MB", " ".repeat(8 * 1024 * 1024 + 1), 413, "PAYLOAD_TOO_LARGE"],
  ] as const
) {
  Deno.test(`a body that ${what} answers ${status} and changes nothing`, async () => {
    const { handle, calls, clock } = webhookScene();
    const response = await handle(webhook(body, signed(clock)));
    assert.equal(response.status, status);
    assert.equal((await response.json()).errorCode, errorCode);
    assert.deepEqual(calls.map(({ fn }) => fn), ["webhook_keys"]);
  });
}

for (
  const [what, answers, status] of [
    ["the keys cannot be read", { webhook_keys: down }, 503],
    ["the event cannot be written", { apply_connection_event: down }, 503],
    ["the database answers something unknown", { apply_connection_event: () => "done" }, 500],
  ] as const
) {
  Deno.test(`when ${what}, the gateway is told to come again (${status})`, async () => {
    const { handle, clock } = webhookScene(answers);
    const response = await handle(webhook(open, signed(clock)));
    assert.equal(response.status, status);
    assert.equal((await response.json()).retryable, true);
  });
}

Deno.test("anything but POST is refused before anything is looked up", async () => {
  const { handle, calls, clock } = webhookScene();
  const url = `https://project.supabase.co/evolution-webhook/${INSTANCE}`;
  const response = await handle(new Request(url, { headers: signed(clock) }));
  assert.equal(response.status, 405);
  assert.deepEqual(calls, []);
});
