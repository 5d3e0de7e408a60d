import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import type {
  MemoryOutcome,
  WebhookOutcome,
} from "../../supabase/functions/_shared/gateway/outcomes.ts";
import {
  gatherEvidence,
  steadiness,
  trusts,
} from "../../supabase/functions/advance-ghost-repairs/look.ts";
import { repairLease } from "./evidence.ts";

const ID = "0b0e7c1e-0000-4000-8000-000000000001";
const OURS = `https://project.example/functions/v1/evolution-webhook/${ID}`;

const OPEN = { outcome: "open", ms: 2, ownNumber: null, disconnectionReasonCode: null } as const;

function webhook(rest: Partial<Extract<WebhookOutcome, { outcome: "configured" }>> = {}) {
  return {
    outcome: "configured",
    ms: 4,
    url: OURS,
    enabled: true,
    events: ["CONNECTION_UPDATE", "QRCODE_UPDATED"],
    ...rest,
  } as const;
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

for (
  const [samples, expected] of [
    [times(12, "close"), "close"],
    [times(12, "open"), "open"],
    [times(12, "connecting"), "connecting"],
    [times(12, "missing"), "missing"],
    [[...times(11, "close"), "connecting"], "changing"],
    [[...times(10, "close"), "timeout", "timeout"], "close"],
    [[...times(9, "close"), ...times(3, "unreachable")], "unknown"],
    [times(12, "unauthorized"), "unknown"],
    [["close", ...times(10, "timeout"), "open"], "changing"],
  ] as const
) {
  Deno.test(`memory of ${[...new Set(samples)].join(", ")} (${samples.length}) is ${expected}`, () =>
    assert.equal(steadiness(samples as readonly MemoryOutcome["outcome"][]), expected));
}

Deno.test("webhooks are trusted where the gateway's setting is ours, switched on, and tells of connections", () => {
  assert.equal(trusts(webhook(), ID), true);
  assert.equal(trusts(webhook({ enabled: false }), ID), false);
  assert.equal(trusts(webhook({ events: ["MESSAGES_UPSERT"] }), ID), false);
  assert.equal(trusts(webhook({ url: OURS.replace("0001", "0002") }), ID), false);
  assert.equal(trusts(webhook({ url: "https://elsewhere.example/hook" }), ID), false);
  assert.equal(trusts(webhook({ url: "not an address" }), ID), false);
  assert.equal(trusts({ outcome: "none", ms: 4 }, ID), false);
  assert.equal(trusts({ outcome: "timeout", ms: 8_000 }, ID), false);
});

for (
  const [lastHeard, expected] of [[3, "now"], [30, "lately"], [89, "lately"], [
    91,
    "silent",
  ]] as const
) {
  Deno.test(`a connecting webhook ${lastHeard} s ago is ${expected}`, async () => {
    const clock = new VirtualClock();
    const started = clock.monotonicMs();
    const { evidence } = await clock.until(gatherEvidence(repairLease(ID), {
      gateway: {
        registry: () => Promise.resolve(OPEN),
        probe: () => Promise.resolve({ outcome: "timeout", ms: 0 }),
        memory: () => Promise.resolve({ outcome: "close", ms: 2 }),
        webhook: () => Promise.resolve(webhook()),
      },
      clock,
      connectingSeen: (seconds) => Promise.resolve(lastHeard <= seconds),
    }));
    assert.deepEqual(evidence.look, {
      memory: "close",
      connecting: expected,
      webhooksTrusted: true,
    });
    assert.equal(clock.monotonicMs() - started, 12_000);
  });
}
