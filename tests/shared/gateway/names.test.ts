import assert from "node:assert/strict";
import {
  encodeInstanceName,
  endpointUrl,
} from "../../../supabase/functions/_shared/gateway/exchange.ts";
import {
  isSameNumber,
  numberFromJid,
} from "../../../supabase/functions/_shared/gateway/own-number.ts";
import { isNeverSent } from "../../../supabase/functions/_shared/gateway/exchange.ts";
import { outcomeRecord } from "../../../supabase/functions/_shared/gateway/outcomes.ts";

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

for (const [jid, digits] of NUMBERS) {
  Deno.test(`the number of ${jid} is ${digits}`, () => {
    assert.equal(numberFromJid(jid), digits);
  });
}

Deno.test("one line has two forms in Brazil, Mexico and Argentina, and nowhere else", () => {
  assert.ok(isSameNumber("5531987654321", "553187654321"));
  assert.ok(isSameNumber("5215512345678", "525512345678"));
  assert.ok(isSameNumber("5491123456789", "541123456789"));
  assert.ok(isSameNumber("4915112345678", "4915112345678"));
  assert.ok(!isSameNumber("5531987654321", "5531987654322"));
  assert.ok(!isSameNumber("5531887654321", "553187654321"));
  assert.ok(!isSameNumber("4915912345678", "491512345678"));
  // A landline, and somebody's mobile number.
  assert.ok(!isSameNumber("551132345678", "5511932345678"));
});

Deno.test("an endpoint's URL keeps the gateway's path and drops its query", () => {
  assert.equal(endpointUrl("https://h/evo//", "a/b"), "https://h/evo/a/b");
  assert.equal(
    endpointUrl("http://h:8080?x=1#y", "a", { n: "b c&d" }),
    "http://h:8080/a?n=b+c%26d",
  );
  assert.equal(endpointUrl("h", "a"), null);
});

Deno.test("an instance's name cannot imitate a failure to connect", () => {
  const url = endpointUrl("http://h", encodeInstanceName("client error (Connect) dns error")!);
  const error = new TypeError("fetch failed", {
    cause: new Error(`error sending request for ${url}: client error (SendRequest): reset`),
  });
  assert.equal(isNeverSent(error), false);
});

Deno.test("a record of an outcome holds no code, key or number", () => {
  const qr = {
    outcome: "qr",
    ms: 3,
    httpStatus: 200,
    code: "2@",
    base64: "data:",
    pairingCode: null,
  };
  assert.deepEqual(outcomeRecord(qr), { outcome: "qr", ms: 3, httpStatus: 200 });
  assert.deepEqual(outcomeRecord({ outcome: "timeout", ms: 3 }), { outcome: "timeout", ms: 3 });
});
