import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AGE_LIMIT_S,
  decide,
  type Decision,
  type Evidence,
  type Look,
  needsLook,
  SETTLING_S,
  WAIT_LIMIT_S,
} from "../../supabase/functions/advance-ghost-repairs/decide.ts";

const POLICIES = ["logout-first", "keep-pairing"] as const;
const STATES = ["open", "needs_operator"] as const;
const YES_NO = [true, false] as const;
const PROBES = ["alive", "dead", "unknown"] as const;
const REGISTRIES = ["open", "close", "connecting", "not_found", "unknown"] as const;
const MEMORIES = ["open", "close", "connecting", "missing", "changing", "unknown"] as const;
const HEARD = ["now", "lately", "silent"] as const;
const SINCE_RESTART = [null, SETTLING_S - 1, SETTLING_S] as const;
const WAITS = [
  [null, null],
  ...["live_loop", "gateway", "outage", "settling", "not_granted"].flatMap((reason) =>
    [WAIT_LIMIT_S - 1, WAIT_LIMIT_S].map((seconds) => [reason, seconds] as const)
  ),
] as const;
const AGES = [AGE_LIMIT_S - 1, AGE_LIMIT_S] as const;

const LOOKS: readonly (Look | null)[] = [
  null,
  ...MEMORIES.flatMap((memory) =>
    HEARD.flatMap((connecting) =>
      YES_NO.map((webhooksTrusted) => ({ memory, connecting, webhooksTrusted }))
    )
  ),
];
const CALLED = YES_NO.flatMap((connect) =>
  YES_NO.flatMap((restart) => YES_NO.map((logout) => ({ connect, restart, logout })))
);

function* seenBefore(): Iterable<Omit<Evidence, "called" | "secondsSinceRestart" | Waiting>> {
  for (const policy of POLICIES) {
    for (const state of STATES) {
      for (const outage of YES_NO) {
        for (const probe of PROBES) {
          for (const registry of REGISTRIES) {
            for (const look of LOOKS) yield { policy, state, outage, probe, registry, look };
          }
        }
      }
    }
  }
}
type Waiting = "waitingFor" | "waitingSeconds" | "ageSeconds";

function* everything(): Iterable<Evidence> {
  for (const seen of seenBefore()) {
    for (const called of CALLED) {
      for (const secondsSinceRestart of SINCE_RESTART) {
        for (const [waitingFor, waitingSeconds] of WAITS) {
          for (const ageSeconds of AGES) {
            yield { ...seen, called, secondsSinceRestart, waitingFor, waitingSeconds, ageSeconds };
          }
        }
      }
    }
  }
}

/** What is wrong with a decision; null where nothing is. */
function wrong(evidence: Evidence, decision: Decision): string | null {
  const { called, look, probe, registry, state } = evidence;
  if ((decision.next === "healed") !== (probe === "alive")) return "healed without an answer";
  if (decision.next === "healed") return null;
  const handedOver = registry === "close" || registry === "connecting";
  if ((decision.next === "invalidated") !== handedOver) return "handed over without the registry";
  if (handedOver) return null;
  if ((decision.next === "keep_probing") !== (state === "needs_operator")) {
    return "more than a probe after a person was told";
  }
  // The measure that falls: calls left, and seconds left to wait. Neither decision below is made
  // where its part of it is used up.
  if (decision.next === "wait") {
    if (evidence.ageSeconds >= AGE_LIMIT_S) return "waits for ever";
    if (evidence.waitingFor === decision.reason && evidence.waitingSeconds! >= WAIT_LIMIT_S) {
      return "waits too long for one thing";
    }
  }
  if (decision.next !== "call") return null;
  if (called[decision.step]) return "the same call again";
  if (probe !== "dead" || registry !== "open" || look === null) return "a call without evidence";
  if (look.connecting === "now" || look.memory === "changing") return "a call into a live loop";
  if (decision.step === "connect") {
    const sure = look.memory === "close" && look.connecting === "silent" && look.webhooksTrusted;
    return sure ? null : "connects where a loop may live";
  }
  if (evidence.policy === "keep-pairing" && evidence.outage) return "breaks a session in an outage";
  if (decision.step === "logout" && !called.restart) return "logs out before a restart";
  return null;
}

Deno.test("of all that can be seen, nothing lets the ladder go on for ever or break a rule", () => {
  let combinations = 0;
  for (const evidence of everything()) {
    combinations++;
    const decision = decide(evidence);
    const fault = wrong(evidence, decision);
    if (fault !== null) {
      assert.fail(`${fault}: ${JSON.stringify(decision)} for ${JSON.stringify(evidence)}`);
    }
  }
  assert.equal(combinations, 2 * 2 * 2 * 3 * 5 * 37 * 8 * 3 * 11 * 2);
});

const tickSeen = fc.record(
  {
    outage: fc.boolean(),
    probe: fc.constantFrom("dead", "unknown"),
    registry: fc.constantFrom("open", "not_found", "unknown"),
    look: fc.record({
      memory: fc.constantFrom(...MEMORIES.filter((memory) => memory !== "missing")),
      connecting: fc.constantFrom(...HEARD),
      webhooksTrusted: fc.boolean(),
    }),
  } as const,
);

Deno.test("whatever a dead session shows from tick to tick, a person is told within 33 minutes and 3 calls", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...POLICIES),
      fc.array(tickSeen, { minLength: 33, maxLength: 33 }),
      (policy, ticks) => {
        let called = { connect: false, restart: false, logout: policy === "logout-first" };
        let restartedAt: number | null = null;
        let waiting = null as { readonly reason: string; readonly since: number } | null;
        const calls: string[] = [];
        for (const [index, { look, ...tick }] of ticks.entries()) {
          const now = (index + 1) * 60;
          const known = {
            policy,
            state: "open" as const,
            called,
            secondsSinceRestart: restartedAt === null ? null : now - restartedAt,
            waitingFor: waiting?.reason ?? null,
            waitingSeconds: waiting === null ? null : now - waiting.since,
            ageSeconds: now,
            ...tick,
          };
          const decision: Decision = decide({ ...known, look: needsLook(known) ? look : null });
          if (decision.next === "needs_operator") return calls.length <= 3;
          if (decision.next === "wait") {
            if (waiting?.reason !== decision.reason) {
              waiting = {
                reason: decision.reason,
                since: now,
              };
            }
          } else if (decision.next === "call") {
            calls.push(decision.step);
            called = { ...called, [decision.step]: true };
            if (decision.step === "restart") restartedAt = now;
            waiting = null;
          } else return false;
        }
        return false;
      },
    ),
    { numRuns: 500 },
  );
});
