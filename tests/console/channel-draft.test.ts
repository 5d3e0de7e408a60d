import assert from "node:assert/strict";
import {
  type Draft,
  draftOf,
  fieldAt,
  KINDS,
  placesOf,
  requestOf,
  wrongField,
} from "../../console/alerts/channel-draft.ts";
import { saveAlertChannelContract } from "../../supabase/functions/_shared/contracts/alert-channels.ts";
import { CHANNEL_WORDS } from "../../console/words/channel-words.ts";
import { hintOf, LABELS } from "../../console/alerts/channel-labels.ts";
import type { AlertChannel } from "../../console/types.ts";

const USUAL = { language: "en", timeZone: "America/Sao_Paulo" } as const;
const ORGANIZATION = "00000000-0000-4000-8000-000000000001";
const CHANNEL = "00000000-0000-4000-8000-000000000002";

const RIGHT: Record<Draft["kind"], Partial<Draft>> = {
  telegram: { target: "-1001234567890", secret: "123456:token" },
  slack: { url: "https://hooks.slack.com/services/T/B/x" },
  discord: { url: "https://discord.com/api/webhooks/1/x" },
  whatsapp: { target: "5511999998888" },
  webhook: { url: "https://oncall.example.com/hook", secret: "sixteen-letters-" },
};

const there: AlertChannel = {
  id: CHANNEL,
  kind: "whatsapp",
  name: "On call",
  target: "…88",
  host: null,
  events: ["down"],
  language: "pt",
  quietFrom: "22:00",
  quietUntil: "06:30",
  timeZone: "Europe/Lisbon",
  enabled: true,
  lastOutcome: null,
  lastSentAt: null,
};

Deno.test("a form of each kind is one that the action takes, and lacks nothing it needs", () => {
  for (const kind of KINDS) {
    const draft = { ...draftOf(null, USUAL), name: " On call ", kind, ...RIGHT[kind] };
    assert.equal(wrongField(draft, true), null, kind);
    const asked = requestOf(draft, { organizationId: ORGANIZATION, channelId: null });
    assert.equal(saveAlertChannelContract.request.safeParse(asked).success, true, kind);
    assert.partialDeepStrictEqual(asked, { organizationId: ORGANIZATION, kind, name: "On call" });
    for (const place of placesOf(kind)) {
      assert.equal(wrongField({ ...draft, [place]: " " }, true), place, `${kind} ${place}`);
    }
  }
});

Deno.test("what is wrong is known before anybody is asked", () => {
  const draft: Draft = { ...draftOf(null, USUAL), name: "a", kind: "webhook", ...RIGHT.webhook };
  for (
    const [change, field] of [
      [{ name: "" }, "name"],
      [{ name: "a".repeat(61) }, "name"],
      [{ secret: "fifteen-letters" }, "secret"],
      [{ secret: "two words of sixteen letters" }, "secret"],
      [{ events: [] }, "events"],
      [{ quiet: true, until: "" }, "quiet"],
      [{ timeZone: "Mars/Olympus" }, "timeZone"],
      [{ timeZone: "" }, "timeZone"],
    ] as const
  ) {
    assert.equal(wrongField({ ...draft, ...change } as Draft, true), field, JSON.stringify(change));
  }
});

Deno.test("a channel that is there keeps what is left empty", () => {
  const draft = draftOf(there, USUAL);
  assert.deepEqual([draft.target, draft.url, draft.secret], ["", "", ""]);
  assert.equal(wrongField(draft, false), null);
  assert.deepEqual(requestOf(draft, { organizationId: ORGANIZATION, channelId: CHANNEL }), {
    channelId: CHANNEL,
    kind: "whatsapp",
    name: "On call",
    events: ["down"],
    language: "pt",
    quiet: { from: "22:00", until: "06:30" },
    timeZone: "Europe/Lisbon",
  });
});

Deno.test("what another kind was told is not sent", () => {
  const draft = { ...draftOf(null, USUAL), name: "a", ...RIGHT.webhook, kind: "telegram" } as Draft;
  const asked = requestOf({ ...draft, ...RIGHT.telegram }, {
    organizationId: ORGANIZATION,
    channelId: null,
  });
  assert.equal("url" in asked, false);
});

Deno.test("a refusal finds its field, and each field has its words", () => {
  assert.equal(fieldAt("quiet.from"), "quiet");
  assert.equal(fieldAt("timeZone"), "timeZone");
  assert.equal(fieldAt("organizationId"), null);
  assert.equal(fieldAt(""), null);
  for (const kind of KINDS) {
    for (const field of Object.keys(LABELS) as (keyof typeof LABELS)[]) {
      assert.ok(hintOf(kind, field) in CHANNEL_WORDS && LABELS[field] in CHANNEL_WORDS);
    }
  }
});
