import assert from "node:assert/strict";
import { failureWords, mayHaveLeft, statusWord } from "../../console/words/message-words.ts";
import { FAILURES } from "../../supabase/functions/_shared/messages/sentences.ts";
import { WORDS } from "../../console/words/strings.ts";

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
      ["edited", { status: "received", edited_at: "2026-11-22T21:00:00Z" }],
      ["read", { status: "read", edited_at: "2026-11-22T21:00:00Z", deleted_at: "2026-11-22" }],
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

Deno.test("why a message failed is said in the reader's language, whatever its row was written in", () => {
  const failed = { ...MESSAGE, status: "failed", error_message: "row" };
  for (const [code, { pt, en }] of Object.entries(FAILURES)) {
    assert.equal(failureWords({ ...failed, error_code: code }, "pt"), pt);
    assert.equal(failureWords({ ...failed, error_code: code }, "en"), en);
  }
  const left = { ...failed, error_code: "gateway_error", may_have_left: true };
  assert.match(failureWords(left, "en"), /check before sending it again/);
  for (const error_code of ["of_another_version", null]) {
    assert.equal(failureWords({ ...failed, error_code }, "en"), "row");
  }
});

Deno.test("where no reconnection has begun the page says so, in the reader's language", () => {
  const said = "Este número não está conectado. É preciso ler o QR code com o celular.";
  const failed = { ...MESSAGE, status: "failed", error_code: "connection_closed" };
  for (const row of [said, `${said} Não se sabe se a mensagem saiu.`]) {
    assert.equal(
      failureWords({ ...failed, error_message: row }, "en"),
      "This number is not connected. Its QR code has to be scanned with the phone.",
    );
  }
});

Deno.test("what may have left is asked about before it is sent again", () => {
  const failed = { ...MESSAGE, status: "failed", error_code: "connection_closed" };
  assert.equal(mayHaveLeft(failed), false);
  assert.equal(mayHaveLeft({ ...failed, may_have_left: true }), true);
  assert.equal(mayHaveLeft({ ...failed, error_code: "interrupted" }), true);
});
