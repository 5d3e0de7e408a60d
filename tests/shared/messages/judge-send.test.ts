import assert from "node:assert/strict";
import { judgeSend } from "../../../supabase/functions/_shared/messages/judge-send.ts";

const verdict = (message: "decided" | "undecided", suspicious: boolean, maySendAgain: boolean) => ({
  message,
  suspicious,
  maySendAgain,
});

for (
  const [outcome, ms, expected] of [
    ["sent", 120, verdict("decided", false, false)],
    // Quick: nothing was written to the socket.
    ["connection_closed", 34, verdict("undecided", true, true)],
    ["connection_closed", 4_999, verdict("undecided", true, true)],
    ["connection_closed", 5_000, verdict("undecided", true, false)],
    ...["sent", "gateway_timeout", "gateway_error", "number_not_on_whatsapp"].flatMap((slow) => [
      [slow, 45_000, verdict("decided", false, false)] as const,
      [slow, 45_001, verdict("decided", true, false)] as const,
    ]),
  ] as const
) {
  Deno.test(`${outcome} after ${ms} ms: ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(judgeSend({ outcome, ms }), expected);
  });
}
