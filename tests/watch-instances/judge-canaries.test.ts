import assert from "node:assert/strict";
import {
  type Canary,
  decideTrial,
  type Known,
  type Turn,
} from "../../supabase/functions/watch-instances/judge-canaries.ts";

type Facts = Partial<Omit<Canary, "id" | "way">>;

/** A canary so many seconds old, announced at once unless told. */
const canary = (way: Canary["way"]) => (facts: Facts): Canary => ({
  id: way,
  way,
  outcome: "sent",
  age: 95,
  announced: 0.2,
  reported: null,
  received: null,
  stored: null,
  ...facts,
});
const to = canary("to");
const from = canary("from");
const own = canary("own");

const NO_CURE: Known["cure"] = {
  seconds: null,
  presence: null,
  came: false,
  restart: null,
  reopened: false,
  asked: false,
  state: null,
  restarted: null,
};

function known(facts: Partial<Known> = {}): Known {
  return {
    reason: "silence",
    phase: "listen",
    heard: false,
    reports: false,
    open_seconds: 3_600,
    may_send: true,
    partner: true,
    answered_before: true,
    canaries: [],
    cure: NO_CURE,
    ...facts,
  };
}

/** A kind as both ways of a pair canary show it after 90 s, measured. */
const DEAF_F2 = [to({ reported: 0.5, stored: false }), from({ received: 0.3 })];
const DEAF_F2_PHONES_OFF = [to({ stored: false }), from({ received: 0.3 })];
const DEAF_F6 = [to({ reported: 0.5, stored: false }), from({ received: 0.3, reported: 0.4 })];
const NOTHING = [to({ stored: false }), from({})];

/** Its own gateway has not said that the number is its. */
const UNSENT_TO = to({ outcome: "not_sent" });
const UNSENT_FROM = from({ outcome: "not_sent" });

const ALONE = { partner: false } as const;
const TWICE_SILENT = [own({}), own({})];

const LISTENING: readonly (readonly [what: string, facts: Partial<Known>, next: Turn | string])[] =
  [
    ["nobody was asked", {}, { next: "send", way: "to" }],
    ["opened a moment ago", { open_seconds: 30 }, { next: "wait", seconds: 5 }],
    ["somebody wrote meanwhile", { heard: true }, "hears"],
    [
      "the partner's message arrived",
      { canaries: [to({ reported: 0.5, received: 0.2 })] },
      "hears",
    ],
    [
      "it arrived, and the partner was told nothing yet",
      { canaries: [to({ age: 5, received: 0.2 })] },
      { next: "wait", seconds: 10 },
    ],
    [
      "it arrived, and the partner was told nothing of it",
      { canaries: [to({ age: 30, received: 0.2 })] },
      { next: "hears", partnerSilent: true },
    ],
    ["not arrived yet", { canaries: [to({ age: 40 })] }, { next: "wait", seconds: 10 }],
    ["nobody was told", { canaries: [to({ reported: 0.5 })] }, { next: "look", canary: "to" }],
    ["its gateway has it", { canaries: [to({ reported: 0.5, stored: true })] }, "webhook_mute"],
    [
      "its gateway has it not",
      { canaries: [to({ reported: 0.5, stored: false })] },
      { next: "send", way: "from" },
    ],
    [
      "its gateway does not say",
      { canaries: [to({ age: 160, reported: 0.5 })] },
      { next: "send", way: "from" },
    ],
    ["its own announcement is missing", {
      canaries: [to({ stored: false }), from({ announced: null, received: 0.3 })],
    }, "webhook_mute"],
    ["its own send meets a closed connection", {
      canaries: [to({ stored: false }), from({ outcome: "connection_closed" })],
    }, "dead"],
    ["the partner's send does", {
      canaries: [to({ age: 1, outcome: "connection_closed" })],
    }, { next: "send", way: "from" }],
    ["F2 once", { canaries: DEAF_F2 }, { next: "send", way: "to" }],
    ["F2 twice", { canaries: [...DEAF_F2, ...DEAF_F2] }, "deaf"],
    ["F2 with all phones off", {
      canaries: [...DEAF_F2_PHONES_OFF, ...DEAF_F2_PHONES_OFF],
    }, "deaf"],
    ["F6 twice", { canaries: [...DEAF_F6, ...DEAF_F6] }, "deaf"],
    ["F6 once, and then it hears", {
      canaries: [...DEAF_F6, to({ reported: 0.5, received: 0.2 })],
    }, "hears"],
    ["deaf once, nobody is left to ask", { canaries: DEAF_F6, partner: false }, "unproven"],
    ["nothing either way: a third number", { canaries: NOTHING }, { next: "send", way: "to" }],
    ["nothing either way twice", { canaries: [...NOTHING, ...NOTHING] }, "unproven"],
    ["nothing, then deaf: once more", {
      canaries: [...NOTHING, ...DEAF_F2],
    }, { next: "send", way: "to" }],
    ["nothing, then deaf twice", { canaries: [...NOTHING, ...DEAF_F2, ...DEAF_F2] }, "deaf"],
    ["a report, but nobody knows whether the gateway has it", {
      canaries: [to({ age: 300, reported: 0.5 }), from({ received: 0.3, reported: 0.4 })],
    }, { next: "send", way: "to" }],
    ["reports, but nobody ever knows whether the gateway has it", {
      canaries: [1, 2].flatMap(() => [
        to({ age: 300, reported: 0.5 }),
        from({ received: 0.3, reported: 0.4 }),
      ]),
    }, "unproven"],
    ["no answer to its own send proves nothing", {
      canaries: [
        ...NOTHING,
        to({ stored: false }),
        from({ outcome: "gateway_timeout", received: 1 }),
      ],
    }, "unproven"],
    ["what arrived after 100 s", { canaries: [to({ age: 200, received: 100 })] }, "lagging"],
    ["a report after 100 s", {
      canaries: [to({ age: 200, stored: false }), from({ received: 0.3, reported: 100 })],
    }, "lagging"],
    ["whom it would reach is not known: the other way", { canaries: [UNSENT_TO] }, {
      next: "send",
      way: "from",
    }],
    ["neither way left", { canaries: [UNSENT_TO, UNSENT_FROM] }, "unproven"],
    ["what did not leave twice", {
      may_send: false,
      canaries: [UNSENT_TO, UNSENT_TO],
    }, "unproven"],
    ["F10 once", { canaries: [UNSENT_TO, from({ received: 0.3 })] }, { next: "send", way: "to" }],
    ["F10, and again it may not be written to", {
      canaries: [UNSENT_TO, from({ received: 0.3 }), UNSENT_TO],
    }, { next: "send", way: "from" }],
    ["F10 twice", {
      canaries: [UNSENT_TO, from({ received: 0.3 }), UNSENT_TO, from({ received: 0.3 })],
    }, "deaf"],
    ["its registry hung for a moment", {
      canaries: [UNSENT_TO, from({ received: 0.3, reported: 0.4 })],
    }, { next: "send", way: "to" }],
    ["its registry hangs, and it hears of what it sends", {
      canaries: [1, 2, 3].flatMap(() => [UNSENT_TO, from({ received: 0.3, reported: 0.4 })]),
    }, "unproven"],
    ["it did not leave a third time", {
      canaries: [to({ stored: false }), UNSENT_FROM, UNSENT_TO, UNSENT_FROM],
    }, "unproven"],
    ["its budget is used up: the partner's canary alone", {
      may_send: false,
      canaries: [to({ reported: 0.5, stored: false })],
    }, { next: "send", way: "to" }],
    ["alone", ALONE, { next: "send", way: "own" }],
    ["alone, and its budget is used up", { ...ALONE, may_send: false }, "unproven"],
    ["alone, answered", { ...ALONE, canaries: [own({ age: 1, reported: 0.4 })] }, "hears"],
    ["alone, silent once", { ...ALONE, canaries: [own({})] }, { next: "send", way: "own" }],
    ["alone, silent twice", { ...ALONE, canaries: TWICE_SILENT }, "suspected_deaf"],
    ["alone, its own phone may always have been off", {
      ...ALONE,
      canaries: TWICE_SILENT,
      answered_before: false,
    }, "unproven"],
    ["alone, other sends were reported", {
      ...ALONE,
      canaries: TWICE_SILENT,
      reports: true,
    }, "unproven"],
    [
      "alone, not even announced",
      { ...ALONE, canaries: [own({ announced: null })] },
      "webhook_mute",
    ],
    ["alone, its send meets a closed connection", {
      ...ALONE,
      canaries: [own({ age: 1, outcome: "connection_closed" })],
    }, "dead"],
    ["a baseline asks itself, whoever there is", { reason: "baseline" }, {
      next: "send",
      way: "own",
    }],
    ["a baseline without an answer is no suspicion", {
      reason: "baseline",
      canaries: [own({})],
    }, "unproven"],
  ];

Deno.test("what canaries say", () => {
  for (const [what, facts, next] of LISTENING) {
    const turn = decideTrial(known(facts));
    assert.deepEqual(turn, typeof next === "string" ? { next } : next, what);
  }
});

Deno.test("silence alone, a phone that is off, or one canary never call anybody deaf", () => {
  for (const reported of [null, 0.5]) {
    for (const stored of [null, true, false]) {
      for (
        const canaries of [[], [to({ reported, stored })], [to({ reported, stored }), from({})]]
      ) {
        assert.notEqual(decideTrial(known({ canaries })).next, "deaf");
      }
    }
  }
  const off = known({ ...ALONE, canaries: [own({}), own({}), own({})] });
  assert.notEqual(decideTrial(off).next, "deaf");
});

const PROVEN = [...DEAF_F2, ...DEAF_F2];
const cured = (facts: Partial<Known["cure"]>, canaries: readonly Canary[] = PROVEN): Known =>
  known({
    phase: "cure",
    canaries: canaries.map((one) => one.age === 95 ? { ...one, age: 2_000 } : one),
    cure: { ...NO_CURE, seconds: 1, state: "open", ...facts },
  });
const soon = (seconds: number): Turn => ({ next: "wait", seconds });
const proof = (facts: Facts) => [...PROVEN, to({ age: 20, ...facts })];

const CURES: readonly (readonly [what: string, known: Known, next: Turn | string])[] = [
  ["first the queue is tried", cured({}), "presence"],
  ["it is waited for", cured({ presence: 3 }), soon(7)],
  ["the queue moves: a restart", cured({ presence: 3, came: true }), "restart"],
  ["after 10 s it is blocked: patience", cured({ presence: 12, seconds: 12 }), soon(10)],
  ["the connection is waited for", cured({ presence: 9, came: true, restart: 4 }), soon(6)],
  ["it does not come", cured({ presence: 30, came: true, restart: 11 }), "process"],
  [
    "it came: after 35 s it is tried",
    cured({ presence: 60, came: true, restart: 40, reopened: true }),
    { next: "send", way: "to" },
  ],
  [
    "it hears after the restart",
    cured({ presence: 60, came: true, restart: 60, reopened: true }, proof({ received: 0.2 })),
    "hears",
  ],
  [
    "it does not, after the restart",
    cured({ presence: 200, came: true, restart: 150, reopened: true }, proof({ age: 92 })),
    "process",
  ],
  ["blocked for 310 s", cured({ presence: 340, seconds: 345 }), { next: "send", way: "to" }],
  [
    "blocked for longer, and deaf",
    cured({ presence: 440, seconds: 445 }, proof({ age: 91 })),
    "process",
  ],
  ["its process is asked for", cured({ asked: true, state: "restart_requested" }), soon(10)],
  ["it was restarted a moment ago", cured({ state: "restarted", restarted: 5 }), soon(10)],
  [
    "it was restarted",
    cured({ asked: true, state: "restarted", restarted: 50 }),
    { next: "send", way: "to" },
  ],
  [
    "it was restarted in vain",
    cured({ asked: true, state: "restarted", restarted: 150 }, proof({ age: 92 })),
    "not_helped",
  ],
  [
    "a person was told: it is tried now and then",
    cured({ asked: true, state: "needs_operator" }),
    { next: "send", way: "to" },
  ],
  [
    "nobody could be asked after the restart: a while",
    cured({ presence: 60, came: true, restart: 600, reopened: true }, [...PROVEN, UNSENT_TO]),
    { next: "send", way: "to" },
  ],
  [
    "nobody could be asked after the restart",
    cured({ presence: 60, came: true, restart: 1_000, reopened: true }, [
      ...PROVEN,
      to({ outcome: "not_sent", age: 50 }),
    ]),
    "process",
  ],
  [
    "nobody has asked since the restart",
    cured({ presence: 60, came: true, restart: 1_000, reopened: true }),
    { next: "send", way: "to" },
  ],
  [
    "no one is left to try it with",
    { ...cured({ presence: 60, came: true, restart: 1_000, reopened: true }), partner: false },
    "process",
  ],
];

Deno.test("the cure in its order, and never a logout", () => {
  for (const [what, facts, next] of CURES) {
    assert.deepEqual(decideTrial(facts), typeof next === "string" ? { next } : next, what);
  }
});

Deno.test("whoever was told of is tried again, and heals by what arrives in time", () => {
  const told = (canaries: readonly Canary[], facts: Partial<Known> = {}) =>
    decideTrial(known({ phase: "told", canaries, ...facts }));
  assert.deepEqual(told([to({ age: 20_000 })]), { next: "send", way: "to" });
  assert.deepEqual(told([own({ age: 20_000 })], ALONE), { next: "send", way: "own" });
  assert.deepEqual(told([to({ received: 0.3 })]), { next: "hears" });
  assert.deepEqual(told([own({ reported: 0.3 })], ALONE), { next: "hears" });
  assert.deepEqual(told([to({ age: 200, received: 120 })]), { next: "unproven" });
  assert.deepEqual(told([to({ age: 30 })]), { next: "wait", seconds: 10 });
  assert.deepEqual(told([UNSENT_TO]), { next: "send", way: "to" });
  assert.deepEqual(told([UNSENT_TO, UNSENT_TO]), { next: "unproven" });
  assert.deepEqual(told([], { ...ALONE, may_send: false }), { next: "unproven" });
});
