import assert from "node:assert/strict";
import type { Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { outcomeRecord } from "../../../supabase/functions/_shared/gateway/outcomes.ts";
import {
  isSameNumber,
  numberFromJid,
} from "../../../supabase/functions/_shared/gateway/own-number.ts";
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

const NOT_CONNECTED = ['The "x" instance is not connected'];
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
  ["another error", 500, { response: { message: ["Error: Timed Out"] } }, "refused"],
  ["an unknown instance", 404, {
    response: { message: ['The "c-open" instance does not exist'] },
  }, "not_found"],
];

for (const [what, status, body, expected] of NOT_ALIVE) {
  Deno.test(`the probe does not take ${what} (${status}) for life`, async () => {
    assert.equal((await probe(status, body)).outcome, expected);
  });
}

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
  ["not connected", 400, { response: { message: NOT_CONNECTED } }, "not_connected"],
  ["a closed socket", 400, { response: { message: ["Error: Connection Closed"] } }, "socket_dead"],
  ["an exception", 500, { response: { message: ["TypeError"] } }, "socket_dead"],
  ["a wrong method", 404, { response: { message: ["Cannot GET /x"] } }, "invalid"],
  ["too many calls", 429, { message: "slow down" }, "invalid"],
];

for (const [what, status, body, expected] of LOGOUTS) {
  Deno.test(`logout answered with ${what} (${status}) is ${expected}`, async () => {
    assert.equal((await outcomeOf((g) => g.logout(), status, body)).outcome, expected);
  });
}

const OPEN = { name: "c-open", connectionStatus: "open" };
const REGISTRY: readonly [string, unknown[], string][] = [
  ["no row", [], "not_found"],
  ["another instance's row", [{ ...OPEN, name: "c-openx" }], "invalid"],
  ["a state that is not known", [{ ...OPEN, connectionStatus: "opening" }], "invalid"],
  ["its own row behind another", [{ ...OPEN, connectionStatus: "close", name: "x" }, OPEN], "open"],
];
const MEMORY: readonly [string, unknown, string][] = [
  ["no state", { instanceName: "c-open" }, "missing"],
  ["another instance's state", { instanceName: "other", state: "open" }, "invalid"],
  ["a state that is not known", { instanceName: "c-open", state: "opening" }, "invalid"],
];

Deno.test("registry and memory are believed about the own instance, in states that are known", async () => {
  for (const [what, rows, expected] of REGISTRY) {
    assert.equal((await outcomeOf((g) => g.registry(), 200, rows)).outcome, expected, what);
  }
  for (const [what, instance, expected] of MEMORY) {
    assert.equal((await outcomeOf((g) => g.memory(), 200, { instance })).outcome, expected, what);
  }
});

const CONNECTS: readonly [string, number, unknown, string, string][] = [
  ["no QR yet", 200, { count: 0 }, "no_qr_yet", "accepted"],
  ["empty QR fields", 200, { code: null, base64: "", count: 0 }, "no_qr_yet", "accepted"],
  ["a nested QR", 200, { instance: {}, qrcode: { code: "2@" } }, "qr", "accepted"],
  ["a connecting session", 200, { instance: { state: "connecting" } }, "no_qr_yet", "accepted"],
  ["a closed session", 200, { instance: { state: "close" } }, "invalid", "accepted"],
  ["an error in a 200", 200, { error: true, message: "[object Object]" }, "refused", "refused"],
  ["an error", 500, { response: { message: "x" } }, "refused", "refused"],
  ["an error with a code", 400, { code: "2@", message: "x" }, "refused", "refused"],
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

const NUMBERS: readonly [string | null | undefined, string | null][] = [
  ["5511999998888:3@s.whatsapp.net", "5511999998888"],
  ["5511999998888@s.whatsapp.net", "5511999998888"],
  ["5511999998888@c.us", "5511999998888"],
  ["5511999998888", "5511999998888"],
  ["+55 (11) 99999-8888", "5511999998888"],
  ["5511999998888@lid", null],
  ["120363041234567890@g.us", null],
  ["status@broadcast", null],
  ["5511@s.whatsapp.net@s.whatsapp.net", null],
  ["5511999998888:x@s.whatsapp.net", null],
  ["12345678901234567", null],
  ["", null],
  [null, null],
  [undefined, null],
];

Deno.test("a number is what an address of a person holds", () => {
  for (const [jid, digits] of NUMBERS) assert.equal(numberFromJid(jid), digits, `${jid}`);
});

Deno.test("one line has two forms in Brazil, Mexico and Argentina, and nowhere else", () => {
  assert.ok(isSameNumber("5531987654321", "553187654321"));
  assert.ok(isSameNumber("5215512345678", "525512345678"));
  assert.ok(isSameNumber("5491123456789", "541123456789"));
  assert.ok(isSameNumber("4915112345678", "4915112345678"));
  assert.ok(!isSameNumber("5531987654321", "5531987654322"));
  assert.ok(!isSameNumber("5531887654321", "553187654321"));
  assert.ok(!isSameNumber("4915912345678", "491512345678"));
});

Deno.test("a record of an outcome holds no code, key or number", () => {
  const record = { outcome: "qr", ms: 3, httpStatus: 200 } as const;
  const qr = { ...record, code: "2@", base64: "data:", pairingCode: null };
  assert.deepEqual(outcomeRecord(qr), record);
  assert.deepEqual(outcomeRecord({ outcome: "timeout", ms: 3 }), { outcome: "timeout", ms: 3 });
});
