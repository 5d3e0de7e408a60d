/**
 * Mistakes in what a person does with a number, and in what is released: between database and gateway.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const CREATE = "supabase/functions/evolution-api/actions/create-instance.ts";
const DELETE = "supabase/functions/evolution-api/actions/delete-instance.ts";
const EVOLUTION_API = "supabase/functions/evolution-api/handler.ts";
const SEND_MESSAGE_ASYNC = "supabase/functions/evolution-api/actions/send-message-async.ts";
const ACTION = "supabase/functions/evolution-api/action.ts";
const INSTANCE_LIFE = "supabase/migrations/20261126201000_instance_life.sql";
const GHOST_LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const CONNECT_ONCE = "supabase/functions/evolution-api/connect-once.ts";
const INSTANCE = "supabase/functions/_shared/gateway/instance.ts";
const DECIDE = "supabase/functions/release-held-messages/decide.ts";
const UPDATE_WEBHOOK = "supabase/functions/evolution-api/actions/update-webhook.ts";

/** See {@linkcode Mutation}. */
export const ACTION_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(EVOLUTION_API, "evolution-api/send/unknown-outcome.test.ts", {
    "a write whose answer was lost is said not to be done": [[
      "|| !error.mayBeDone ||",
      "|| true ||",
    ]],
  }),
  ...mistakesIn(SEND_MESSAGE_ASYNC, "evolution-api/send/unknown-outcome.test.ts", {
    "a send whose answer was lost is told as any other fault": [[
      "error instanceof DatabaseError && error.mayBeDone",
      "false",
    ]],
    "what was stored by a try whose answer was lost waits for the scheduler": [[
      "(again && stored.parts.every",
      "(!again && stored.parts.every",
    ]],
  }),
  ...mistakesIn(ACTION, "evolution-api/send/unknown-outcome.test.ts", {
    "a refusal after a lost answer is taken for the answer": [[
      "if (lost === undefined || error.hint !== null) throw error;",
      "if (!error.mayBeDone) throw error;",
    ]],
  }),
  ...mistakesIn(CREATE, "evolution-api/actions/create-refused.test.ts", {
    "what was made at the gateway stays there when its row cannot be stored": [[
      "const { outcome } = await gatewayOf(row, call.effects).remove();",
      'const outcome = "kept";',
    ]],
    "a key in the gateway's address is taken": [[
      'url.username !== "" || url.password !== ""',
      "false",
    ]],
  }),
  ...mistakesIn(CREATE, "evolution-api/actions/create.test.ts", {
    "a create whose answer was lost is taken for none": [[
      "if (!isGatewayFailure(after)) return { made: true };\n",
      "",
    ]],
  }),
  ...mistakesIn(CREATE, "evolution-api/actions/new-instance.test.ts", {
    "two numbers of one display name have one name": [["[slug, id.slice(0, 8)]", "[slug]"]],
  }),
  ...mistakesIn(DELETE, "evolution-api/actions/delete.test.ts", {}),
  ...mistakesIn(INSTANCE_LIFE, "database/numbers/deletion.test.ts", {
    "the ladder logs a number out right after a deletion that failed": [[
      `'{"logout": "deletion"}'`,
      `'{"logout": "not_called"}'`,
    ]],
  }),
  ...mistakesIn(GHOST_LADDER, "database/numbers/deletion.test.ts", {
    "numbers that somebody deletes are an outage": [[
      "      and c.outcome ->> 'logout' is distinct from 'deletion'\n",
      "",
    ]],
  }),
  ...mistakesIn(DELETE, "evolution-api/actions/delete.test.ts", {}),
  ...mistakesIn(CONNECT_ONCE, "evolution-api/connect-once.test.ts", {
    "a connect is made into a session that is logging in": [[
      'if (memory.outcome !== "close") return {',
      "if (memory.outcome === undefined) return {",
    ]],
  }),
  ...mistakesIn(INSTANCE, "evolution-api/actions/qr.test.ts", {
    "a gateway that does not answer is written down as having refused": [[
      '      return { next: "record", record: { result: "unknown", outcome: registry.outcome, ...seen } };',
      '      return { next: "record", record: { result: "refused", ...seen } };',
    ]],
  }),
  ...mistakesIn(DECIDE, "release-held-messages/decide.test.ts", {
    "a row that says connected is enough to release": [[
      '  if (probe !== "alive" && probe !== "no_number") return { next: "end", reason: "not_alive" };\n',
      "",
    ]],
    "after a failure the next message goes out: the order is lost": [[
      '  if (last === "failed") return { next: "end", reason: "failed" };\n',
      "",
    ]],
    "one call of the release takes more than its processor": [[
      " || begun >= RELEASE_LIMITS.messagesOfAll",
      "",
    ]],
    "held messages go out in a burst": [[
      "pauseMs: sent > 0 ? RELEASE_LIMITS.pauseMs : 0",
      "pauseMs: 0",
    ]],
  }),
  ...mistakesIn(INSTANCE_LIFE, "evolution-api/actions/tenancy.test.ts", {
    "everybody may set a number's webhook": [[
      "  if v_refusal is not null then\n    return jsonb_build_object('result', v_refusal);\n  end if;\n  update private.instance_credentials k set\n    webhook_token",
      "  update private.instance_credentials k set\n    webhook_token",
    ]],
  }),
  ...mistakesIn(UPDATE_WEBHOOK, "evolution-api/actions/update-webhook.test.ts", {}),
  ...mistakesIn(
    "supabase/functions/evolution-api/actions/delete-instance.ts",
    "evolution-api/actions/delete-force.test.ts",
    {
      "a person who insists on a deletion is refused as well": [[
        "failure !== null && !request.force",
        "failure !== null",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/release-held-messages/handler.ts",
    "release-held-messages/held-messages.test.ts",
    {
      "what waits for its number goes out whatever the socket answers": [[
        "probe: probe.outcome, ms: 0",
        'probe: "alive", ms: 0',
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/evolution-api/actions/disconnect-instance.ts",
    "evolution-api/actions/life.test.ts",
    {
      "of a logout that changed nothing nobody is told": [[
        "GONE.includes(registry) ? []",
        "GONE.length > 0 ? []",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/_shared/gateway/remove-instance.ts",
    "evolution-api/actions/delete.test.ts",
    {
      "a number goes here though the gateway refused": [[
        'outcome === "removed" || outcome === "not_found"',
        'outcome === "removed" || outcome === "not_found" || outcome === "refused"',
      ]],
      "a deletion without an answer counts as done": [[
        '=== "not_found" ? null : outcome',
        '=== "not_found" ? null : null',
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/evolution-api/actions/update-webhook.ts",
    "evolution-api/actions/update-webhook.test.ts",
    {
      "a webhook in a private network is set to the public address": [[
        "isOurWebhook(before, ours) ? before.url :",
        "false ? before.url :",
      ]],
    },
  ),
];
