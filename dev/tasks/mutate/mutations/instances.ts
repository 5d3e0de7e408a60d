/**
 * Mistakes in what a person sees of numbers, and whose they are.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const ACTIONS = "supabase/migrations/20260101000450_actions.sql";
const HEALTH = "supabase/migrations/20260101000470_instance_health.sql";

/** See {@linkcode Mutation}. */
export const INSTANCE_MUTATIONS: readonly Mutation[] = [
  {
    name: "an agent unpairs a phone",
    file: ACTIONS,
    edits: [["if role = 'agent' and p_manage then", "if false then"]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a number is anybody's to manage",
    file: ACTIONS,
    edits: [[
      "on m.organization_id = i.organization_id and m.user_id = p_user_id",
      "on m.user_id = p_user_id",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a QR that has expired is shown",
    file: ACTIONS,
    edits: [[
      "where q.instance_id = p_instance_id and q.expires_at > ghost_repair.now()",
      "where q.instance_id = p_instance_id",
    ]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a reconnection is promised to who disconnected by hand",
    file: ACTIONS,
    edits: [[
      "in ('disconnected', 'connecting') and not p_instance.manual_disconnect\n",
      "in ('disconnected', 'connecting')\n",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "a fourth attempt is promised",
    file: ACTIONS,
    edits: [["case when p_instance.reconnect_attempts_count < 3 then\n", "case when true then\n"]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "the numbers of every organization are listed",
    file: ACTIONS,
    edits: [[
      "      where m.user_id = p_user_id\n        and (p_organization_id",
      "      where true\n        and (p_organization_id",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "the events of every organization are listed",
    file: ACTIONS,
    edits: [[
      "      where e.organization_id = any (v_organizations)\n        and",
      "      where true\n        and",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "old events come again and again",
    file: ACTIONS,
    edits: [[
      "e.organization_id = any (v_organizations) and e.id > p_after_id",
      "e.organization_id = any (v_organizations)",
    ]],
    tests: ["evolution-api/actions/looking.test.ts"],
  },
  {
    name: "a status looks at anybody's number",
    file: ACTIONS,
    edits: [[
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;\n  if v_found.refusal is not null then",
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;\n  if false then",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a repair that waits for a person is said to go on",
    file: ACTIONS,
    edits: [[
      "case when r.state = 'needs_operator' then 'needs_operator' else 'repairing' end\n        from",
      "'repairing'\n        from",
    ]],
    tests: ["evolution-api/actions/retry.test.ts"],
  },
  {
    name: "a number that needs a person is said to be reconnecting",
    file: HEALTH,
    edits: [["    when r.state = 'needs_operator' then 'needs_operator'\n", ""]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "a number without attempts left is said to be reconnecting",
    file: HEALTH,
    edits: [["    when i.reconnect_attempts_count >= 3 then 'gave_up'\n", ""]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "the doctor fails where there is no scheduler",
    file: HEALTH,
    edits: [["  if to_regclass(p_relation) is null then\n    return null;\n  end if;\n", ""]],
    tests: ["database/instance-actions.test.ts"],
  },
];
