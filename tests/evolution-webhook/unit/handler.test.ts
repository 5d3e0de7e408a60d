import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DatabaseError } from "../../../supabase/functions/_shared/runtime/database.ts";
import { instanceIdOf } from "../../../supabase/functions/evolution-webhook/sender.ts";
import { samples } from "./samples.ts";
import { bearer, INSTANCE, KEY_ID, webhook, webhookScene } from "./scene.ts";

const open = {
  event: "connection.update",
  data: { state: "open", statusReason: 200, wuid: "5511900000001:3@s.whatsapp.net" },
  date_time: "2026-11-22T21:59:58.389Z",
};
const signed = (clock: { now(): Date }) => ({ authorization: bearer(clock.now()) });

const digestOf = (body: unknown) => createHash("sha256").update(JSON.stringify(body)).digest("hex");

const WRITTEN: readonly (readonly [string, unknown, Record<string, unknown>])[] = [
  ["connection", open, {
    state: "open",
    at: "2026-11-22T21:59:58.389Z",
    reason: 200,
    own_number: "5511900000001",
  }],
  ["qr", {
    event: "qrcode.updated",
    data: { qrcode: { code: "2@x", base64: "y" } },
    date_time: "2026-11-22T21:00:00.000Z",
  }, {
    qr: { code: "2@x", base64: "y", pairing_code: null },
    at: "2026-11-22T21:00:00.000Z",
  }],
  ["message", samples.find(({ body }) => body.event === "messages.upsert")?.body, {
    message: {
      whatsapp_message_id: "3A1526642262E73548C8",
      remote_jid: "5511977776666@s.whatsapp.net",
      hidden_jid: null,
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
  }],
  ["acknowledgement", {
    event: "messages.update",
    data: { keyId: "A1", fromMe: true, status: "READ" },
  }, { whatsapp_message_id: "A1", status: "read", heard: true, message: null }],
  ["acknowledgement", {
    event: "send.message",
    data: {
      key: { id: "A1", remoteJid: "5511988887777@s.whatsapp.net", fromMe: true },
      message: { imageMessage: { caption: "foto" } },
    },
  }, {
    whatsapp_message_id: "A1",
    status: "sent",
    // That something left says nothing about what comes in.
    heard: false,
    message: {
      remote_jid: "5511988887777@s.whatsapp.net",
      hidden_jid: null,
      type: "image",
      content: null,
      caption: "foto",
    },
  }],
  ["presence", { event: "presence.update", data: { id: "5511988887777@s.whatsapp.net" } }, {}],
];

for (const [kind, body, change] of WRITTEN) {
  Deno.test(`an event is handed over whole, in the database's words: ${kind}`, async () => {
    const { handle, calls, clock } = webhookScene();
    assert.equal((await handle(webhook(body, signed(clock)))).status, 200);
    assert.deepEqual(calls, [
      { fn: "webhook_keys", args: { p_instance_id: INSTANCE } },
      {
        fn: "apply_webhook",
        args: {
          p_instance_id: INSTANCE,
          p_key: KEY_ID,
          p_changes: [{ kind, ...change }],
          p_delivery: {
            digest: digestOf(body),
            signed_at: clock.now().toISOString(),
            refused: 0,
          },
        },
      },
    ]);
  });
}

Deno.test("a logout that was asked for at the gateway is told after the close that it is", async () => {
  const { handle, calls, clock } = webhookScene();
  const body = samples.find(({ body }) => body.event === "status.instance")?.body;
  assert.equal((await handle(webhook(body, signed(clock)))).status, 200);
  const told = calls[1]?.args["p_changes"] as readonly { readonly kind: string }[];
  assert.deepEqual(told.map(({ kind }) => kind), ["connection", "logout"]);
});

Deno.test("a secret that comes in clear is no credential, and is named", async () => {
  const { handle, calls, lines } = webhookScene();
  assert.equal((await handle(webhook(open, { jwt_key: "the secret itself" }))).status, 401);
  assert.deepEqual(calls, []);
  assert.match(lines.join("\n"), /"reason":"secret_in_clear"/);
});

Deno.test("all that an event says is one call, and its result is the answer", async () => {
  const { handle, calls, clock } = webhookScene({
    apply_webhook: () => ({ result: "stored", refused: [] }),
  });
  const item = (id: string) => ({
    key: { id, remoteJid: "5511977776666@s.whatsapp.net" },
    message: { conversation: "oi" },
  });
  const body = { event: "messages.upsert", data: ["A1", "A2", "A3"].map(item) };
  const response = await handle(webhook(body, signed(clock)));
  assert.deepEqual(await response.json(), { success: true, result: "stored" });
  const [, { args }, ...others] = calls as [unknown, (typeof calls)[number]];
  assert.deepEqual([(args.p_changes as unknown[]).length, others.length], [3, 0]);
});

Deno.test("items that are left out are counted in the answer and named in the log, no more", async () => {
  const { handle, calls, lines, clock } = webhookScene({
    apply_webhook: () => ({ result: "stored", refused: ["22001"] }),
  });
  const item = (id: string, remoteJid: unknown = "5511977776666@s.whatsapp.net") => ({
    key: { id, remoteJid },
    message: { conversation: "um segredo" },
  });
  const data = [item("A1"), item("B1", null), item("A2"), item("B2", null), item("A3")];
  const response = await handle(webhook({ event: "messages.upsert", data }, signed(clock)));
  assert.deepEqual([response.status, await response.json()], [200, {
    success: true,
    result: "stored",
    refused: 3,
  }]);
  assert.partialDeepStrictEqual(calls.at(-1)?.args, { p_delivery: { refused: 2 } });
  const said = lines.map((line) => JSON.parse(line)).filter(({ event }) =>
    event === "item_refused"
  );
  assert.deepEqual(said.map(({ level, action, reason }) => [level, action, reason]), [
    ["warn", "messages.upsert", "data.key.remoteJid"],
    ["warn", "messages.upsert", "database.22001"],
  ]);
  assert.ok(!lines.join().includes("segredo"));
});

for (
  const [refused, ...bodies] of [
    [
      0,
      { event: "contacts.upsert" },
      {},
      { event: "messages.upsert", data: [] },
      { event: "connection.update", data: [] },
    ],
    // May have been a message, which the gateway has.
    [
      1,
      "{",
      { event: "messages.upsert", data: {} },
      { event: "messages.upsert", data: [{}] },
      { event: "send.message", data: "?" },
    ],
  ] as const
) {
  for (const body of bodies) {
    const what = JSON.stringify(body);
    Deno.test(`what asks for nothing is noted, ${refused} refused: ${what}`, async () => {
      const { handle, calls, clock } = webhookScene();
      await handle(webhook(body, signed(clock)));
      assert.equal(calls.length, 2);
      assert.partialDeepStrictEqual(calls[1]?.args, { p_delivery: { refused } });
      assert.deepEqual(calls[1]?.args.p_changes, []);
    });
  }
}

Deno.test("a stranger's body is not read, and each hears the same words", async () => {
  const { handle } = webhookScene();
  const bad = { authorization: bearer(new Date(0)) };
  for (const [headers, path] of [[{}], [bad], [bad, "/evolution-webhook/my-instance"]] as const) {
    const request = webhook(open, headers, path);
    const response = await handle(request);
    const { requestId: _, ...answer } = await response.json();
    assert.deepEqual([response.status, request.bodyUsed, answer], [401, false, {
      success: false,
      error: "Sua sessão expirou ou é inválida. Entre de novo.",
      errorCode: "UNAUTHENTICATED",
      retryable: false,
    }]);
  }
});

const down = () => {
  throw new DatabaseError("any", "unreachable", null);
};
const ENDS = [
  ["an event that nobody knows is accepted", { event: "contacts.upsert" }, {}, 200, undefined],
  ["more than 8 MB are not read", " ".repeat(8 * 1024 * 1024 + 1), {}, 413, false],
  ["what is no event never comes again", {}, {}, 400, false],
  ["keys that cannot be read: come again", open, { webhook_keys: down }, 503, true],
  ["nothing could be written: come again", open, { apply_webhook: down }, 503, true],
  ["the database is not understood", open, { apply_webhook: () => "?" }, 500, true],
] as const;

for (const [what, body, answers, status, retryable] of ENDS) {
  Deno.test(`${what} (${status})`, async () => {
    const { handle, clock } = webhookScene(answers);
    const response = await handle(webhook(body, signed(clock)));
    assert.deepEqual([response.status, (await response.json()).retryable], [status, retryable]);
  });
}

Deno.test("an accepted event is one debug line, a refused one an info line that says why", async () => {
  const { handle, lines, clock } = webhookScene();
  await handle(webhook(open, signed(clock)));
  await handle(webhook(open, { authorization: bearer(clock.now(), "other") }));
  await handle(webhook({ event: "connection.update", data: {} }, signed(clock)));
  const said = lines.map((line) => ({ ...JSON.parse(line), requestId: undefined }));
  const base = { function: "evolution-webhook", instanceId: INSTANCE, requestId: undefined };
  const info = { ...base, level: "info", event: "refused" };
  const action = "connection.update";
  assert.deepEqual(said, [
    { ...base, level: "debug", event: "webhook", action, outcome: "applied" },
    { ...info, reason: "bad_bearer", errorCode: "UNAUTHENTICATED" },
    { ...info, action, reason: "data.state", errorCode: "INVALID_REQUEST" },
  ]);
});

Deno.test("no key, number, text, QR or bearer of a recorded webhook reaches the log", async () => {
  const { handle, lines, calls, clock } = webhookScene();
  const { authorization } = signed(clock);
  for (const { body } of samples) {
    await handle(webhook(body, { authorization }));
    await handle(webhook({ ...body, data: { ...body, secret: body.apikey } }, { authorization }));
  }
  const keys = samples.map(({ body }) => body.apikey);
  const private_ = ["s3cret", "55119", "whatsapp.net", "oi, tudo bem", "2@", "base64"];
  assert.equal(lines.length, 2 * samples.length);
  for (const secret of [authorization, ...private_, ...keys]) {
    assert.ok(!lines.join("\n").includes(secret), secret);
  }
  assert.ok(calls.length > samples.length);
  for (const key of keys) assert.ok(!JSON.stringify(calls).includes(key), "nor the database");
});

for (
  const [path, named] of [
    [`/evolution-webhook/${INSTANCE}`, true],
    [`/evolution-webhook/${INSTANCE}/`, true],
    [`/evolution-webhook/${INSTANCE}/messages-upsert`, true],
    [`/evolution-webhook/${INSTANCE}?from=gateway`, true],
    [`/evolution-webhook/${INSTANCE.toUpperCase()}`, true],
    [`/functions/v1/evolution-webhook/${INSTANCE}`, true],
    ["/evolution-webhook", false],
    ["/evolution-webhook/my-instance", false],
    [`/evolution-webhook/${INSTANCE}0`, false],
    [`/evolution-webhook/x${INSTANCE}`, false],
    [`/evolution-webhook/x/${INSTANCE}`, false],
    [`/evolution-webhook?instance=${INSTANCE}`, false],
    [`/other/evolution-webhook/${INSTANCE}`, false],
  ] as const
) {
  Deno.test(`the path ${path} names ${named ? "the instance" : "no instance"}`, () => {
    assert.equal(instanceIdOf(`https://project.supabase.co${path}`), named ? INSTANCE : null);
  });
}
