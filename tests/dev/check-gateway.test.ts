import assert from "node:assert/strict";
import { checkGateway } from "../../dev/tasks/doctor/check-gateway.ts";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";

const INSTANCE = {
  id: "00000000-0000-4000-8000-000000000001",
  name: "vendas",
  status: "connected",
  health: "ok",
  api_url: "http://gateway.test",
  api_key: "KEY",
  last_webhook_at: null,
  last_alive_at: null,
  watch: null,
};

/** A gateway whose number has these integrations. */
function gatewayWith(integrations: Readonly<Record<string, unknown>>): typeof fetch {
  const row = { name: "vendas", connectionStatus: "open", ownerJid: null, ...integrations };
  const webhook = {
    url: `http://supabase.test/functions/v1/evolution-webhook/${INSTANCE.id}`,
    enabled: true,
    events: ["CONNECTION_UPDATE", "QRCODE_UPDATED", "MESSAGES_UPSERT"]
      .concat(["MESSAGES_UPDATE", "MESSAGES_SET"]),
    webhookBase64: false,
  };
  return (input) => {
    const { pathname } = new URL(String(input));
    const body = pathname === "/"
      ? { status: 200, version: "2.3.7" }
      : pathname.includes("fetch")
      ? [row]
      : webhook;
    return Promise.resolve(Response.json(body));
  };
}

Deno.test("an integration that is switched on can make its number deaf, and is told", async () => {
  const look = async (integrations: Readonly<Record<string, unknown>>) => {
    const effects = { fetch: gatewayWith(integrations), clock: new VirtualClock() };
    return await checkGateway("http://supabase.test", INSTANCE, effects);
  };
  assert.deepEqual(await look({ Chatwoot: null }), []);
  assert.deepEqual(await look({ Chatwoot: { enabled: false }, Nats: null }), []);
  const [found, ...others] = await look({ Chatwoot: { enabled: true }, Sqs: { enabled: true } });
  assert.deepEqual(others, []);
  assert.equal(found?.code, "integration_risky");
  assert.match(found.what, /Chatwoot, Sqs.*hears nothing/);
});
