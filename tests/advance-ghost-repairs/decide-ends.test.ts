import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AGE_LIMIT_S,
  decide,
  type Decision,
  DOUBT_LIMIT_S,
  type Evidence,
  type Look,
  needsLook,
  SETTLING_S,
  WAIT_LIMIT_S,
} from "../../supabase/functions/advance-ghost-repairs/decide.ts";
import { seen } from "./evidence.ts";

const POLICIES = ["logout-first", "keep-pairing"] as const;
const STATES = ["open", "needs_operator"] as const;
const YES_NO = [true, false] as const;
const PROBES = ["alive", "dead", "unasked", "unknown"] as const;
const SILENCES = ["heard", "alone", "unheard"] as const;
const DENSITIES = ["thin", "dense", "long"] as const;
const REGISTRIES = ["open", "close", "connecting", "not_found", "unknown"] as const;
const MEMORIES = ["open", "close", "connecting", "missing", "changing", "unknown"] as const;
const HEARD = ["now", "lately", "silent"] as const;
const SINCE_RESTART = [SETTLING_S - 1, SETTLING_S] as const;
const WAITS = [
  [null, null],
  ...["live_loop", "gateway", "number_unknown", "outage", "unheard", "settling", "not_granted"]
    .flatMap((reason) =>
      [WAIT_LIMIT_S - 1, WAIT_LIMIT_S].map((seconds) => [reason, seconds] as const)
    ),
  ["unexpected_qr_code", DOUBT_LIMIT_S - 1],
  ["unexpected_qr_code", DOUBT_LIMIT_S],
] as const;
const AGES = [AGE_LIMIT_S - 1, AGE_LIMIT_S] as const;

const LOOKS: readonly (Look | null)[] = [
  null,
  ...MEMORIES.flatMap((memory) =>
    HEARD.flatMap((connecting) => DENSITIES.map((density) => ({ memory, connecting, density })))
  ),
];
const CALLED = YES_NO.flatMap((connect) =>
  YES_NO.flatMap((restart) => YES_NO.map((logout) => ({ connect, restart, logout })))
);

/** Two sockets are known to fight only where a person was told. */
const TOLD: readonly Pick<Evidence, "state" | "sessionConflict">[] = STATES.flatMap((state) =>
  (state === "open" ? [false] : YES_NO).map((sessionConflict) => ({ state, sessionConflict }))
);

const NO_AGENT = { restartAwaited: false, secondsSinceProcessRestart: null } as const;

function* seenBefore(): Iterable<Omit<Evidence, "called" | "secondsSinceRestart" | Waiting>> {
  for (const told of TOLD) {
    for (const outage of YES_NO) {
      for (const silence of SILENCES) {
        for (const probe of PROBES) {
          for (const registry of REGISTRIES) {
            for (const look of LOOKS) {
              yield { ...told, ...NO_AGENT, outage, silence, probe, registry, look };
            }
          }
        }
      }
    }
  }
}
type Waiting = "waitingFor" | "waitingSeconds" | "ageSeconds";

function* everything(): Iterable<Evidence> {
  for (const before of seenBefore()) {
    for (const called of CALLED) {
      for (const secondsSinceRestart of SINCE_RESTART) {
        for (const [waitingFor, waitingSeconds] of WAITS) {
          for (const ageSeconds of AGES) {
            yield {
              ...before,
              called,
              secondsSinceRestart,
              waitingFor,
              waitingSeconds,
              ageSeconds,
            };
          }
        }
      }
    }
  }
}

/** What is wrong with a decision; null where nothing is. */
function wrong(evidence: Evidence, decision: Decision): string | null {
  const { called, look, probe, registry, state } = evidence;
  const quiet = look?.memory === "open" && look.density !== "thin";
  const lives = probe === "alive" && (!evidence.sessionConflict || quiet);
  if ((decision.next === "healed") !== lives) return "healed without proof, or not with it";
  if (lives) return null;
  if (probe === "alive") return decision.next === "keep_probing" ? null : "more than a probe";
  // The measure that falls: calls left, and seconds left to wait. Neither decision below is made
  // where its part of it is used up.
  if (decision.next === "wait") {
    if (evidence.ageSeconds >= AGE_LIMIT_S) return "waits for ever";
    const limit = decision.reason === "unexpected_qr_code" ? DOUBT_LIMIT_S : WAIT_LIMIT_S;
    if (evidence.waitingFor === decision.reason && evidence.waitingSeconds! >= limit) {
      return "waits too long for one thing";
    }
  }
  const made = called.connect || called.restart || called.logout;
  if (registry === "close" || registry === "connecting") {
    if (decision.next === "invalidated") return null;
    const doubted = registry === "connecting" && decision.next === "wait" && !made &&
      (look?.memory === "connecting" || look?.memory === "changing");
    return doubted ? null : "not handed over";
  }
  if (decision.next === "invalidated") return "handed over without the registry";
  if ((decision.next === "keep_probing") !== (state === "needs_operator")) {
    return "more than a probe after a person was told";
  }
  if (decision.next !== "call") return null;
  if (called[decision.step]) return "the same call again";
  if (evidence.outage) return "changes something in an outage";
  if (probe !== "dead" || registry !== "open" || look === null) return "a call without evidence";
  if (look.connecting === "now" || look.memory === "changing") return "a call into a live loop";
  const proven = evidence.silence === "heard"
    ? look.density !== "thin"
    : evidence.silence === "alone" && look.density === "long";
  if (!proven) return "a call on silence that proves nothing";
  if (decision.step === "connect") {
    return look.memory === "close" && look.connecting === "silent"
      ? null
      : "connects where a loop may live";
  }
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
  assert.equal(combinations, 3 * 2 * 3 * 4 * 5 * 55 * 8 * 2 * 17 * 2);
});

Deno.test("after a restart of the process every number is proven, handed over, or told to be dead", () => {
  for (const sessionConflict of YES_NO) {
    for (const probe of PROBES) {
      for (const registry of REGISTRIES) {
        for (const look of LOOKS) {
          for (const secondsSinceProcessRestart of [9, 39, 40, 119, 120, 599, 600]) {
            const evidence = seen(look, {
              state: "restarted",
              sessionConflict,
              probe,
              registry,
              outage: true,
              secondsSinceProcessRestart,
            });
            const { next } = decide(evidence);
            const why = JSON.stringify({ next, evidence });
            assert.ok(["healed", "invalidated", "wait", "not_helped"].includes(next), why);
            if (next === "wait") assert.ok(secondsSinceProcessRestart < 600, why);
            if (next === "healed") assert.equal(probe, "alive", why);
            // A process that does not answer yet has not failed; a fight needs a quiet minute.
            const known = probe !== "unknown" && registry !== "unknown";
            if (next === "not_helped" && known) {
              assert.ok(secondsSinceProcessRestart >= (sessionConflict ? 120 : 40), why);
            }
            if (next === "not_helped" && !known) assert.equal(secondsSinceProcessRestart, 600, why);
          }
        }
      }
    }
  }
});

const tickSeen = fc.record(
  {
    outage: fc.boolean(),
    silence: fc.constantFrom(...SILENCES),
    probe: fc.constantFrom("dead", "unasked", "unknown"),
    registry: fc.constantFrom("open", "not_found", "unknown"),
    look: fc.record({
      memory: fc.constantFrom(...MEMORIES.filter((memory) => memory !== "missing")),
      connecting: fc.constantFrom(...HEARD),
      density: fc.constantFrom(...DENSITIES),
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
            state: "open" as const,
            sessionConflict: false,
            called,
            secondsSinceRestart: restartedAt === null ? null : now - restartedAt,
            waitingFor: waiting?.reason ?? null,
            waitingSeconds: waiting === null ? null : now - waiting.since,
            ageSeconds: now,
            ...NO_AGENT,
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
    { numRuns: 200 },
  );
});
