import assert from "node:assert/strict";
import type { Gateway, Measured } from "../../../supabase/functions/_shared/gateway/client.ts";
import { outcomeRecord } from "../../../supabase/functions/_shared/gateway/outcomes.ts";
import {
  isSameNumber,
  numberFromJid,
} from "../../../supabase/functions/_shared/gateway/own-number.ts";
import { runCall } from "./every-call.ts";
import { answering } from "./fake-fetch.ts";

const OWN = "5531987654321";

type Call = (gateway: Gateway) => Promise<Measured & { readonly outcome: string }>;

const CALLS = {
  probe: (gateway) => gateway.probe(OWN),
  logout: (gateway) => gateway.logout(),
  registry: (gateway) => gateway.registry(),
  memory: (gateway) => gateway.memory(),
  connect: (gateway) => gateway.connect(),
  restart: (gateway) => gateway.restart(),
  webhook: (gateway) => gateway.webhook(),
  setWebhook: (gateway) => gateway.setWebhook({ url: "http://x/", events: ["CONNECTION_UPDATE"] }),
  create: (gateway) => gateway.create(),
} as const satisfies Record<string, Call>;

const answer = (message: unknown) => ({ response: { message } });
const NO_BUSINESS = { isBusiness: false, message: "Not is business profile", exists: true };
const OPEN = { name: "c-open", connectionStatus: "open" };
const LIE = { error: true, message: "[object Object]" };
const STORED = { url: "http://x/", enabled: true, events: ["CONNECTION_UPDATE"] };

/** What each call makes of an answer; for all that was recorded see recorded-outcomes.ts. */
const ANSWERS: readonly (readonly [
  what: string,
  status: number,
  body: unknown,
  Partial<Record<keyof typeof CALLS, string>>,
])[] = [
  // The probe takes an answer about the own number for life, and nothing else.
  ["a private account", 200, { ...NO_BUSINESS, jid: `${OWN}@s.whatsapp.net` }, { probe: "alive" }],
  ["a business account", 200, { isBusiness: true, wid: `${OWN}@s.whatsapp.net` }, {
    probe: "alive",
  }],
  ["no ninth digit", 200, { ...NO_BUSINESS, jid: "553187654321@s.whatsapp.net" }, {
    probe: "alive",
  }],
  ["a device", 200, { ...NO_BUSINESS, jid: `${OWN}:12@s.whatsapp.net` }, { probe: "alive" }],
  ["another number", 200, { ...NO_BUSINESS, jid: "551191@s.whatsapp.net" }, { probe: "invalid" }],
  ["a hidden number", 200, { ...NO_BUSINESS, jid: `${OWN}@lid` }, { probe: "invalid" }],
  ["nobody's number", 200, NO_BUSINESS, { probe: "invalid" }],
  ["no profile", 200, { jid: `${OWN}@s.whatsapp.net` }, { probe: "invalid" }],
  ["a queue", 202, { ...NO_BUSINESS, jid: `${OWN}@s.whatsapp.net` }, { probe: "invalid" }],
  ["a lie", 200, { error: true, message: "Connection Closed" }, { probe: "invalid" }],
  ["a closed socket", 500, answer(["Error updating profile name", "Error: Connection Closed"]), {
    probe: "connection_closed",
  }],
  ["another error", 500, answer(["Error: Timed Out"]), { probe: "refused" }],
  ["no instance", 404, answer(['The "c-open" instance does not exist']), { probe: "not_found" }],

  ["success", 200, { status: "SUCCESS", error: false, ...answer("") }, { logout: "accepted" }],
  ["an error in a 200", 200, LIE, { logout: "invalid", connect: "refused", restart: "refused" }],
  ["another success", 201, { status: "SUCCESS" }, { logout: "invalid" }],
  ["a closed socket", 400, answer(["Error: Connection Closed"]), { logout: "socket_dead" }],
  ["an exception", 500, answer(["TypeError"]), { logout: "socket_dead" }],
  ["a wrong method", 404, answer(["Cannot GET /x"]), { logout: "invalid" }],
  ["too many calls", 429, { message: "slow down" }, { logout: "invalid" }],

  ["no row", 200, [], { registry: "not_found" }],
  ["another's row", 200, [{ ...OPEN, name: "c-openx" }], { registry: "invalid" }],
  ["an unknown state", 200, [{ ...OPEN, connectionStatus: "opening" }], { registry: "invalid" }],
  ["its row behind another", 200, [{ ...OPEN, connectionStatus: "close", name: "x" }, OPEN], {
    registry: "open",
  }],
  ["no state", 200, { instance: { instanceName: "c-open" } }, { memory: "missing" }],
  ["another's state", 200, { instance: { instanceName: "x", state: "open" } }, {
    memory: "invalid",
  }],
  ["an unknown state", 200, { instance: { instanceName: "c-open", state: "opening" } }, {
    memory: "invalid",
  }],

  ["no QR yet", 200, { count: 0 }, { connect: "no_qr_yet", restart: "accepted" }],
  ["empty QR fields", 200, { code: null, base64: "", count: 0 }, { connect: "no_qr_yet" }],
  ["a nested QR", 200, { instance: {}, qrcode: { code: "2@" } }, { connect: "qr" }],
  ["a connecting session", 200, { instance: { state: "connecting" } }, { connect: "no_qr_yet" }],
  ["a closed session", 200, { instance: { state: "close" } }, {
    connect: "invalid",
    restart: "accepted",
  }],
  ["an error with a code", 400, { code: "2@", message: "x" }, {
    connect: "refused",
    restart: "refused",
  }],

  ["the address", 201, STORED, { setWebhook: "set" }],
  ["another address", 201, { ...STORED, url: "http://elsewhere/" }, { setWebhook: "invalid" }],
  ["a name in use", 403, answer(['This name "c-open" is already in use.']), {
    create: "name_taken",
  }],
  ["no permission", 403, answer("Forbidden"), { create: "unauthorized" }],
];

for (const [what, status, body, outcomes] of ANSWERS) {
  Deno.test(`${what} (${status}) is ${JSON.stringify(outcomes)}`, async () => {
    for (const [call, outcome] of Object.entries(outcomes)) {
      const { fetch } = answering(status, JSON.stringify(body));
      const seen = await runCall(CALLS[call as keyof typeof CALLS], fetch);
      assert.deepEqual([seen.outcome, seen.ms, seen.httpStatus], [outcome, 0, status]);
    }
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

Deno.test("the webhook's headers, which hold its secret, are not handed out", async () => {
  const stored = { url: "http://x/", enabled: false, events: null, headers: { jwt_key: "SECRET" } };
  assert.deepEqual(await runCall(CALLS.webhook, answering(200, JSON.stringify(stored)).fetch), {
    outcome: "configured",
    url: "http://x/",
    enabled: false,
    events: [],
    ms: 0,
    httpStatus: 200,
  });
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
