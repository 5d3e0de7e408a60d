import assert from "node:assert/strict";
import { meaningOf, stateOf } from "../../console/data/number-state.ts";
import type { NumberHealth } from "../../console/types.ts";
import { WORDS } from "../../console/words/strings.ts";

const WELL = { status: "connected", state: "well", health: "ok", hearing: null } as const;

Deno.test("a number's state has a colour and a word, whatever its row says", () => {
  const cases: readonly (readonly [Partial<NumberHealth>, string, string])[] = [
    [{}, "ok", "stateConnected"],
    [{ state: "scan", health: "awaiting_qr", status: "awaiting_qr" }, "ask", "stateAwaitingQr"],
    [{ state: "person", health: "needs_operator" }, "bad", "stateOperator"],
    [{ state: "person", health: "gave_up", status: "disconnected" }, "bad", "stateGaveUp"],
    [{ state: "repair", health: "repairing", status: "disconnected" }, "busy", "stateRepairing"],
    [{ state: "repair", health: "repairing" }, "ok", "stateConnected"],
    [{ state: "repair", health: "reconnecting", status: "connecting" }, "busy", "stateConnecting"],
    [{ state: "off", health: "manual", status: "disconnected" }, "quiet", "stateOff"],
  ];
  for (const [change, tone, word] of cases) {
    assert.deepEqual(stateOf({ ...WELL, ...change }), { tone, word });
  }
});

Deno.test("what is said of a number's hearing is said whatever the row says", () => {
  const state = (hearing: NumberHealth["hearing"], needy = false) =>
    stateOf({ ...WELL, health: "repairing", state: needy ? "person" : "repair", hearing });
  assert.deepEqual(state("deaf"), { tone: "busy", word: "stateDeaf" });
  assert.deepEqual(state("deaf", true), { tone: "bad", word: "stateDeaf" });
  assert.deepEqual(state("webhook_mute", true), { tone: "bad", word: "stateWebhookMute" });
  assert.deepEqual(state("suspected_deaf", true), { tone: "bad", word: "stateSuspectedDeaf" });
  assert.deepEqual(state("lagging"), { tone: "busy", word: "stateLagging" });
});

Deno.test("every state says in one sentence what it is", () => {
  const healths = ["ok", "repairing", "reconnecting", "awaiting_qr", "needs_operator", "gave_up"];
  const hearings = [null, "deaf", "suspected_deaf", "webhook_mute", "lagging"];
  const meanings = new Set<string>();
  for (const health of [...healths, "manual"] as NumberHealth["health"][]) {
    for (const hearing of hearings as NumberHealth["hearing"][]) {
      const word = meaningOf({ health, hearing });
      meanings.add(word);
      for (const sentence of Object.values(WORDS[word])) {
        assert.match(sentence, /^[A-Z][^.]*\.$/, "one sentence");
      }
    }
  }
  assert.equal(meanings.size, 11);
});
