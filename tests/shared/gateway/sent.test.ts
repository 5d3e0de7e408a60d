import assert from "node:assert/strict";
import { classifySend, judgeSend } from "../../../supabase/functions/_shared/gateway/send.ts";
import { GATEWAY_LIMITS } from "../../../supabase/functions/_shared/gateway/client.ts";
import { runCall, SENDS } from "./every-call.ts";
import { answering, breaking } from "./fake-fetch.ts";

const ACCEPTED =
  '{"key":{"remoteJid":"5511988887777@s.whatsapp.net","fromMe":true,"id":"3EB0F"},"status":"PENDING"';

Deno.test("a 2xx without a message's key is not the gateway's word: not sent", async () => {
  const bodies = ["", "<html>", "{", "null", "[]", "{}", '"x"', '{"key":7}', '{"key":{"id":""}}'];
  for (const text of bodies) {
    for (const { name, run } of SENDS) {
      // Where a page stands there is no gateway; anything else may have sent it.
      const unread = text === "<html>" ? {} : { unread: true };
      assert.deepEqual(
        await runCall(run, answering(201, text).fetch),
        { outcome: "gateway_error", ...unread, ms: 0, httpStatus: 201 },
        `${name} ${text}`,
      );
    }
  }
});

for (
  const [what, status, text, unread] of [
    ["broken JSON", 500, '{"status":', true],
    ["a page", 500, "<html>", true],
    ["somebody else's JSON", 500, '{"message":"x"}', true],
    [
      "the gateway's own words",
      500,
      '{"status":500,"error":"x","response":{"message":"y"}}',
      false,
    ],
    [
      "the gateway's own refusal",
      400,
      '{"status":400,"response":{"message":["[object x]"]}}',
      false,
    ],
    ["a redirect", 302, "", false],
  ] as const
) {
  Deno.test(`${what} (${status}): ${unread ? "it may have left" : "it did not leave"}`, async () => {
    const outcome = await runCall(SENDS[0]!.run, answering(status, text).fetch);
    assert.equal(outcome.outcome, "gateway_error");
    assert.equal("unread" in outcome, unread);
  });
}

Deno.test("a 2xx whose body breaks off or never ends is sent, with the id that came", async () => {
  for (const error of [new TypeError("error reading a body from connection"), undefined]) {
    const outcome = await runCall(SENDS[0]!.run, breaking(201, `${ACCEPTED},"mess`, error).fetch);
    assert.deepEqual(outcome, {
      outcome: "sent",
      whatsappMessageId: "3EB0F",
      ms: error ? 0 : GATEWAY_LIMITS.send,
      httpStatus: 201,
    });
  }
});

Deno.test("a 2xx that repeats a big picture is sent, with its id", async () => {
  const picture = "A".repeat(3 * GATEWAY_LIMITS.bodyBytes);
  const text = `${ACCEPTED},"message":{"base64":"${picture}"}}`;
  const outcome = await runCall(SENDS[1]!.run, answering(201, text).fetch);
  assert.deepEqual(outcome, {
    outcome: "sent",
    whatsappMessageId: "3EB0F",
    ms: 0,
    httpStatus: 201,
  });
});

Deno.test("the id of a quoted message in a broken answer is not taken for the new one", () => {
  const start = '{"message":{"contextInfo":{"key":{"id":"OLD"}}},"mess';
  const outcome = classifySend({ kind: "unreadable", ms: 1, httpStatus: 201, why: "cut", start });
  assert.equal(outcome.outcome, "gateway_timeout");
});

Deno.test("a 2xx that breaks off within the key is sent, and one that breaks off before it unknown", () => {
  const cut = { kind: "unreadable", ms: 1, httpStatus: 201, why: "cut" } as const;
  const outcome = (start: string) => classifySend({ ...cut, start });
  assert.deepEqual(outcome('{"key":{"remoteJid":"55'), {
    outcome: "sent",
    whatsappMessageId: null,
    ms: 1,
    httpStatus: 201,
  });
  for (const start of ["", "{", '{"k', "<html>"]) {
    assert.equal(outcome(start).outcome, "gateway_timeout", start);
  }
});

Deno.test("a 201 that repeats the user's words is sent, whatever they are", () => {
  const body = {
    key: { id: "3EB0" },
    status: "PENDING",
    message: { conversation: "Connection Closed" },
  };
  const outcome = classifySend(
    { kind: "answered", ms: 60, httpStatus: 201, body },
    ["Connection Closed"],
  );
  assert.equal(outcome.outcome, "sent");
});

const HALF_OPEN = "Cannot read properties of undefined (reading 'find')";
const TYPE_ERROR = ["TypeError: Cannot read properties of undefined (reading 'attrs')"];

const FAILURES: readonly [string, number, unknown, string][] = [
  ["a socket's close code", 400, ["1006"], "connection_closed"],
  ["an exception", 400, ["TypeError: Cannot read properties of undefined"], "gateway_error"],
  ["a time-out inside", 400, ["Error: Timed Out"], "connection_closed"],
  ["2.2.3's half-open socket", 500, "Timed Out", "connection_closed"],
  ["2.3.7's half-open socket", 500, HALF_OPEN, "connection_closed"],
  ["a half-open socket's media", 500, TYPE_ERROR, "connection_closed"],
  ["WhatsApp's limit", 500, "rate-overlimit", "rate_limited_by_whatsapp"],
  ["WhatsApp's limit", 400, ["Error: rate-overlimit"], "rate_limited_by_whatsapp"],
  ["a hidden number", 400, [{ jid: "1@lid", exists: false }], "hidden_number_unsupported"],
  ["an object that was lost", 400, ["[object Object]"], "gateway_error"],
  ["no message", 400, undefined, "gateway_error"],
  ["a complaint", 400, ["Text is required"], "invalid_request"],
  ["a list of complaints", 400, [['instance requires property "text"']], "invalid_request"],
  ["an absent number", 400, [{ jid: "j", exists: false, number: "n" }], "number_not_on_whatsapp"],
  ["a number that is there", 400, [{ jid: "j", exists: true, number: "n" }], "gateway_error"],
  ["the half-open socket's 500", 500, "Cannot read properties of undefined", "gateway_error"],
  ["too much", 413, "request entity too large", "invalid_request"],
  ["a missing instance", 404, ['The "x" instance does not exist'], "instance_not_found"],
  ["a missing route", 404, ["Cannot POST /message/sendText/x"], "gateway_error"],
  ["a licence that is missing", 503, "activate the licence", "gateway_error"],
];

for (const [what, httpStatus, message, expected] of FAILURES) {
  Deno.test(`${what} (${httpStatus}) makes a send ${expected}`, () => {
    const body = { status: httpStatus, error: "x", response: { message } };
    const outcome = classifySend({ kind: "answered", ms: 5, httpStatus, body });
    assert.deepEqual(outcome, { outcome: expected, ms: 5, httpStatus });
  });
}

Deno.test("a proxy's 413 is about the request, its 504 about nothing that is known", () => {
  const unreadable = { kind: "unreadable", ms: 5, why: "not_json", start: "<html>" } as const;
  assert.equal(classifySend({ ...unreadable, httpStatus: 413 }).outcome, "invalid_request");
  assert.equal(classifySend({ ...unreadable, httpStatus: 504 }).outcome, "gateway_timeout");
});

const verdict = (
  message: "decided" | "undecided",
  suspicious: boolean,
  maySendAgain: boolean,
  mayHaveLeft = false,
) => ({ message, suspicious, maySendAgain, mayHaveLeft });

for (
  const [outcome, ms, expected] of [
    ["sent", 120, verdict("decided", false, false)],
    // Quick: nothing was written to the socket.
    ["connection_closed", 34, verdict("undecided", true, true)],
    ["connection_closed", 4_999, verdict("undecided", true, true)],
    ["connection_closed", 5_000, verdict("undecided", true, false, true)],
    ...["sent", "number_not_on_whatsapp"].flatMap((slow) => [
      [slow, 45_000, verdict("decided", false, false)] as const,
      [slow, 45_001, verdict("decided", true, false)] as const,
    ]),
    ["gateway_timeout", 10, verdict("decided", false, false, true)],
    ["gateway_timeout", 45_001, verdict("decided", true, false, true)],
    // A socket that dies in the middle of a send stumbles after a minute.
    ["gateway_error", 45_000, verdict("decided", false, false)],
    ["gateway_error", 45_001, verdict("decided", true, false, true)],
  ] as const
) {
  Deno.test(`${outcome} after ${ms} ms: ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(judgeSend({ outcome, ms }), expected);
  });
}

Deno.test("an answer that nobody can read says nothing of where the message is", () => {
  const answer = { outcome: "gateway_error", ms: 120, unread: true } as const;
  assert.deepEqual(judgeSend(answer), verdict("decided", false, false, true));
});
