import assert from "node:assert/strict";
import { isConnectionClosed } from "../../../supabase/functions/_shared/gateway/answer.ts";
import { classifySend } from "../../../supabase/functions/_shared/gateway/send.ts";
import { GATEWAY_LIMITS } from "../../../supabase/functions/_shared/gateway/client.ts";
import { readRecording } from "../../support/recordings.ts";
import { runCall, SENDS } from "./every-call.ts";
import { answering, breaking } from "./fake-fetch.ts";

const answered = (httpStatus: number, body: unknown) =>
  ({ kind: "answered", ms: 5, httpStatus, body }) as const;

const BOOM = readRecording("ghost-A2-zombie__whatsappNumbers").response.body;

const CLOSED: readonly [string, unknown][] = [
  ["a string", { response: { message: "Connection Closed" } }],
  ["an array", { response: { message: ["Error: Connection Closed"] } }],
  ["an array in an array", { response: { message: [["Error: Connection Closed"]] } }],
  ["one of several", { response: { message: ["first", "Error: Connection Closed"] } }],
  ["a message at the top", { message: "Connection Closed" }],
  ["an array at the top", { message: ["Error: Connection Closed"] }],
  ["a message at the top beside an odd response", { message: "Connection Closed", response: "x" }],
  ["a Boom object as the body, as recorded", BOOM],
  ["a Boom object as the message", { response: { message: BOOM } }],
  ["a Boom object in an array", { response: { message: [BOOM] } }],
  ["the end of a sentence", { response: { message: "Send failed: Connection Closed" } }],
  ["white space after it", { response: { message: "Connection Closed\n" } }],
];

const NOT_CLOSED: readonly [string, unknown][] = [
  ["an echo in quotes", { response: { message: [['"Connection Closed" is not a number']] } }],
  ["an echo in quotes at the end", { response: { message: [['text is "Connection Closed"']] } }],
  ["a sentence that goes on", { response: { message: "Connection Closed by the user" } }],
  ["part of a word", { response: { message: "OldConnection Closed" } }],
  ["other writing", { response: { message: "connection closed" } }],
  ["a number's check", { response: { message: [{ jid: "Connection Closed", exists: false }] } }],
  ["the message that was sent", { message: { conversation: "Connection Closed" } }],
  ["another field", { error: "Connection Closed", text: "Connection Closed" }],
  ["nothing", null],
  ["a text", "Connection Closed"],
  ["a list", ["Connection Closed"]],
  ["arrays without end", { message: nest("Connection Closed", 50_000) }],
];

function nest(value: unknown, depth: number): unknown {
  let nested = value;
  for (let level = 0; level < depth; level++) nested = [nested];
  return nested;
}

for (const [is, cases] of [["is", CLOSED], ["is not", NOT_CLOSED]] as const) {
  for (const [what, body] of cases) {
    Deno.test(`Connection Closed ${is} recognised in ${what}, with any error status`, () => {
      assert.equal(isConnectionClosed(body), is === "is");
      for (const httpStatus of [400, 404, 408, 428, 500, 502, 503]) {
        const { outcome } = classifySend(answered(httpStatus, body));
        assert.equal(outcome === "connection_closed", is === "is", `${httpStatus}`);
      }
    });
  }
}

Deno.test("words of the user that end with the phrase are told from the gateway's", () => {
  const words = "they said: Connection Closed";
  const echo = { response: { message: [`cannot parse they said: Connection Closed`] } };
  assert.equal(isConnectionClosed(echo), true);
  assert.equal(isConnectionClosed(echo, [words]), false);
  assert.equal(isConnectionClosed({ response: { message: words } }, [words]), false);
  // A dead socket is recognised although the user wrote the phrase.
  for (const message of ["Connection Closed", ["Error: Connection Closed"]]) {
    assert.equal(isConnectionClosed({ response: { message } }, ["Connection Closed"]), true);
  }
});

Deno.test("a text, a caption and a file name are looked for in the gateway's answer", async () => {
  const words = "they said: Connection Closed";
  const { fetch } = answering(400, JSON.stringify({ message: [`cannot use ${words}`] }));
  const number = "5511988887777";
  const media = { number, mediatype: "document", media: "x" } as const;
  const outcomes = [
    await runCall((gateway) => gateway.sendText({ number, text: words }), fetch),
    await runCall((gateway) => gateway.sendMedia({ ...media, caption: words }), fetch),
    await runCall((gateway) => gateway.sendMedia({ ...media, fileName: words }), fetch),
    await runCall((gateway) => gateway.sendMedia(media), fetch),
  ].map(({ outcome }) => outcome);
  const invalid = "invalid_request";
  assert.deepEqual(outcomes, [invalid, invalid, invalid, "connection_closed"]);
});

const sentAs = (whatsappMessageId: string | null, ms = 0) =>
  ({ outcome: "sent", whatsappMessageId, status: null, ms, httpStatus: 201 }) as const;

Deno.test("a 2xx is sent, whatever its body is like", async () => {
  const echo = '{"message":{"conversation":"Connection Closed"}}';
  const bodies = ["", "<html>", "{", "null", "[]", '"x"', '{"key":7}', '{"key":{"id":""}}', echo];
  for (const text of bodies) {
    for (const { name, run } of SENDS) {
      const outcome = await runCall(run, answering(201, text).fetch);
      assert.deepEqual(outcome, sentAs(null), `${name} ${text}`);
    }
  }
});

Deno.test("a 2xx that breaks off, never ends or is too large is sent, with the id that came", async () => {
  const start = '{"key":{"remoteJid":"5511988887777@s.whatsapp.net","fromMe":true,"id":"3EB0F"},';
  const picture = `"message":{"base64":"${"A".repeat(3 * GATEWAY_LIMITS.bodyBytes)}"}}`;
  const broken = new TypeError("error reading a body from connection");
  for (
    const [{ fetch }, ms] of [
      [breaking(201, `${start}"mess`, broken), 0],
      [breaking(201, `${start}"mess`), GATEWAY_LIMITS.send],
      [answering(201, start + picture), 0],
    ] as const
  ) assert.deepEqual(await runCall(SENDS[0]!.run, fetch), sentAs("3EB0F", ms));
});

Deno.test("the id of a quoted message in a broken answer is not taken for the new one", () => {
  const start = '{"message":{"contextInfo":{"key":{"id":"OLD"}}},"mess';
  const outcome = classifySend({ kind: "unreadable", ms: 1, httpStatus: 201, why: "cut", start });
  assert.equal(outcome.outcome === "sent" && outcome.whatsappMessageId, null);
});

const FAILURES: readonly [string, number, unknown, string][] = [
  ["a socket's close code", 400, ["1006"], "gateway_error"],
  ["an exception", 400, ["TypeError: Cannot read properties of undefined"], "gateway_error"],
  ["a time-out inside", 400, ["Error: Timed Out"], "gateway_error"],
  ["an object that was lost", 400, ["[object Object]"], "gateway_error"],
  ["no message", 400, undefined, "gateway_error"],
  ["a complaint", 400, ["Text is required"], "invalid_request"],
  ["a number that is there", 400, [{ jid: "j", exists: true, number: "n" }], "gateway_error"],
  ["the half-open socket's 500", 500, "Cannot read properties of undefined", "gateway_error"],
  ["too much", 413, "request entity too large", "invalid_request"],
  ["a missing route", 404, ["Cannot POST /message/sendText/x"], "gateway_error"],
  ["a licence that is missing", 503, "activate the licence", "gateway_error"],
];

for (const [what, httpStatus, message, expected] of FAILURES) {
  Deno.test(`${what} (${httpStatus}) makes a send ${expected}`, () => {
    const body = { status: httpStatus, error: "x", response: { message } };
    const outcome = classifySend(answered(httpStatus, body));
    assert.deepEqual(outcome, { outcome: expected, ms: 5, httpStatus });
  });
}

Deno.test("a proxy's 413 is about the request", () => {
  const unreadable = { kind: "unreadable", ms: 5, why: "not_json", start: "<html>" } as const;
  assert.equal(classifySend({ ...unreadable, httpStatus: 413 }).outcome, "invalid_request");
});
