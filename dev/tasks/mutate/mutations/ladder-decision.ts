/**
 * Mistakes in what the ladder sees, decides and says.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const DECIDE = "supabase/functions/advance-ghost-repairs/decide.ts";
const LOOK = "supabase/functions/advance-ghost-repairs/look.ts";
const HOOK = "supabase/functions/advance-ghost-repairs/operator-hook.ts";
const SIGNED_CALL = "supabase/functions/_shared/http/signed-call.ts";
const ADVANCE_REPAIR = "supabase/functions/advance-ghost-repairs/advance-repair.ts";
const POST = "supabase/functions/_shared/http/post.ts";
const WITHOUT_NUMBERS = "supabase/functions/_shared/messages/without-numbers.ts";
const REASONS = "supabase/functions/_shared/contracts/reasons.ts";

/** See {@linkcode Mutation}. */
export const LADDER_DECISION_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(DECIDE, "advance-ghost-repairs/decide.test.ts", {
    "a licence that is not there is waited for like a gateway that is away": [[
      'if (registry === "unlicensed") return',
      "if (false) return",
    ]],
    "twelve samples of the memory are enough for a call": [[
      'return density !== "thin";',
      "return true;",
    ]],
    "a probe that is answered by luck ends a fight": [[
      "if (!evidence.sessionConflict || still) return",
      "if (true) return",
    ]],
    "the ladder climbs inside a live loop": [[
      "  if (isLiveLoop(look)) return",
      "  if (false) return",
    ]],
    "a loop that is slow to log in is no loop": [[
      '||\n    (connecting === "lately" && memory !== "open")',
      "",
    ]],
    "the outage guard holds nothing": [["  if (evidence.outage) {\n", "  if (false) {\n"]],
    "the logout comes before the restart": [[
      ": !called.restart\n",
      ": called.logout && !called.restart\n",
    ]],
    "a session has no time to log in after a restart": [["SETTLING_S = 65", "SETTLING_S = 6"]],
    "the ladder waits for ever for one thing": [[
      "return waited >= WAIT_LIMIT_S || evidence.ageSeconds",
      "return evidence.ageSeconds",
    ]],
    "what was waited for before counts for what is waited for now": [[
      "evidence.waitingFor === reason ? evidence.waitingSeconds ?? 0 : 0",
      "evidence.waitingSeconds ?? 0",
    ]],
    "a QR code on show is taken for a session that logs in": [[
      '  if (registry === "connecting") return decideOnQrCode(evidence);\n',
      "",
    ]],
  }),
  ...mistakesIn(ADVANCE_REPAIR, "advance-ghost-repairs/advance-repair.test.ts", {
    "a logout is allowed by the version of yesterday": [[
      'if (step === "logout") await readVersion();',
      "",
    ]],
    "the ladder calls what the database did not grant": [[
      "if (!await workList.begin(lease, step)) {",
      "await workList.begin(lease, step);\n  if (false) {",
    ]],
  }),
  ...mistakesIn(DECIDE, [
    "advance-ghost-repairs/decide.test.ts",
    "advance-ghost-repairs/decide-ends.test.ts",
  ], {
    "the ladder connects twice": [['(called.connect ? null : "connect")', '"connect"']],
  }),
  ...mistakesIn(DECIDE, [
    "advance-ghost-repairs/decide.test.ts",
    "advance-ghost-repairs/ladder/untrusted.test.ts",
  ], {
    "the ladder connects although it hears no webhooks": [[
      'case "unheard":\n      return false;',
      'case "unheard":\n      return true;',
    ]],
  }),
  ...mistakesIn(LOOK, "advance-ghost-repairs/look.test.ts", {
    "a number that nobody knows counts as dead": [[
      '  if (outcome === "no_number") return "unasked";',
      '  if (outcome === "no_number") return "dead";',
    ]],
    "memory that changed once counts as steady": [["if (states.size > 1)", "if (states.size > 2)"]],
    "one sample of the memory is enough": [["known.length < KNOWN_SAMPLES", "known.length < 1"]],
    "a slow loop's last round is forgotten": [["LATELY_S = 90", "LATELY_S = 60"]],
  }),
  ...mistakesIn(LOOK, "advance-ghost-repairs/advance-repair.test.ts", {
    "the looks of one tick have no end": [["  if (budget.left < reserved) return null;\n", ""]],
    "a socket is dead where its gateway is away": [[
      '  if (["unknown", "unlicensed"].includes(judgeRegistry(registry))) return "unknown";\n',
      "",
    ]],
  }),
  ...mistakesIn(DECIDE, "advance-ghost-repairs/decide-ends.test.ts", {
    "a gateway that does not answer is taken for a dead session": [[
      'evidence.probe === "unknown" || registry === "unknown"',
      "false",
    ]],
  }),
  ...mistakesIn(HOOK, "advance-ghost-repairs/operator-hook.test.ts", {
    "any answer of the operator's hook counts as told": [[
      'call.status < 300 ? "accepted"',
      'call.status < 999 ? "accepted"',
    ]],
    "another reason is told under the first one's id: the receiver drops it": [[
      "`${notice.repair_id}:${notice.reason}`",
      "notice.repair_id",
    ]],
    "whatever the operator's hook answered is written down as accepted": [[
      "recordNotice(notice, outcome)",
      'recordNotice(notice, "accepted")',
    ]],
  }),
  ...mistakesIn(POST, [
    "advance-ghost-repairs/operator-hook.test.ts",
    "send-alerts/channels.test.ts",
  ], {
    "the operator's hook, or an alert's, may be inside the house": [[
      '      if (await checkPublicAddress(url, effects) !== null) return { kind: "address_refused" };\n',
      "",
    ]],
  }),
  ...mistakesIn(SIGNED_CALL, "advance-ghost-repairs/operator-hook.test.ts", {
    "the signature leaves out when it was made": [[
      ".sign(id, now, body)",
      ".sign(id, new Date(0), body)",
    ]],
  }),
  ...mistakesIn(WITHOUT_NUMBERS, "advance-ghost-repairs/operator-notice.test.ts", {}),
  ...mistakesIn(REASONS, "advance-ghost-repairs/operator-notice.test.ts", {}),
  ...mistakesIn(
    "supabase/functions/advance-ghost-repairs/handler.ts",
    "advance-ghost-repairs/ladder/untrusted.test.ts",
    {
      "each repair looks as if it were the only one of its tick": [[
        "          budget,\n",
        "          budget: { left: TICK_SAMPLES },\n",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/advance-ghost-repairs/handler.ts",
    "advance-ghost-repairs/ladder/policy.test.ts",
    {
      "before the ladder's logout nobody asks the gateway what it is": [[
        "readVersions(1, lease.instance_id)",
        "Promise.resolve()",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/_shared/contracts/plain-words.ts",
    "advance-ghost-repairs/operator-hook.test.ts",
    {
      "the operator is told a phone number": [[
        "(found) => `…${found.slice(-2)}`",
        "(found) => found",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/_shared/contracts/reasons.ts",
    "advance-ghost-repairs/operator-hook.test.ts",
    {
      "a reason of another version has no advice": [[
        "reason !== null && Object.hasOwn(ADVICE, reason)",
        "reason !== null",
      ]],
    },
  ),
];
