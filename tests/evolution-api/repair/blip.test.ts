import assert from "node:assert/strict";
import { calls, eventKinds, instanceRow, sendToTheEnd, worldTest } from "../../support/world.ts";

const CLOSED = { status: 400, body: { response: { message: ["Error: Connection Closed"] } } };

const BACK = {
  pt: "A conexão deste número falhou durante o envio e já voltou.",
  en: "This number's connection failed during the send and is back.",
};
const CHECK = "Não se sabe se a mensagem saiu: confira antes de reenviar.";

worldTest(
  "a socket that is back within a second gets the message, once, and no logout",
  async (world) => {
    const { control } = world.gateway;
    const name = world.company.instanceName;
    control.blip(name);
    const row = await sendToTheEnd(world, { message: "um" });

    assert.equal(row["status"], "sent");
    assert.deepEqual(control.delivered(name).map((message) => message.content), ["um"]);
    assert.equal(control.delivered(name)[0]?.id, row["whatsapp_message_id"]);
    assert.equal(calls(world, "sendText"), 2);
    assert.equal(calls(world, "logout"), 0);
    const kinds = await eventKinds(world);
    assert.deepEqual(kinds.filter((kind) => kind !== "connected"), [
      "connection_closed",
      "false_alarm",
    ]);
    const instance = await instanceRow(world);
    assert.deepEqual([instance["status"], instance["last_disconnected_at"]], ["connected", null]);
  },
);

worldTest(
  "after an answer that took over 5 seconds the message is not sent again",
  async (world) => {
    const { control } = world.gateway;
    control.slow("sendText", 6_000);
    control.fault("sendText", CLOSED);
    const row = await sendToTheEnd(world);

    assert.deepEqual([row["status"], row["error_code"]], ["failed", "connection_closed"]);
    assert.equal(row["error_message"], `${BACK.pt} ${CHECK}`);
    assert.equal(calls(world, "sendText"), 1);
    assert.deepEqual(control.delivered(world.company.instanceName), []);
    assert.deepEqual(await eventKinds(world), ["connection_closed", "false_alarm"]);
    assert.equal((await instanceRow(world))["status"], "connected");
  },
);

worldTest("a second try that fails too is the last one", async (world) => {
  const { control } = world.gateway;
  control.fault("sendText", CLOSED, { times: 2 });
  const row = await sendToTheEnd(world, {}, { headers: { "accept-language": "en" } });

  assert.deepEqual([row["status"], row["error_code"]], ["failed", "connection_closed"]);
  assert.equal(row["error_message"], BACK.en);
  assert.equal(calls(world, "sendText"), 2);
  assert.equal(calls(world, "logout"), 0);
  assert.deepEqual(control.delivered(world.company.instanceName), []);
});
