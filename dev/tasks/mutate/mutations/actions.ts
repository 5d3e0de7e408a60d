/**
 * Mistakes in what a person does with a number, and in what is released: between database and gateway.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const CREATE = "supabase/functions/evolution-api/actions/create-instance.ts";
const DELETE = "supabase/functions/evolution-api/actions/delete-instance.ts";

/** See {@linkcode Mutation}. */
export const ACTION_MUTATIONS: readonly Mutation[] = [
  {
    name: "a write whose answer was lost is said not to be done",
    file: "supabase/functions/evolution-api/handler.ts",
    edits: [["|| !error.mayBeDone ||", "|| true ||"]],
    tests: ["evolution-api/send/unknown-outcome.test.ts"],
  },
  {
    name: "a send whose answer was lost is told as any other fault",
    file: "supabase/functions/evolution-api/actions/send-message-async.ts",
    edits: [["error instanceof DatabaseError && error.mayBeDone", "false"]],
    tests: ["evolution-api/send/unknown-outcome.test.ts"],
  },
  {
    name: "what was stored by a try whose answer was lost waits for the scheduler",
    file: "supabase/functions/evolution-api/actions/send-message-async.ts",
    edits: [["(again && stored.parts.every", "(!again && stored.parts.every"]],
    tests: ["evolution-api/send/unknown-outcome.test.ts"],
  },
  {
    name: "a refusal after a lost answer is taken for the answer",
    file: "supabase/functions/evolution-api/action.ts",
    edits: [[
      "if (lost === undefined || error.hint !== null) throw error;",
      "if (!error.mayBeDone) throw error;",
    ]],
    tests: ["evolution-api/send/unknown-outcome.test.ts"],
  },
  {
    name: "what was made at the gateway stays there when its row cannot be stored",
    file: "supabase/functions/evolution-api/actions/create-instance.ts",
    edits: [[
      "const { outcome } = await gatewayOf(row, call.effects).remove();",
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
    file: "supabase/functions/evolution-api/actions/create-instance.ts",
    edits: [["if (!isGatewayFailure(after)) return { made: true };\n", ""]],
    tests: ["evolution-api/actions/create.test.ts"],
  },
  {
    name: "two numbers of one display name have one name",
    file: "supabase/functions/evolution-api/actions/create-instance.ts",
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
    name: "the ladder logs a number out right after a deletion that failed",
    file: "supabase/migrations/20261126201000_instance_life.sql",
    edits: [[`'{"logout": "deletion"}'`, `'{"logout": "not_called"}'`]],
    tests: ["database/numbers/deletion.test.ts"],
  },
  {
    name: "numbers that somebody deletes are an outage",
    file: "supabase/migrations/20261126200600_ghost_ladder.sql",
    edits: [["      and c.outcome ->> 'logout' is distinct from 'deletion'\n", ""]],
    tests: ["database/numbers/deletion.test.ts"],
  },
  {
    name: "a deletion without an answer counts as done",
    file: DELETE,
    edits: [["failure: gone ? null : outcome", "failure: null"]],
    tests: ["evolution-api/actions/delete.test.ts"],
  },
  {
    name: "a connect is made into a session that is logging in",
    file: "supabase/functions/evolution-api/connect-once.ts",
    edits: [[
      'if (memory.outcome !== "close") return {',
      "if (memory.outcome === undefined) return {",
    ]],
    tests: ["evolution-api/connect-once.test.ts"],
  },
  {
    name: "a gateway that does not answer is written down as having refused",
    file: "supabase/functions/_shared/gateway/instance.ts",
    edits: [[
      '      return { next: "record", record: { result: "unknown", outcome: registry.outcome, ...seen } };',
      '      return { next: "record", record: { result: "refused", ...seen } };',
    ]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a row that says connected is enough to release",
    file: "supabase/functions/release-held-messages/decide.ts",
    edits: [[
      '  if (probe !== "alive" && probe !== "no_number") return { next: "end", reason: "not_alive" };\n',
      "",
    ]],
    tests: ["release-held-messages/decide.test.ts"],
  },
  {
    name: "after a failure the next message goes out: the order is lost",
    file: "supabase/functions/release-held-messages/decide.ts",
    edits: [['  if (last === "failed") return { next: "end", reason: "failed" };\n', ""]],
    tests: ["release-held-messages/decide.test.ts"],
  },
  {
    name: "one call of the release takes more than its processor",
    file: "supabase/functions/release-held-messages/decide.ts",
    edits: [[" || begun >= limits.messagesOfAll", ""]],
    tests: ["release-held-messages/decide.test.ts"],
  },
  {
    name: "held messages go out in a burst",
    file: "supabase/functions/release-held-messages/decide.ts",
    edits: [["pauseMs: sent > 0 ? limits.pauseMs : 0", "pauseMs: 0"]],
    tests: ["release-held-messages/decide.test.ts"],
  },
  {
    name: "everybody may set a number's webhook",
    file: "supabase/migrations/20261126201000_instance_life.sql",
    edits: [[
      "  if v_refusal is not null then\n    return jsonb_build_object('result', v_refusal);\n  end if;\n  update private.instance_credentials k set\n    webhook_token",
      "  update private.instance_credentials k set\n    webhook_token",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a webhook in a private network is set to the public address",
    file: "supabase/functions/evolution-api/actions/update-webhook.ts",
    edits: [["const url = isOurs ? before.url :", "const url = false ? before.url :"]],
    tests: ["evolution-api/actions/update-webhook.test.ts"],
  },
];
