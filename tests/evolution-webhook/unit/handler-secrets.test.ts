import assert from "node:assert/strict";
import { samples } from "./samples.ts";
import { bearer, INSTANCE, webhook, webhookScene } from "./scene.ts";

const open = { event: "connection.update", data: { state: "open" } };
const signed = (clock: { now(): Date }) => ({ authorization: bearer(clock.now()) });

Deno.test("an accepted event is one debug line, a refused one an info line that says why", async () => {
  const { handle, lines, clock } = webhookScene();
  await handle(webhook(open, signed(clock)));
  await handle(webhook(open, { authorization: bearer(clock.now(), "other") }));
  await handle(webhook({ event: "connection.update", data: {} }, signed(clock)));
  const said = lines.map((line) => {
    const { requestId: _, ...rest } = JSON.parse(line);
    return rest;
  });
  const base = { function: "evolution-webhook", instanceId: INSTANCE };
  assert.deepEqual(said, [
    {
      level: "debug",
      event: "webhook",
      ...base,
      action: "connection.update",
      outcome: "applied",
    },
    {
      level: "info",
      event: "refused",
      ...base,
      reason: "bad_bearer",
      errorCode: "UNAUTHENTICATED",
    },
    {
      level: "info",
      event: "refused",
      ...base,
      action: "connection.update",
      reason: "data.state",
      errorCode: "INVALID_REQUEST",
    },
  ]);
});

Deno.test("no key, number, text, QR or bearer of any recorded webhook reaches the log", async () => {
  const { handle, lines, clock } = webhookScene();
  const authorization = bearer(clock.now());
  for (const { body } of samples) {
    await handle(webhook(body, { authorization }));
    await handle(webhook({ ...body, data: { ...body, secret: body.apikey } }, { authorization }));
  }
  const log = lines.join("\n");
  assert.equal(lines.length, 2 * samples.length);
  const secrets = [
    authorization,
    "s3cret",
    "55119",
    "whatsapp.net",
    "oi, tudo bem",
    "2@",
    "base64",
  ];
  for (const secret of [...secrets, ...samples.map(({ body }) => body.apikey)]) {
    assert.ok(!log.includes(secret), secret);
  }
});

Deno.test("no key of any recorded webhook reaches the database", async () => {
  const { handle, calls, clock } = webhookScene();
  for (const { body } of samples) await handle(webhook(body, signed(clock)));
  const written = JSON.stringify(calls);
  assert.ok(calls.length > samples.length);
  for (const { body } of samples) assert.ok(!written.includes(body.apikey), body.event);
});
