import assert from "node:assert/strict";
import { nextAction } from "../../console/data/next-action.ts";
import { paceOf } from "../../console/data/pace.ts";
import type { Instance, LocalInfo } from "../../console/types.ts";
import { NOT_CONNECTED } from "../../supabase/functions/_shared/messages/sentences.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

const connected: Instance = {
  id: "a",
  organizationId: "o",
  instanceName: "atendimento",
  displayName: null,
  phoneNumber: null,
  status: "connected",
  disconnectedSince: null,
  manualDisconnect: false,
  lastSentAt: null,
  lastReceivedAt: null,
  lastAliveAt: null,
  failedMessages24h: 0,
  repair: null,
  reconnect: null,
  attention: null,
  watch: null,
  qrExpiresAt: null,
  role: "owner",
};
const repair: NonNullable<Instance["repair"]> = {
  state: "open",
  step: null,
  waitingFor: null,
  attempts: 0,
  openedAt: inSeconds(-10),
  nextStepAt: inSeconds(30),
  reason: null,
  hearing: null,
};
const unknown = { at: null, speed: 1 };

function next(change: Partial<Instance>, pace: { at: number | null; speed: number } = unknown) {
  return nextAction({ ...connected, ...change }, pace, NOW);
}

Deno.test("a connected number has nothing ahead", () => {
  assert.deepEqual(next({}), { word: "nextNothing", at: null });
});

Deno.test("a repair's next step comes when it is due, but not before the scheduler's tick", () => {
  const disconnected = { status: "disconnected", repair } as const;
  assert.equal(next(disconnected).at, NOW + 30_000);
  assert.equal(next(disconnected, { at: NOW + 45_000, speed: 1 }).at, NOW + 45_000);
  assert.equal(next(disconnected, { at: NOW + 1_000, speed: 10 }).at, NOW + 3_000);
});

Deno.test("a repair that needs a person says so whatever the row says", () => {
  const needy = { ...repair, state: "needs_operator" } as const;
  assert.equal(next({ status: "connected", repair: needy }).word, "nextOperator");
});

Deno.test("a restart is promised where it cures, and by no sentence that cannot know", () => {
  const word = (reason: string | null) =>
    next({ status: "disconnected", repair: { ...repair, state: "needs_operator", reason } }).word;
  for (const reason of ["steps_used_up", "not_loaded", "session_conflict", null]) {
    assert.equal(word(reason), "nextOperator", `${reason}`);
  }
  for (const reason of ["outage", "webhooks_missing", "whatsapp_unreachable", "no_credentials"]) {
    assert.equal(word(reason), "nextPerson", reason);
  }
  const { pt, en } = NOT_CONNECTED["needs_operator"]!;
  assert.doesNotMatch(`${pt} ${en}`, /reinici|restart/);
});

Deno.test("a reconnection names its attempt, and none is promised after the last", () => {
  const after = (attempts: number, nextAttemptAt: string | null) =>
    next({ status: "disconnected", reconnect: { attempts, nextAttemptAt } });
  assert.deepEqual(after(1, inSeconds(20)), {
    word: "nextReconnect",
    values: { attempt: 2 },
    at: NOW + 20_000,
  });
  assert.deepEqual(after(3, null), { word: "nextGivenUp", at: null });
});

Deno.test("a number that waits for a scan counts its QR code down", () => {
  const waiting = next({ status: "awaiting_qr", qrExpiresAt: inSeconds(40) });
  assert.deepEqual(waiting, { word: "nextScan", at: NOW + 40_000 });
});

Deno.test("disconnected by hand: nothing is promised", () => {
  assert.deepEqual(next({ status: "disconnected", manualDisconnect: true }), {
    word: "nextManual",
    at: null,
  });
});

Deno.test("a number whose gateway says nothing of it waits for a person, not for an attempt", () => {
  const reconnect = { attempts: 0, nextAttemptAt: inSeconds(20) };
  const silent = { status: "disconnected", attention: "not_found", reconnect } as const;
  assert.equal(next(silent).word, "nextPerson");
  const kept = { manualDisconnect: true, attention: "session_still_open" } as const;
  assert.equal(next({ status: "disconnected", ...kept }).word, "nextLogout");
});

Deno.test("the next tick follows the last one's start by whole intervals", () => {
  const info = {
    speed: 10,
    aheadMs: 0,
    tickSeconds: 6,
    jobs: [{ name: "a", result: "ok", at: inSeconds(-13), ms: 1_000 }],
  } as unknown as LocalInfo;
  assert.deepEqual(paceOf(info, NOW), { at: NOW + 4_000, speed: 10 });
  // A faster stack's clock runs ahead of the machine's, where the scheduler ticks.
  const ahead = { ...info, aheadMs: 60_000 };
  assert.deepEqual(paceOf(ahead, NOW + 60_000), { at: NOW + 64_000, speed: 10 });
  assert.deepEqual(paceOf(null, NOW + 1), { at: NOW + 60_000, speed: 1 });
});
