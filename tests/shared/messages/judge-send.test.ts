import assert from "node:assert/strict";
import { judgeSend } from "../../../supabase/functions/_shared/messages/judge-send.ts";

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
