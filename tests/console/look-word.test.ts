import assert from "node:assert/strict";
import { lookWord } from "../../console/number/look-word.ts";

Deno.test("who asks for a look is told that it comes, who looks instead, or that nobody does", () => {
  const told: readonly (readonly [string | null, string])[] = [
    [null, "lookSoon"],
    ["under_way", "lookSoon"],
    ["asked_lately", "lookLately"],
    ["repairing", "lookRepair"],
    ["needs_operator", "lookRepair"],
    ["reconnecting", "lookReconnect"],
    ["watch_off", "lookOff"],
    ["paused", "lookPaused"],
    ["instance_without_gateway", "lookUnlinked"],
    ["a word of a later version", "lookSoon"],
  ];
  for (const [reason, word] of told) assert.equal(lookWord(reason), word, String(reason));
});
