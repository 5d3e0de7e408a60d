/**
 * Mistakes in a number's beginning and end.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const LIFE = "supabase/migrations/20260101000456_instance_life.sql";
const CREATE = "supabase/functions/evolution-api/actions/create-instance.ts";
const NEW = "supabase/functions/evolution-api/new-instance.ts";
const DELETE = "supabase/functions/evolution-api/actions/delete-instance.ts";

/** See {@linkcode Mutation}. */
export const INSTANCE_LIFE_MUTATIONS: readonly Mutation[] = [
  {
    name: "an agent makes a number",
    file: LIFE,
    edits: [["    when 'agent' then 'forbidden'\n", ""]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a number of somebody else's name is made",
    file: LIFE,
    edits: [["then 'instance_name_taken' else 'ok' end", "then 'ok' else 'ok' end"]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "an answer that was lost undoes the number that was stored",
    file: LIFE,
    edits: [[
      "      and k.webhook_secret = p_instance ->> 'webhook_secret') then",
      "      and false) then",
    ]],
    tests: ["evolution-api/actions/create-refused.test.ts"],
  },
  {
    name: "a second click on disconnect logs out again",
    file: LIFE,
    edits: [["'logout', v_again is not true,", "'logout', true,"]],
    tests: ["evolution-api/actions/life.test.ts"],
  },
  {
    name: "who disconnects and reconnects waits for the connect before",
    file: LIFE,
    edits: [[
      "  update ghost_repair.leases set expires_at = ghost_repair.now() where instance_id = p_instance_id;\n",
      "",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "a number is deleted under another name",
    file: LIFE,
    edits: [[
      "elsif (v_found.instance).instance_name is distinct from p_confirm_name then",
      "elsif false then",
    ]],
    tests: ["evolution-api/actions/delete.test.ts"],
  },
  {
    name: "a repair under way logs out what is being deleted",
    file: LIFE,
    edits: [[
      "  delete from ghost_repair.claims c where c.instance_id = p_instance_id;\n",
      "",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "a repair begins while a number is being deleted",
    file: LIFE,
    edits: [[
      "  update public.whatsapp_instances set last_disconnected_at = ghost_repair.now() where id = p_instance_id;\n",
      "",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "whoever lost the deletion still deletes",
    file: LIFE,
    edits: [[
      "  where l.instance_id = p_instance_id and l.token = p_token;\n  if not found then\n    return false;\n  elsif",
      "  where l.instance_id = p_instance_id and l.token = p_token;\n  if",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
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
];
