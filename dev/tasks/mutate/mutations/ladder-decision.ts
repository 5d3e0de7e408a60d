/**
 * Mistakes in what the ladder sees, decides and says.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const DECIDE = "supabase/functions/advance-ghost-repairs/decide.ts";
const LOOK = "supabase/functions/advance-ghost-repairs/look.ts";
const HOOK = "supabase/functions/advance-ghost-repairs/operator-hook.ts";
const SIGNED_CALL = "supabase/functions/_shared/http/signed-call.ts";

/** See {@linkcode Mutation}. */
export const LADDER_DECISION_MUTATIONS: readonly Mutation[] = [
  {
    name: "a licence that is not there is waited for like a gateway that is away",
    file: DECIDE,
    edits: [['if (registry === "unlicensed") return', "if (false) return"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a logout is allowed by the version of yesterday",
    file: "supabase/functions/advance-ghost-repairs/advance-repair.ts",
    edits: [['if (step === "logout") await readVersion();', ""]],
    tests: ["advance-ghost-repairs/advance-repair.test.ts"],
  },
  {
    name: "the ladder connects twice",
    file: DECIDE,
    edits: [['(called.connect ? null : "connect")', '"connect"']],
    tests: ["advance-ghost-repairs/decide.test.ts", "advance-ghost-repairs/decide-ends.test.ts"],
  },
  {
    name: "the ladder connects although it hears no webhooks",
    file: DECIDE,
    edits: [['case "unheard":\n      return false;', 'case "unheard":\n      return true;']],
    tests: [
      "advance-ghost-repairs/decide.test.ts",
      "advance-ghost-repairs/ladder/untrusted.test.ts",
    ],
  },
  {
    name: "twelve samples of the memory are enough for a call",
    file: DECIDE,
    edits: [['return density !== "thin";', "return true;"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a probe that is answered by luck ends a fight",
    file: DECIDE,
    edits: [["if (!evidence.sessionConflict || still) return", "if (true) return"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a number that nobody knows counts as dead",
    file: LOOK,
    edits: [[
      '  if (outcome === "no_number") return "unasked";',
      '  if (outcome === "no_number") return "dead";',
    ]],
    tests: ["advance-ghost-repairs/look.test.ts"],
  },
  {
    name: "the looks of one tick have no end",
    file: LOOK,
    edits: [["  if (budget.left < reserved) return null;\n", ""]],
    tests: ["advance-ghost-repairs/advance-repair.test.ts"],
  },
  {
    name: "the ladder climbs inside a live loop",
    file: DECIDE,
    edits: [["  if (isLiveLoop(look)) return", "  if (false) return"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a loop that is slow to log in is no loop",
    file: DECIDE,
    edits: [['||\n    (connecting === "lately" && memory !== "open")', ""]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "the outage guard holds nothing",
    file: DECIDE,
    edits: [["  if (evidence.outage) {\n", "  if (false) {\n"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "the logout comes before the restart",
    file: DECIDE,
    edits: [[": !called.restart\n", ": called.logout && !called.restart\n"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a session has no time to log in after a restart",
    file: DECIDE,
    edits: [["SETTLING_S = 65", "SETTLING_S = 6"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "the ladder waits for ever for one thing",
    file: DECIDE,
    edits: [["return waited >= WAIT_LIMIT_S || evidence.ageSeconds", "return evidence.ageSeconds"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "what was waited for before counts for what is waited for now",
    file: DECIDE,
    edits: [[
      "evidence.waitingFor === reason ? evidence.waitingSeconds ?? 0 : 0",
      "evidence.waitingSeconds ?? 0",
    ]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a QR code on show is taken for a session that logs in",
    file: DECIDE,
    edits: [['  if (registry === "connecting") return decideOnQrCode(evidence);\n', ""]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a gateway that does not answer is taken for a dead session",
    file: DECIDE,
    edits: [['evidence.probe === "unknown" || registry === "unknown"', "false"]],
    tests: ["advance-ghost-repairs/decide-ends.test.ts"],
  },
  {
    name: "memory that changed once counts as steady",
    file: LOOK,
    edits: [["if (states.size > 1)", "if (states.size > 2)"]],
    tests: ["advance-ghost-repairs/look.test.ts"],
  },
  {
    name: "one sample of the memory is enough",
    file: LOOK,
    edits: [["known.length < KNOWN_SAMPLES", "known.length < 1"]],
    tests: ["advance-ghost-repairs/look.test.ts"],
  },
  {
    name: "a slow loop's last round is forgotten",
    file: LOOK,
    edits: [["LATELY_S = 90", "LATELY_S = 60"]],
    tests: ["advance-ghost-repairs/look.test.ts"],
  },
  {
    name: "the ladder calls what the database did not grant",
    file: "supabase/functions/advance-ghost-repairs/advance-repair.ts",
    edits: [[
      "if (!await workList.begin(lease, step)) {",
      "await workList.begin(lease, step);\n  if (false) {",
    ]],
    tests: ["advance-ghost-repairs/advance-repair.test.ts"],
  },
  {
    name: "a socket is dead where its gateway is away",
    file: "supabase/functions/advance-ghost-repairs/look.ts",
    edits: [[
      '  if (["unknown", "unlicensed"].includes(judgeRegistry(registry))) return "unknown";\n',
      "",
    ]],
    tests: ["advance-ghost-repairs/advance-repair.test.ts"],
  },
  {
    name: "any answer of the operator's hook counts as told",
    file: HOOK,
    edits: [['call.status < 300 ? "accepted"', 'call.status < 999 ? "accepted"']],
    tests: ["advance-ghost-repairs/operator-hook.test.ts"],
  },
  {
    name: "the operator's hook, or an alert's, may be inside the house",
    file: "supabase/functions/_shared/http/post.ts",
    edits: [[
      '      if (await checkPublicAddress(url, effects) !== null) return { kind: "address_refused" };\n',
      "",
    ]],
    tests: ["advance-ghost-repairs/operator-hook.test.ts", "send-alerts/channels.test.ts"],
  },
  {
    name: "the signature leaves out when it was made",
    file: SIGNED_CALL,
    edits: [[".sign(id, now, body)", ".sign(id, new Date(0), body)"]],
    tests: ["advance-ghost-repairs/operator-hook.test.ts"],
  },
  {
    name: "the operator is told a phone number",
    file: "supabase/functions/_shared/messages/without-numbers.ts",
    edits: [["(found) => `…${found.slice(-2)}`", "(found) => found"]],
    tests: ["advance-ghost-repairs/operator-notice.test.ts"],
  },
  {
    name: "a reason of another version has no advice",
    file: "supabase/functions/_shared/contracts/reasons.ts",
    edits: [["reason !== null && Object.hasOwn(ADVICE, reason)", "reason !== null"]],
    tests: ["advance-ghost-repairs/operator-notice.test.ts"],
  },
  {
    name: "another reason is told under the first one's id: the receiver drops it",
    file: "supabase/functions/advance-ghost-repairs/operator-hook.ts",
    edits: [["`${notice.repair_id}:${notice.reason}`", "notice.repair_id"]],
    tests: ["advance-ghost-repairs/operator-hook.test.ts"],
  },
];
