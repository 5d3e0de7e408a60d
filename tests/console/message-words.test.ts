import assert from "node:assert/strict";
import { failureWords, mayHaveLeft, statusWord } from "../../console/words/message-words.js";
import { WORDS } from "../../console/words/strings.js";

const MESSAGE = {
  id: "1",
  is_from_me: true,
  message_type: "text",
  content: "oi",
  caption: null,
  file_name: null,
  status: "sent",
  error_code: null,
  error_message: null,
  created_at: "2026-01-01T00:00:00Z",
};

Deno.test("a message's words say whether it is queued, waits, or was never confirmed", () => {
  for (
    const [expected, row] of [
      ["sent", {}],
      ["unconfirmed", { unconfirmed: true }],
      ["delivered", { status: "delivered", unconfirmed: false }],
      ["recovered", { status: "received", recovered_at: "2026-11-22T21:00:00Z" }],
      ["received", { status: "received", recovered_at: null }],
      ["sending", { status: "sending" }],
      ["queued", { status: "sending", queued: true }],
      ["waitsForWhatsApp", {
        status: "sending",
        queued: true,
        error_code: "rate_limited_by_whatsapp",
      }],
      ["held", { status: "held", queued: false }],
      ["failedMessage", { status: "failed" }],
    ] as const
  ) {
    const word = statusWord({ ...MESSAGE, ...row });
    assert.equal(word, expected);
    assert.notEqual(WORDS[word!].pt, WORDS[word!].en);
  }
});

Deno.test("what the database fails has words in both languages, the rest says what its row says", () => {
  for (
    const code of ["interrupted", "not_sent", "rate_limited_by_whatsapp", "rejected_by_whatsapp"]
  ) {
    const failed = { ...MESSAGE, status: "failed", error_code: code, error_message: "row" };
    const [pt, en] = [failureWords(failed, "pt"), failureWords(failed, "en")];
    assert.ok(pt !== "row" && en !== "row" && pt !== en, code);
  }
  const other = { ...MESSAGE, status: "failed", error_code: "gateway_error", error_message: "row" };
  assert.equal(failureWords(other, "en"), "row");
});

Deno.test("what may have left is asked about before it is sent again", () => {
  const failed = { ...MESSAGE, status: "failed", error_code: "connection_closed" };
  assert.equal(mayHaveLeft(failed), false);
  assert.equal(mayHaveLeft({ ...failed, may_have_left: true }), true);
  assert.equal(mayHaveLeft({ ...failed, error_code: "interrupted" }), true);
});
