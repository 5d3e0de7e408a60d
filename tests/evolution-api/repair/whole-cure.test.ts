import assert from "node:assert/strict";
import {
  beginSend,
  calls,
  events,
  instanceRow,
  messageRow,
  reconnect,
  registryReads,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

worldTest("the whole cure of a half-open session, in its thirteen steps", async (world) => {
  const { clock, company } = world;
  const { control } = world.gateway;
  const name = company.instanceName;
  const lastCall = () => world.gateway.calls.at(-1);
  assert.equal((await sendToTheEnd(world, { message: "antes" }))["status"], "sent");
  control.ghost(name, "A1", { selfHeals: false, noticedAfterMs: 600_000 });
  assert.equal(control.inspect(name).registry, "open");

  // 1. The user sends, and is answered at once.
  const began = clock.monotonicMs();
  const answer = await beginSend(world, { message: "perdida" });
  assert.partialDeepStrictEqual(answer, { status: 200, body: { success: true, async: true } });
  const lost = answer.body["messageId"];
  assert.equal((await messageRow(world, lost))["status"], "sending");

  // 2. Evolution answers Connection Closed, after a minute: the socket is half-open.
  await clock.advance(59_000);
  assert.equal((await messageRow(world, lost))["status"], "sending");
  await clock.advance(1_500);
  assert.partialDeepStrictEqual(world.gateway.calls.findLast((call) => call.route === "sendText"), {
    status: 400,
  });
  assert.equal((await instanceRow(world))["status"], "connected");

  // 3. The session is logged out, with DELETE.
  await world.settle();
  const logout = world.gateway.calls.find((call) => call.route === "logout");
  assert.partialDeepStrictEqual(logout, { method: "DELETE", instance: name, status: 200 });
  assert.equal(calls(world, "logout"), 1);
  assert.equal(control.inspect(name).registry, "close");

  // 4. The row is disconnected. 5. The message has failed, and says what it said.
  const down = await instanceRow(world);
  assert.equal(down["status"], "disconnected");
  assert.notEqual(down["last_disconnected_at"], null);
  const failed = await messageRow(world, lost);
  assert.deepEqual(
    [failed["status"], failed["error_code"], failed["content"]],
    ["failed", "connection_closed", "perdida"],
  );
  assert.ok(clock.monotonicMs() - began < 90_000);
  assert.deepEqual((await events(world)).at(-1)?.detail["verified"], {
    outcome: "invalidated",
    registry: "close",
    http_status: 200,
    ms: 13,
  });

  // 6. A minute later the scheduler looks. 7. The registry says close. 8. One connect.
  await clock.advance(60_000);
  const reads = registryReads(world);
  assert.partialDeepStrictEqual(await reconnect(world), { leased: 1, awaitingQr: 1, connected: 0 });
  assert.equal(registryReads(world), reads + 1);
  assert.partialDeepStrictEqual(lastCall(), { route: "connect", method: "GET", status: 200 });
  assert.equal(calls(world, "connect"), 1);

  // The logout has deleted the pairing, so a QR is a stop on the way.
  await clock.advance(500);
  assert.equal((await instanceRow(world))["status"], "awaiting_qr");
  const [qr] = await world.sql`select code from private.instance_qr_codes`;
  assert.equal(qr?.["code"], control.inspect(name).qr.code);
  assert.partialDeepStrictEqual(await reconnect(world), { leased: 0 });

  // 9. The socket opens. 10. The webhook says so. 11. The row is connected.
  assert.deepEqual(control.scan(name), { accepted: true });
  await clock.advance(1_000);
  assert.equal(control.inspect(name).socket, "open");
  const up = await instanceRow(world);
  assert.deepEqual(
    [up["status"], up["disconnected_since"], up["reconnect_attempts_count"]],
    ["connected", null, 0],
  );
  assert.equal(Number(up["connection_epoch"]), Number(down["connection_epoch"]) + 1);
  const [noQr] = await world.sql`select 1 from private.instance_qr_codes`;
  assert.equal(noQr, undefined);

  // 12. Messages come in again.
  assert.equal(control.inbound(name, { from: "5511988887777", text: "voltou?" }).fate, "delivered");
  await clock.advance(500);
  const [received] = await world.sql`
    select content, status, conversation_id from public.messages where not is_from_me`;
  assert.deepEqual(received, {
    content: "voltou?",
    status: "received",
    conversation_id: company.conversationId,
  });

  // 13. The next send works.
  assert.equal((await sendToTheEnd(world, { message: "depois" }))["status"], "sent");
  assert.deepEqual(control.delivered(name).map((message) => message.content), ["antes", "depois"]);
  assert.equal((await messageRow(world, lost))["status"], "failed");
  assert.equal(calls(world, "logout"), 1);
  assert.equal(calls(world, "connect"), 1);
  assert.deepEqual(
    (await events(world)).map(({ kind }) => kind).filter((kind) => kind !== "webhook_close"),
    [
      "connection_closed",
      "logout",
      "marked_disconnected",
      "verified",
      "qr_required",
      "connected",
    ],
  );
});
