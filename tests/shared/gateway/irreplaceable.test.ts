import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { createGateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { answering } from "./fake-fetch.ts";

/** What the registry says of an instance that could not be made anew as it is. */
async function irreplaceable(more: Readonly<Record<string, unknown>>): Promise<unknown> {
  const row = { name: "x", connectionStatus: "open", ownerJid: null, token: "its own", ...more };
  const { fetch } = answering(200, JSON.stringify([row]));
  const clock = new VirtualClock();
  const address = { apiUrl: "http://gateway.test", apiKey: "KEY", instanceName: "x" };
  const registry = await clock.until(createGateway(address, { fetch, clock }).registry());
  return "irreplaceable" in registry ? registry.irreplaceable : undefined;
}

Deno.test("an instance whose own key is shown, or that has settings of its own, is not made anew", async () => {
  assert.equal(await irreplaceable({}), undefined);
  assert.equal(await irreplaceable({ Proxy: null, Chatwoot: { enabled: false } }), undefined);
  assert.equal(await irreplaceable({ token: "KEY" }), "own_key");
  for (const own of ["Proxy", "Chatwoot", "Rabbitmq", "Nats", "Sqs", "Kafka", "Websocket"]) {
    assert.equal(await irreplaceable({ [own]: { enabled: true } }), "own_settings", own);
  }
  // What cannot be read may be in use.
  assert.equal(await irreplaceable({ Proxy: { host: "10.0.0.1" } }), "own_settings");
});
