import assert from "node:assert/strict";
import {
  ADVICE,
  SKIPS,
  SUSPICIONS,
  WAITS,
} from "../../supabase/functions/_shared/contracts/reasons.ts";
import { describeEvent } from "../../console/words/sentences.ts";
import { qrAdvice } from "../../console/words/reasons.ts";
import { chooseLanguage, WORDS } from "../../console/words/strings.ts";
import type { GatewayFailure } from "../../supabase/functions/evolution-api/action.ts";

const ROOT = new URL("../../", import.meta.url);

/** The kinds of events, as docs/operations.md describes them; that table is compared with the SQL. */
async function describedKinds(): Promise<string[]> {
  const operations = await Deno.readTextFile(new URL("docs/operations.md", ROOT));
  const [, table = ""] = /^## Events\n(.*?)^## /ms.exec(operations) ?? [];
  return [...table.matchAll(/^\| `(\w+)`/gm)].map(([, kind]) => kind!);
}

/** Where the migrations name reasons, by the kind of the event that tells them. */
const NAMED: readonly (readonly [kind: string, place: RegExp])[] = [
  // A counted end of a send is none.
  ["needs_operator", /(?<!"end": "\w+", )"reason": "(\w+)"/g],
  ["needs_operator", /end_steps\([\w.]+, '(\w+)'/g],
  ["needs_operator", /v_reason := '(\w+)'/g],
  ["needs_operator", /note_trouble\([\w.]+, '(\w+)'/g],
  ["needs_operator", /\(p_outcome text\).*?end\n\$\$/gs],
  ["needs_operator", /select case\s+when not exists.*?end as reason/gs],
  ["suspected", /suspect_session\([\w.]+, '(\w+)'/g],
  ["repair_skipped", /v_reason := case\s+when v_session\.manual.*?end;/gs],
  ["repair_skipped", /elsif v_answer in \([^)]*\)/g],
];

/** Every reason that the migrations write, with its event's kind. */
async function writtenReasons(): Promise<[kind: string, reason: string][]> {
  const found: [string, string][] = [];
  for await (const { name } of Deno.readDir(new URL("supabase/migrations/", ROOT))) {
    const sql = await Deno.readTextFile(new URL(`supabase/migrations/${name}`, ROOT));
    for (const [kind, place] of NAMED) {
      for (const [passage, one] of sql.matchAll(place)) {
        const many = [...passage.matchAll(/(?:then|in \(|,) ?'(\w+)'/g)].map(([, word]) => word!);
        for (const reason of one === undefined ? many : [one]) found.push([kind, reason]);
      }
    }
  }
  return found;
}

const text = (kind: string, detail: Record<string, unknown>, language: "pt" | "en" = "en") =>
  describeEvent({ kind, detail }, language).map((line) => line.text);

Deno.test("every kind of event has a sentence in both languages", async () => {
  const kinds = await describedKinds();
  assert.ok(kinds.includes("connection_closed") && kinds.length > 10, kinds.join());
  const told = ["repair_step", "verified", "hearing", "hearing_step"];
  for (const kind of kinds.filter((kind) => !told.includes(kind))) {
    const [portuguese] = text(kind, {}, "pt");
    const [english] = text(kind, {}, "en");
    assert.notEqual(english, kind);
    assert.notEqual(portuguese, english, kind);
  }
});

Deno.test("a logout tells of the probes before it, and shows status and time in small print", () => {
  const lines = describeEvent({
    kind: "logout",
    detail: { logout: "socket_dead", http_status: 500, ms: 12.4, probes: ["timeout", "timeout"] },
  }, "en");
  assert.deepEqual(lines.map((line) => [line.text, line.facts]), [
    ["The socket itself was asked 2×: no sign of life.", ["no answer"]],
    ["Logout at Evolution: refused, the socket is dead.", ["HTTP 500", "12 ms"]],
  ]);
});

const answered = (step: string, outcome: string) =>
  ({
    next: "stepped",
    step,
    answer: { outcome, http_status: 200, ms: 9 },
    probe: "timeout",
  }) as const;

/** What is said of an event. */
const SAID: readonly (readonly [kind: string, detail: Record<string, unknown>, words: RegExp])[] = [
  // Of a pairing nothing is known there.
  ["needs_operator", { reason: "not_found" }, /^(?!.*pairing)/],
  ["needs_operator", { reason: "session_conflict" }, /pairing is kept/],
  [
    "logout",
    { logout: "accepted", registry: "close", source: "owed" },
    /was owed.*accepted.*registry says close/,
  ],
  [
    "verified",
    { verified: { outcome: "invalidated", registry: "close" } },
    /close\. The reconnection takes over/,
  ],
  [
    "verified",
    { verified: { outcome: "not_invalidated", registry: "open" } },
    /still says open.*The ladder goes on/,
  ],
  ["healed", { hearing: "deaf", after_seconds: 9 }, /hears again after 9 s/],
  ["repair_step", { step: "restart" }, /one restart of the session/],
  [
    "repair_step",
    answered("restart", "accepted"),
    /^The restart answered: accepted\. The socket will be asked again\.$/,
  ],
  // The code that the ladder's connect answers may be an old one.
  ["repair_step", answered("connect", "qr"), /^The connect .* old one: do not scan it\./],
  ["repair_step", answered("connect", "open"), /^(?!.*QR)/],
  ["brand_new", {}, /^brand_new$/],
];

Deno.test("an event is said in words", () => {
  for (const [kind, detail, words] of SAID) {
    const [english = "", portuguese] = [text(kind, detail)[0], text(kind, detail, "pt")[0]];
    assert.match(english, words);
    assert.equal(english === portuguese, kind === "brand_new", english);
  }
  const qr = answered("connect", "qr");
  assert.match(text("repair_step", qr, "pt")[0] ?? "", /^O connect .* velho: não o leia\./);
  const [stepped] = describeEvent(
    { kind: "repair_step", detail: answered("restart", "open") },
    "en",
  );
  assert.deepEqual(stepped?.facts, ["HTTP 200", "9 ms", "probe timeout"]);
});

Deno.test("every verdict of canaries, and each step of their cure, is said in both languages", () => {
  const told = ["hears", "deaf", "suspected_deaf", "webhook_mute", "lagging"]
    .map((verdict) => ["hearing", { verdict }] as const);
  const steps = ["presence", "restart"].map((step) => ["hearing_step", { step }] as const);
  for (const [kind, detail] of [...told, ...steps]) {
    const [english] = text(kind, detail);
    assert.ok(english !== undefined && !english.startsWith("hearing_"), JSON.stringify(detail));
    assert.notEqual(text(kind, detail, "pt")[0], english);
  }
});

Deno.test("both languages have the same gaps in every word", () => {
  const gaps = (sentence: string) => sentence.match(/\{\w+\}/g)?.sort() ?? [];
  for (const [word, { pt, en }] of Object.entries(WORDS)) {
    assert.deepEqual(gaps(pt), gaps(en), word);
  }
});

Deno.test("the browser's first language that the page speaks is taken, else English", () => {
  assert.equal(chooseLanguage(["de", "pt-BR", "en"]), "pt");
  assert.equal(chooseLanguage(["en-GB", "pt"]), "en");
  assert.equal(chooseLanguage(["de"]), "en");
});

Deno.test("every reason has words in both languages, and those that the database writes are known", async () => {
  const catalogues: Record<string, Record<string, unknown>> = {
    needs_operator: ADVICE,
    suspected: SUSPICIONS,
    repair_skipped: SKIPS,
  };
  const written = await writtenReasons();
  assert.ok(new Set(written.map((pair) => pair.join())).size >= 17, written.join(" "));
  for (const [kind, reason] of written) {
    assert.ok(Object.hasOwn(catalogues[kind]!, reason), `${kind}: ${reason}`);
  }
  for (const [kind, catalogue] of Object.entries(catalogues)) {
    for (const reason of Object.keys(catalogue)) {
      const [portuguese, english] = [text(kind, { reason }, "pt"), text(kind, { reason })];
      assert.notDeepEqual(portuguese, english);
      assert.ok(!english.join().includes(reason), english.join());
    }
  }
});

Deno.test("what the ladder waits for is said in both languages", () => {
  for (const [reason, { pt, en }] of Object.entries(WAITS)) {
    assert.equal(text("repair_step", { next: "wait", reason })[0], `Ladder: waits, ${en}.`);
    assert.equal(text("repair_step", { next: "wait", reason }, "pt")[0], `Escada: espera, ${pt}.`);
  }
});

Deno.test("what may be missing is counted, with its time in the reader's own", () => {
  const at = (minutes: number) => new Date(2026, 10, 22, 14, minutes).toISOString();
  const gap = { from: at(2), until: at(9), reason: "unreadable" };
  assert.deepEqual(
    [3, 1, null].map((messages) => text("messages_may_be_missing", { ...gap, messages })[0]),
    [
      "3 messages may be missing between 14:02 and 14:09: Evolution has them, but they cannot be read.",
      "1 message may be missing between 14:02 and 14:09: Evolution has them, but they cannot be read.",
      "Messages may be missing between 14:02 and 14:09: Evolution has them, but they cannot be read. " +
      "Check on the phone.",
    ],
  );
  assert.deepEqual(text("messages_recovered", { ...gap, messages: 2 }, "pt"), [
    "2 mensagens perdidas entre 14:02 e 14:09 foram recuperadas.",
  ]);
  const days = { ...gap, messages: 1, from: new Date(2026, 10, 20, 9, 5).toISOString() };
  assert.match(text("messages_recovered", days)[0] ?? "", /between 20\/11 09:05 and 22\/11 14:09/);
});

Deno.test("every reason why a message cannot be had has its words in both languages", () => {
  const reasons = ["unreadable", "too_old", "not_kept", "unsupported", "unauthorized", "not_found"]
    .concat(["not_asked", "unlicensed", "timeout", "unreachable", "invalid", "refused"]);
  for (const reason of reasons) {
    const [english = "", portuguese = ""] = (["en", "pt"] as const).flatMap((language) =>
      text("messages_may_be_missing", { reason, messages: null }, language)
    );
    assert.ok(!english.includes(reason) && english !== portuguese, english);
  }
});

Deno.test("whoever waits for a QR code is told what keeps the gateway from giving one", () => {
  const advice = {
    not_found: ADVICE.not_found,
    unauthorized: ADVICE.gateway_unauthorized,
    unlicensed: ADVICE.gateway_unlicensed,
    timeout: ADVICE.gateway_unreachable,
    unreachable: ADVICE.gateway_unreachable,
    invalid: ADVICE.gateway_error,
    refused: ADVICE.gateway_error,
  } satisfies Record<GatewayFailure, unknown>;
  for (const [failure, { pt, en }] of Object.entries(advice)) {
    assert.equal(qrAdvice(`gateway_${failure}`, "pt"), pt);
    assert.equal(qrAdvice(`gateway_${failure}`, "en"), en);
  }
  assert.equal(qrAdvice("no_qr_yet", "en"), null);
  assert.equal(qrAdvice(null, "en"), null);
});
