import assert from "node:assert/strict";
import { reasonWord } from "../../console/words/reasons.js";
import { ADVICE } from "../../supabase/functions/advance-ghost-repairs/operator-notice.ts";

Deno.test("every reason why a person is needed has words on the page, in both languages", () => {
  for (const reason of Object.keys(ADVICE)) {
    const [portuguese, english] = [reasonWord(reason, "pt"), reasonWord(reason, "en")];
    assert.notEqual(english, reason);
    assert.notEqual(portuguese, reason);
    assert.notEqual(portuguese, english);
  }
  assert.match(reasonWord("session_conflict", "en"), /docker restart/);
  assert.match(reasonWord("session_conflict", "pt"), /docker restart/);
});
