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

/** A gateway that says this of itself, and whose number is as it should be but for this. */
function gatewaySaying(root: unknown, more: Readonly<Record<string, unknown>> = {}): typeof fetch {
  const row = { name: "vendas", connectionStatus: "open", ownerJid: null, ...more };
  const webhook = {
    url: `http://supabase.test/functions/v1/evolution-webhook/${INSTANCE.id}`,
    enabled: true,
    events: ["CONNECTION_UPDATE", "QRCODE_UPDATED", "MESSAGES_UPSERT"]
      .concat(["MESSAGES_UPDATE", "MESSAGES_SET"]),
    webhookBase64: false,
  };
  return (input) => {
    const { pathname } = new URL(String(input));
    const isPage = pathname === "/" && typeof root === "string";
    if (isPage) return Promise.resolve(new Response(root));
    const body = pathname === "/" ? root : pathname.includes("fetch") ? [row] : webhook;
    return Promise.resolve(Response.json(body));
  };
}

async function look(
  root: unknown,
  more: { readonly unheard_since_logout?: string; readonly has_token?: boolean } = {},
) {
  const effects = { fetch: gatewaySaying(root), clock: new VirtualClock() };
  const found = await checkGateway("http://supabase.test", { ...INSTANCE, ...more }, effects);
  return found.map(({ code, what }) => [code, what] as const);
}

const evolution = (version: string) => ({ status: 200, version });

Deno.test("doctor says what a gateway's version means, and how that is known", async () => {
  assert.deepEqual(await look(evolution("2.3.7")), []);
  for (
    const [version, code, said] of [
      ["2.2.3", "gateway_version", /cannot sign webhooks/],
      ["2.3.0", "gateway_version", /zombie can be deleted.*read, not measured/],
      ["2.3.6", "logout_unsafe_here", /hears nothing until the process restarts; no automatic/],
      ["2.4.0-rc1", "logout_unsafe_here", /cannot finish its next pairing.*read, not measured/],
      ["2.3.9", "gateway_version", /not known here, and taken for the nearest older/],
      ["2.3.6", "logout_unsafe_here", /with Baileys 7\.0\.0-rc\.6; which one runs cannot be asked/],
      ["2.3.9", "gateway_version", /which Baileys it runs cannot be asked for, and is not known/],
      ["2.2.3", "gateway_version", /which Baileys it runs cannot be asked for, and is not known/],
    ] as const
  ) {
    const [finding, ...others] = await look(evolution(version));
    assert.deepEqual([finding?.[0], others.length], [code, 0], version);
    assert.match(finding![1], said);
  }
});

Deno.test("doctor names what is no Evolution API of use", async () => {
  const [old] = await look(evolution("2.1.1"));
  assert.deepEqual(old?.[0], "gateway_unusable");
  assert.match(old[1], /answers Evolution API 2\.1\.1/);
  const [page] = await look("<!doctype html><html></html>");
  assert.match(page![1], /answers a web page/);
});

Deno.test("a number that was logged out where that makes deaf, and heard nothing since, is named", async () => {
  const unheard = { unheard_since_logout: "2026-11-26T20:00:00Z" };
  const codes = async (version: string, more = {}) =>
    (await look(evolution(version), more)).map(([code]) => code);
  assert.deepEqual(await codes("2.3.6", unheard), ["logout_unsafe_here", "maybe_deaf"]);
  assert.deepEqual(await codes("2.3.6"), ["logout_unsafe_here"]);
  assert.deepEqual(await codes("2.3.7", unheard), []);
});

Deno.test("a secret that goes out in clear is named, until the number has a token", async () => {
  const codes = async (version: string, has_token: boolean) =>
    (await look(evolution(version), { has_token })).map(([code]) => code);
  assert.deepEqual(await codes("2.2.3", false), ["gateway_version", "webhook_secret_in_clear"]);
  assert.deepEqual(await codes("2.2.3", true), ["gateway_version"]);
  assert.deepEqual(await codes("2.3.7", false), []);
});

Deno.test("an integration that is switched on can make its number deaf, and is told", async () => {
  const find = async (integrations: Readonly<Record<string, unknown>>) => {
    const effects = {
      fetch: gatewaySaying(evolution("2.3.7"), integrations),
      clock: new VirtualClock(),
    };
    return await checkGateway("http://supabase.test", INSTANCE, effects);
  };
  assert.deepEqual(await find({ Chatwoot: null }), []);
  assert.deepEqual(await find({ Chatwoot: { enabled: false }, Nats: null }), []);
  const [found, ...others] = await find({ Chatwoot: { enabled: true }, Sqs: { enabled: true } });
  assert.deepEqual(others, []);
  assert.equal(found?.code, "integration_risky");
  assert.match(found.what, /Chatwoot, Sqs.*hears nothing/);
});
