import assert from "node:assert/strict";
import {
  decide,
  type Decision,
  type Evidence,
  needsLook,
} from "../../supabase/functions/advance-ghost-repairs/decide.ts";
import { called, seen } from "./evidence.ts";

const call = (step: "connect" | "restart" | "logout"): Decision => ({ next: "call", step });
const wait = (reason: Extract<Decision, { next: "wait" }>["reason"]): Decision => ({
  next: "wait",
  reason,
});
const person = (reason: Extract<Decision, { next: "needs_operator" }>["reason"]): Decision => ({
  next: "needs_operator",
  reason,
});
const keep = { policy: "keep-pairing" } as const;
const waited = (waitingFor: string, waitingSeconds = 600) => ({ waitingFor, waitingSeconds });

/** How each measured ghost looks, and what follows; both policies, unless the sentence names one. */
const ROWS: readonly (readonly [string, Evidence, Decision])[] = [
  ["A1, half-open: restart", seen({}), call("restart")],
  ["A1, half-open, keep-pairing: restart first", seen({}, keep), call("restart")],
  [
    "A1 that its keep-alive reopened a minute ago, and is silent again: restart",
    seen({ connecting: "lately" }),
    call("restart"),
  ],
  [
    "A2, a zombie that a restart did not move: a person",
    seen({}, { called: called("logout", "restart") }),
    person("steps_used_up"),
  ],
  [
    "A2 with keep-pairing: logout after the restart",
    seen({}, { ...keep, called: called("restart") }),
    call("logout"),
  ],
  [
    "A2 with keep-pairing, everything tried: a person",
    seen({}, { ...keep, called: called("restart", "logout") }),
    person("steps_used_up"),
  ],
  [
    "A2 that was only suspected, so that no logout was made: logout last",
    seen({}, { called: called("restart") }),
    call("logout"),
  ],
  [
    "B1, memory close and connecting webhooks: wait",
    seen({ memory: "close", connecting: "now" }),
    wait("live_loop"),
  ],
  [
    "B1 seen between two flickers: wait",
    seen({ memory: "close", connecting: "lately" }),
    wait("live_loop"),
  ],
  [
    "B1 whose webhooks do not come: never connect",
    seen({ memory: "close" }, { silence: "unheard" }),
    wait("unheard"),
  ],
  [
    "B1 whose webhooks do not come, keep-pairing: nothing else either",
    seen({ memory: "close" }, { ...keep, silence: "unheard" }),
    wait("unheard"),
  ],
  [
    "A1 whose webhooks do not come: no restart",
    seen({ density: "long" }, { silence: "unheard" }),
    wait("unheard"),
  ],
  [
    "webhooks that did not come for ten minutes: a person",
    seen({ memory: "close" }, { silence: "unheard", ...waited("unheard") }),
    person("webhooks_missing"),
  ],
  [
    "B1 that one sample betrayed while its webhooks do not come: wait for WhatsApp",
    seen({ memory: "changing", density: "thin" }, { silence: "unheard" }),
    wait("live_loop"),
  ],
  [
    "a memory that was sampled too thinly: look again",
    seen({ memory: "close", density: "thin" }),
    wait("gateway"),
  ],
  [
    "C1 and H1, the gateway's only number: connect after 300 samples over 30 s",
    seen({ memory: "close", density: "long" }, { silence: "alone" }),
    call("connect"),
  ],
  [
    "C1 and H1, the gateway's only number, sampled for 12 s alone: look again",
    seen({ memory: "close", density: "dense" }, { silence: "alone" }),
    wait("gateway"),
  ],
  ["B2, memory that flickers: wait", seen({ memory: "changing" }), wait("live_loop")],
  [
    "B2 whose webhooks do not come: wait",
    seen({ memory: "changing" }, { ...keep, silence: "unheard" }),
    wait("live_loop"),
  ],
  [
    "B3 or B4, connecting and silent: restart",
    seen({ memory: "connecting" }, keep),
    call("restart"),
  ],
  [
    "B3 or B4 after the restart: time to log in",
    seen(
      { memory: "connecting" },
      { ...keep, called: called("restart"), secondsSinceRestart: 64 },
    ),
    wait("settling"),
  ],
  [
    "B3 or B4 that tried again within 90 s: the loop lives, no logout",
    seen(
      { memory: "connecting", connecting: "lately" },
      { ...keep, called: called("restart"), secondsSinceRestart: 110 },
    ),
    wait("live_loop"),
  ],
  ["C1 and H1, steady close and silence: connect", seen({ memory: "close" }), call("connect")],
  [
    "C1 and H1 with keep-pairing: connect",
    seen({ memory: "close" }, keep),
    call("connect"),
  ],
  [
    "C1 and H1 in an outage: not even a connect",
    seen({ memory: "close" }, { ...keep, outage: true }),
    wait("outage"),
  ],
  [
    "H1 that a connect did not open: no logout, it does nothing where memory says close",
    seen({ memory: "close" }, { ...keep, called: called("connect") }),
    person("steps_used_up"),
  ],
  [
    "H2, connecting and silent 65 s after the restart: a person",
    seen(
      { memory: "connecting" },
      { called: called("logout", "restart"), secondsSinceRestart: 65 },
    ),
    person("steps_used_up"),
  ],
  [
    "H2 with keep-pairing: logout after the restart",
    seen(
      { memory: "connecting" },
      { ...keep, called: called("restart"), secondsSinceRestart: 120 },
    ),
    call("logout"),
  ],
  ["C3, no memory at all: a person", seen({ memory: "missing" }), person("not_loaded")],
  [
    "C3 by its registry: a person",
    seen({ memory: "missing" }, { registry: "not_found" }),
    person("not_loaded"),
  ],
  [
    "an instance that the gateway does not know: a person",
    seen({ memory: "unknown" }, { registry: "not_found" }),
    person("not_found"),
  ],
  ["C4, D and E, registry close: handed over", seen(null, { registry: "close" }), {
    next: "invalidated",
  }],
  [
    "a QR code is showing that a call of ours may have caused: handed over",
    seen({ memory: "connecting" }, { registry: "connecting", called: called("connect") }),
    { next: "invalidated" },
  ],
  [
    "a QR code is showing that nobody asked for: the pairing may live, wait",
    seen({ memory: "connecting", density: "thin" }, { ...keep, registry: "connecting" }),
    wait("unexpected_qr_code"),
  ],
  [
    "the same for five minutes: handed over",
    seen({ memory: "connecting" }, {
      ...keep,
      registry: "connecting",
      ...waited("unexpected_qr_code", 300),
    }),
    { next: "invalidated" },
  ],
  [
    "C4, no more QR codes, registry connecting: handed over",
    seen({ memory: "close" }, { ...keep, registry: "connecting" }),
    { next: "invalidated" },
  ],
  [
    "a number that nobody knows is not dead: wait",
    seen(null, { probe: "unasked" }),
    wait("number_unknown"),
  ],
  [
    "a number that nobody knows for ten minutes: a person",
    seen(null, { probe: "unasked", ...waited("number_unknown") }),
    person("number_unknown"),
  ],
  [
    "two sockets, a quiet minute, and memory that stands still: healed",
    seen({ memory: "open" }, { state: "needs_operator", sessionConflict: true, probe: "alive" }),
    { next: "healed" },
  ],
  [
    "two sockets, a probe answered by luck: not healed",
    seen({ memory: "changing" }, {
      state: "needs_operator",
      sessionConflict: true,
      probe: "alive",
    }),
    { next: "keep_probing" },
  ],
  ["a socket that answers is healed, whatever else is seen", seen({}, { probe: "alive" }), {
    next: "healed",
  }],
  [
    "healed after a person was told",
    seen(null, { state: "needs_operator", probe: "alive" }),
    { next: "healed" },
  ],
  [
    "registry close after a person was told",
    seen(null, { state: "needs_operator", registry: "close" }),
    { next: "invalidated" },
  ],
  [
    "still dead after a person was told: the probe goes on",
    seen(null, { state: "needs_operator" }),
    { next: "keep_probing" },
  ],
  [
    "a gateway that does not answer: wait",
    seen(null, { probe: "unknown", registry: "unknown" }),
    wait("gateway"),
  ],
  [
    "the same for ten minutes: a person",
    seen(null, { probe: "unknown", registry: "unknown", ...waited("gateway") }),
    person("gateway_unreachable"),
  ],
  ["a look that shows nothing: wait", seen({ memory: "unknown" }), wait("gateway")],
  [
    "an outage with keep-pairing: nothing is restarted",
    seen({}, { ...keep, outage: true }),
    wait("outage"),
  ],
  [
    "an outage with keep-pairing: nothing is logged out",
    seen({}, { ...keep, outage: true, called: called("restart") }),
    wait("outage"),
  ],
  ["an outage holds logout-first as well", seen({}, { outage: true }), wait("outage")],
  [
    "an outage of ten minutes in which the process tries nothing: a person, for the process",
    seen({}, { outage: true, ...waited("outage") }),
    person("gateway_stuck"),
  ],
  [
    "the same, and its loops are alive: WhatsApp is away",
    seen({ memory: "close", connecting: "now" }, { outage: true, ...waited("outage") }),
    person("outage"),
  ],
  [
    "the same, and the process is about to be restarted: wait for that",
    seen(null, { outage: true, ...waited("outage", 900), restartAwaited: true }),
    wait("outage"),
  ],
  [
    "restarted, and still dead 39 s later: wait",
    seen(null, { state: "restarted", secondsSinceProcessRestart: 39 }),
    wait("process_restarted"),
  ],
  [
    "restarted, and dead after 40 s: that did not help",
    seen(null, { state: "restarted", secondsSinceProcessRestart: 40 }),
    { next: "not_helped" },
  ],
  [
    "restarted, and its registry says connecting while it logs in: wait",
    seen(null, { state: "restarted", registry: "connecting", secondsSinceProcessRestart: 20 }),
    wait("process_restarted"),
  ],
  [
    "restarted, and the probe is answered: healed",
    seen(null, { state: "restarted", probe: "alive", secondsSinceProcessRestart: 12 }),
    { next: "healed" },
  ],
  [
    "restarted because two sockets fought, and one still answers by luck: wait for quiet",
    seen({ memory: "changing" }, {
      state: "restarted",
      probe: "alive",
      sessionConflict: true,
      secondsSinceProcessRestart: 75,
    }),
    wait("process_restarted"),
  ],
  [
    "an outage of ten minutes: a person",
    seen(null, { outage: true, ...waited("outage") }),
    person("outage"),
  ],
  [
    "a loop for ten minutes: a person",
    seen({ connecting: "now" }, waited("live_loop")),
    person("whatsapp_unreachable"),
  ],
  [
    "ten minutes of something else do not count",
    seen({ connecting: "now" }, waited("gateway")),
    wait("live_loop"),
  ],
  [
    "half an hour of this and that: a person",
    seen(null, { registry: "unknown", probe: "unknown", ageSeconds: 1800 }),
    person("gateway_unreachable"),
  ],
  [
    "a licence that is not there: a person at once, and nothing is restarted",
    seen(null, { registry: "unlicensed", probe: "unknown", ageSeconds: 0 }),
    person("gateway_unlicensed"),
  ],
];

for (const [name, evidence, expected] of ROWS) {
  Deno.test(`ladder: ${name}`, () => assert.deepEqual(decide(evidence), expected));
}

Deno.test("a look is taken only where something could follow from it", () => {
  const looks = (rest: Partial<Omit<Evidence, "look">>) => needsLook(seen(null, rest));
  assert.equal(looks({}), true);
  assert.equal(looks({ registry: "not_found" }), true);
  assert.equal(looks({ registry: "connecting", called: called() }), true);
  assert.equal(looks({ probe: "alive", sessionConflict: true }), true);
  for (
    const rest of [
      { probe: "alive" },
      { probe: "unasked" },
      { probe: "unknown" },
      { registry: "close" },
      { registry: "connecting" },
      { registry: "unknown" },
      { state: "needs_operator" },
      { outage: true },
    ] as const
  ) assert.equal(looks(rest), false, JSON.stringify(rest));
});
