import assert from "node:assert/strict";
import {
  isConnectionClosed,
  messageElements,
} from "../../../supabase/functions/_shared/gateway/answer.ts";
import { classifySend } from "../../../supabase/functions/_shared/gateway/send.ts";
import { runCall } from "./every-call.ts";
import { answering } from "./fake-fetch.ts";
import { readRecordings } from "../../support/recordings.ts";

const BOOM = {
  data: null,
  isBoom: true,
  isServer: false,
  output: {
    statusCode: 428,
    payload: { statusCode: 428, error: "Precondition Required", message: "Connection Closed" },
    headers: {},
  },
};

const CLOSED: readonly [string, unknown][] = [
  ["a string", { response: { message: "Connection Closed" } }],
  ["an array", { response: { message: ["Error: Connection Closed"] } }],
  ["an array in an array", { response: { message: [["Error: Connection Closed"]] } }],
  ["one of several", { response: { message: ["first", "Error: Connection Closed"] } }],
  ["a message at the top", { message: "Connection Closed" }],
  ["an array at the top", { message: ["Error: Connection Closed"] }],
  ["a message at the top beside an odd response", { message: "Connection Closed", response: "x" }],
  ["a Boom object as the body", BOOM],
  ["a Boom object as the message", { response: { message: BOOM } }],
  ["a Boom object in an array", { response: { message: [BOOM] } }],
  ["a longer sentence that ends with it", {
    response: { message: "Send failed: Connection Closed" },
  }],
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

for (const [what, body] of CLOSED) {
  Deno.test(`Connection Closed is recognised in ${what}, with any error status`, () => {
    assert.equal(isConnectionClosed(body), true);
    for (const httpStatus of [400, 404, 408, 428, 500, 502, 503]) {
      const { outcome } = classifySend({ kind: "answered", ms: 5, httpStatus, body });
      assert.equal(outcome, "connection_closed");
    }
  });
}

for (const [what, body] of NOT_CLOSED) {
  Deno.test(`Connection Closed is not recognised in ${what}`, () => {
    assert.equal(isConnectionClosed(body), false);
    for (const httpStatus of [400, 500]) {
      const { outcome } = classifySend({ kind: "answered", ms: 5, httpStatus, body });
      assert.notEqual(outcome, "connection_closed");
    }
  });
}

Deno.test("words of the user that end with the phrase are told from the gateway's", () => {
  const words = "they said: Connection Closed";
  const echo = { response: { message: [`cannot parse they said: Connection Closed`] } };
  assert.equal(isConnectionClosed(echo), true);
  assert.equal(isConnectionClosed(echo, [words]), false);
  assert.equal(isConnectionClosed({ response: { message: words } }, [words]), false);
});

Deno.test("a dead socket is recognised although the user wrote the phrase", () => {
  for (const message of ["Connection Closed", ["Error: Connection Closed"]]) {
    const sent = ["Connection Closed"];
    assert.equal(isConnectionClosed({ response: { message } }, sent), true);
  }
});

Deno.test("the recorded Boom object of whatsappNumbers is recognised", () => {
  const { response } = readRecordings().get("ghost-A2-zombie__whatsappNumbers")!;
  assert.deepEqual(messageElements(response.body), ["Connection Closed"]);
  assert.equal(isConnectionClosed(response.body), true);
});

Deno.test("a text, a caption and a file name are looked for in the gateway's answer", async () => {
  const words = "they said: Connection Closed";
  const answer = (text: string) =>
    answering(400, JSON.stringify({ response: { message: [`cannot use ${text}`] } })).fetch;
  const number = "5511988887777";
  const media = { number, mediatype: "document", media: "x" } as const;
  const echoed = [
    await runCall((gateway) => gateway.sendText({ number, text: words }), answer(words)),
    await runCall((gateway) => gateway.sendMedia({ ...media, caption: words }), answer(words)),
    await runCall((gateway) => gateway.sendMedia({ ...media, fileName: words }), answer(words)),
  ];
  for (const { outcome } of echoed) assert.equal(outcome, "invalid_request");
  const other = await runCall((gateway) => gateway.sendMedia(media), answer(words));
  assert.equal(other.outcome, "connection_closed");
});
