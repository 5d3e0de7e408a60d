import assert from "node:assert/strict";
import { judgeSend } from "../../../supabase/functions/_shared/messages/judge-send.ts";

Deno.test("a quick success says nothing bad about the session", () => {
  assert.deepEqual(judgeSend({ outcome: "sent", ms: 120 }), {
    message: "decided",
    suspicious: false,
    maySendAgain: false,
  });
});

Deno.test("Connection Closed leaves the message undecided, and a quick one may be sent again", () => {
  const verdict = { message: "undecided", suspicious: true };
  assert.deepEqual(judgeSend({ outcome: "connection_closed", ms: 34 }), {
    ...verdict,
    maySendAgain: true,
  });
  assert.deepEqual(judgeSend({ outcome: "connection_closed", ms: 5_000 }), {
    ...verdict,
    maySendAgain: false,
  });
});

for (const outcome of ["sent", "gateway_timeout", "gateway_error", "number_not_on_whatsapp"]) {
  Deno.test(`a slow ${outcome} decides its message and makes the session suspicious`, () => {
    assert.deepEqual(judgeSend({ outcome, ms: 45_001 }), {
      message: "decided",
      suspicious: true,
      maySendAgain: false,
    });
    assert.equal(judgeSend({ outcome, ms: 45_000 }).suspicious, false);
  });
}
