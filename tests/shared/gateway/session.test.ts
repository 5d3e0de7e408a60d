import assert from "node:assert/strict";
import type { Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { runCall } from "./every-call.ts";
import { answering } from "./fake-fetch.ts";

const OWN = "5531987654321";

/** The outcome of a call that is answered with this JSON. */
function outcomeOf(
  call: (gateway: Gateway) => Promise<{ outcome: string; ms: number }>,
  status: number,
  body: unknown,
) {
  return runCall(call, answering(status, JSON.stringify(body)).fetch);
}

function probe(status: number, body: unknown) {
  return outcomeOf((gateway) => gateway.probe(OWN), status, body);
}

const NO_BUSINESS = { isBusiness: false, message: "Not is business profile", exists: true };

const ALIVE: readonly [string, unknown][] = [
  ["a private account", { ...NO_BUSINESS, jid: `${OWN}@s.whatsapp.net`, number: OWN }],
  ["a business account", { isBusiness: true, wid: `${OWN}@s.whatsapp.net`, website: [] }],
  ["the number without its ninth digit", { ...NO_BUSINESS, jid: "553187654321@s.whatsapp.net" }],
  ["a device of the number", { ...NO_BUSINESS, jid: `${OWN}:12@s.whatsapp.net` }],
];

for (const [what, body] of ALIVE) {
  Deno.test(`the probe takes an answer about the own number for life: ${what}`, async () => {
    assert.deepEqual(await probe(200, body), { outcome: "alive", ms: 0, httpStatus: 200 });
  });
}

const NOT_ALIVE: readonly [string, number, unknown, string][] = [
  ["another number", 200, { ...NO_BUSINESS, jid: "5511910000002@s.whatsapp.net" }, "invalid"],
  ["a hidden number", 200, { ...NO_BUSINESS, jid: `${OWN}@lid` }, "invalid"],
  ["nobody's number", 200, NO_BUSINESS, "invalid"],
  ["no profile", 200, { jid: `${OWN}@s.whatsapp.net` }, "invalid"],
  ["a queue", 202, { ...NO_BUSINESS, jid: `${OWN}@s.whatsapp.net` }, "invalid"],
  ["a lie", 200, { error: true, message: "Connection Closed" }, "invalid"],
  ["a closed socket", 500, {
    response: { message: ["Error updating profile name", "Error: Connection Closed"] },
  }, "connection_closed"],
  ["another error", 500, { response: { message: ["Error: not-acceptable"] } }, "refused"],
  ["a time-out", 500, { response: { message: ["Error: Timed Out"] } }, "connection_closed"],
  ["an edge's 404", 404, { message: "Application not found" }, "unreachable"],
  ["an unknown instance", 404, {
    response: { message: ['The "c-open" instance does not exist'] },
  }, "not_found"],
];

for (const [what, status, body, expected] of NOT_ALIVE) {
  Deno.test(`the probe does not take ${what} (${status}) for life`, async () => {
    assert.equal((await probe(status, body)).outcome, expected);
  });
}

Deno.test("a limit of WhatsApp's came through the socket: alive", async () => {
  const limited = { status: 500, error: "x", response: { message: ["Error: rate-overlimit"] } };
  assert.equal((await probe(500, limited)).outcome, "alive");
});

Deno.test("a probe without an own number asks nothing", async () => {
  for (const number of ["", "120363@g.us", "12345678901234@lid", "abc"]) {
    const { fetch, seen } = answering(200, "{}");
    assert.deepEqual(await runCall((gateway) => gateway.probe(number), fetch), {
      outcome: "no_number",
      ms: 0,
    });
    assert.equal(seen.length, 0);
  }
});

const LOGOUTS: readonly [string, number, unknown, string][] = [
  ["success", 200, { status: "SUCCESS", error: false, response: { message: "" } }, "accepted"],
  ["an error in a 200", 200, { error: true, message: "[object Object]" }, "invalid"],
  ["another success", 201, { status: "SUCCESS" }, "invalid"],
  ["not connected", 400, {
    response: { message: ['The "x" instance is not connected'] },
  }, "not_connected"],
  ["a closed socket", 400, { response: { message: ["Error: Connection Closed"] } }, "socket_dead"],
  ["an exception", 500, { response: { message: ["TypeError"] } }, "socket_dead"],
  ["a wrong method", 404, {
    response: { message: ["Cannot GET /instance/logout/c-open"] },
  }, "invalid"],
  ["too many calls", 429, { message: "slow down" }, "unreachable"],
  ["an edge's error", 500, { message: "Internal Server Error" }, "unreachable"],
];

for (const [what, status, body, expected] of LOGOUTS) {
  Deno.test(`logout answered with ${what} (${status}) is ${expected}`, async () => {
    assert.equal((await outcomeOf((g) => g.logout(), status, body)).outcome, expected);
  });
}

Deno.test("the registry's row of another instance is nobody's state", async () => {
  const row = { name: "c-openx", connectionStatus: "open" };
  assert.equal((await outcomeOf((g) => g.registry(), 200, [row])).outcome, "invalid");
  assert.equal((await outcomeOf((g) => g.registry(), 200, [])).outcome, "not_found");
});

Deno.test("the registry's own row counts, wherever it stands", async () => {
  const rows = [
    { name: "other", connectionStatus: "open", ownerJid: "5511@s.whatsapp.net" },
    { name: "c-open", connectionStatus: "close", ownerJid: `${OWN}:7@s.whatsapp.net` },
  ];
  assert.deepEqual(await outcomeOf((g) => g.registry(), 200, rows), {
    outcome: "close",
    ownNumber: OWN,
    ms: 0,
    httpStatus: 200,
  });
});

Deno.test("a state that is not known is no state", async () => {
  const row = { name: "c-open", connectionStatus: "opening" };
  assert.equal((await outcomeOf((g) => g.registry(), 200, [row])).outcome, "invalid");
  const instance = { instanceName: "c-open", state: "opening" };
  assert.equal((await outcomeOf((g) => g.memory(), 200, { instance })).outcome, "invalid");
});

Deno.test("memory without a state is missing, about another instance it is invalid", async () => {
  const answer = (instance: unknown) => outcomeOf((g) => g.memory(), 200, { instance });
  assert.equal((await answer({ instanceName: "c-open" })).outcome, "missing");
  assert.equal((await answer({ instanceName: "other", state: "open" })).outcome, "invalid");
});

const CONNECTS: readonly [string, number, unknown, string, string][] = [
  ["no QR yet", 200, { count: 0 }, "no_qr_yet", "accepted"],
  [
    "empty QR fields",
    200,
    { pairingCode: null, code: null, base64: "", count: 0 },
    "no_qr_yet",
    "accepted",
  ],
  [
    "a nested QR",
    200,
    { instance: { instanceName: "x" }, qrcode: { code: "2@" } },
    "qr",
    "accepted",
  ],
  ["a connecting session", 200, { instance: { state: "connecting" } }, "no_qr_yet", "accepted"],
  ["a closed session", 200, { instance: { state: "close" } }, "invalid", "accepted"],
  ["an error in a 200", 200, { error: true, message: "[object Object]" }, "refused", "refused"],
  ["an error", 500, { response: { message: "x" } }, "refused", "refused"],
  ["an error with a code", 400, { code: "2@", message: "x" }, "unreachable", "unreachable"],
  [
    "a missing licence",
    503,
    { code: "LICENSE_REQUIRED", message: "x" },
    "unlicensed",
    "unlicensed",
  ],
];

for (const [what, status, body, connect, restart] of CONNECTS) {
  Deno.test(`${what} (${status}) is ${connect} to connect, ${restart} to restart`, async () => {
    assert.equal((await outcomeOf((g) => g.connect(), status, body)).outcome, connect);
    assert.equal((await outcomeOf((g) => g.restart(), status, body)).outcome, restart);
  });
}

Deno.test("the webhook's headers, which hold its secret, are not handed out", async () => {
  const stored = { url: "http://x/", enabled: false, events: null, headers: { jwt_key: "SECRET" } };
  assert.deepEqual(await outcomeOf((g) => g.webhook(), 200, stored), {
    outcome: "configured",
    url: "http://x/",
    enabled: false,
    base64: false,
    events: [],
    ms: 0,
    httpStatus: 200,
  });
});

Deno.test("a webhook that was stored with another address is not set", async () => {
  const stored = { url: "http://elsewhere/", enabled: true, events: ["CONNECTION_UPDATE"] };
  const call = (gateway: Gateway) =>
    gateway.setWebhook({ url: "http://x/", events: ["CONNECTION_UPDATE"] });
  assert.equal((await outcomeOf(call, 201, stored)).outcome, "invalid");
  assert.equal((await outcomeOf(call, 201, { ...stored, url: "http://x/" })).outcome, "set");
});

Deno.test("a 403 to create is a taken name only where it says so", async () => {
  const answer = (message: unknown) => outcomeOf((g) => g.create(), 403, { response: { message } });
  assert.equal((await answer(['This name "c-open" is already in use.'])).outcome, "name_taken");
  assert.equal((await answer("Forbidden")).outcome, "unauthorized");
});
