/**
 * Mistakes in what a person does with a number, and in what is released: between database and gateway.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const CREATE = "supabase/functions/evolution-api/actions/create-instance.ts";
const NEW = "supabase/functions/evolution-api/new-instance.ts";
const DELETE = "supabase/functions/evolution-api/actions/delete-instance.ts";
const CONNECT = "supabase/functions/evolution-api/connect-once.ts";
const RELEASE = "supabase/functions/release-held-messages/release-instance.ts";

/** See {@linkcode Mutation}. */
export const ACTION_MUTATIONS: readonly Mutation[] = [
  {
    name: "what was made at the gateway stays there when its row cannot be stored",
    file: CREATE,
    edits: [[
      "const { outcome } = await createGateway(address, effects).remove();",
      'const outcome = "kept";',
    ]],
    tests: ["evolution-api/actions/create-refused.test.ts"],
  },
  {
    name: "a key in the gateway's address is taken",
    file: CREATE,
    edits: [['url.username !== "" || url.password !== ""', "false"]],
    tests: ["evolution-api/actions/create-refused.test.ts"],
  },
  {
    name: "a create whose answer was lost is taken for none",
    file: NEW,
    edits: [["if (!isGatewayFailure(after)) return { made: true };\n", ""]],
    tests: ["evolution-api/actions/create.test.ts"],
  },
  {
    name: "two numbers of one display name have one name",
    file: NEW,
    edits: [["[slug, id.slice(0, 8)]", "[slug]"]],
    tests: ["evolution-api/actions/new-instance.test.ts"],
  },
  {
    name: "a number goes here though the gateway refused",
    file: DELETE,
    edits: [[
      'outcome === "removed" || outcome === "not_found"',
      'outcome === "removed" || outcome === "not_found" || outcome === "refused"',
    ]],
    tests: ["evolution-api/actions/delete.test.ts"],
  },
  {
    name: "a deletion without an answer counts as done",
    file: DELETE,
    edits: [["failure: gone ? null : outcome", "failure: null"]],
    tests: ["evolution-api/actions/delete.test.ts"],
  },
  {
    name: "a session that the registry calls open is connected a second time",
    file: CONNECT,
    edits: [[
      '    case "open":\n      return { ...measuredBy("registry", registry), result: "registry_open" };\n    case "close":',
      '    case "open":\n    case "close":',
    ]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a connect is made into a session that is logging in",
    file: CONNECT,
    edits: [['memory.outcome === "connecting"', "memory.outcome !== undefined"]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a gateway that does not answer is written down as having refused",
    file: CONNECT,
    edits: [[
      '? { ...rest, result: "unknown", why: result }',
      '? { ...rest, result: "refused", why: result }',
    ]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a row that says connected is enough to release",
    file: RELEASE,
    edits: [['if (outcome !== "alive") return', "if (false) return"]],
    tests: ["release-held-messages/release-instance.test.ts"],
  },
  {
    name: "after a failure the next message goes out: the order is lost",
    file: RELEASE,
    edits: [[
      'if (!await effects.send(message)) return { sent, ended: "failed" };',
      "await effects.send(message);",
    ]],
    tests: ["release-held-messages/release-instance.test.ts"],
  },
  {
    name: "held messages go out in a burst",
    file: RELEASE,
    edits: [["    if (sent > 0) await effects.clock.sleep(limits.pauseMs);\n", ""]],
    tests: ["release-held-messages/release-instance.test.ts"],
  },
];
