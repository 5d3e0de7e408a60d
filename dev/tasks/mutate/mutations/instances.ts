/**
 * Mistakes in what a person sees of numbers and does with them, and whose they are.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const INSTANCES = "supabase/migrations/20261126200900_instances.sql";
const VIEWS = "supabase/migrations/20261126201400_views.sql";

/** See {@linkcode Mutation}. */
export const INSTANCE_MUTATIONS: readonly Mutation[] = [
  {
    name: "an agent unpairs a phone",
    file: INSTANCES,
    edits: [["if role = 'agent' and p_manage then", "if false then"]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a number is anybody's to manage",
    file: INSTANCES,
    edits: [[
      "on m.organization_id = i.organization_id and m.user_id = p_user_id",
      "on m.user_id = p_user_id",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a send is not told its organization's policy",
    file: INSTANCES,
    edits: [["'policy', ghost_repair.repair_policy(i.id))", "'policy', 'logout-first')"]],
    tests: ["advance-ghost-repairs/ladder/policy.test.ts"],
  },
  {
    name: "a fourth attempt is promised",
    file: INSTANCES,
    edits: [["case when l.attempts < s.reconnect_attempts then\n", "case when true then\n"]],
    tests: ["database/numbers/instance-actions.test.ts"],
  },
  {
    name: "a failure of last week is told of for ever",
    file: INSTANCES,
    edits: [[
      "and m.failed_at > ghost_repair.now() - (",
      "and m.failed_at > '-infinity'::timestamptz - (",
    ]],
    tests: ["database/numbers/instance-actions.test.ts"],
  },
  {
    name: "the numbers of every organization are listed",
    file: INSTANCES,
    edits: [[
      "      where m.user_id = p_user_id\n        and (p_organization_id",
      "      where true\n        and (p_organization_id",
    ]],
    tests: ["database/numbers/instance-actions.test.ts"],
  },
  {
    name: "the events of every organization are listed",
    file: INSTANCES,
    edits: [[
      "      where e.organization_id = any (v_organizations)\n        and",
      "      where true\n        and",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "old events come again and again",
    file: INSTANCES,
    edits: [[
      "e.organization_id = any (v_organizations) and e.id > p_after_id",
      "e.organization_id = any (v_organizations)",
    ]],
    tests: ["evolution-api/actions/looking.test.ts"],
  },
  {
    name: "a status looks at anybody's number",
    file: INSTANCES,
    edits: [[
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;\n  if v_found.refusal is not null then",
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;\n  if false then",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a repair that waits for a person is said to go on",
    file: INSTANCES,
    edits: [[
      "case when r.state = 'needs_operator' then 'needs_operator' else 'repairing' end\n        from",
      "'repairing'\n        from",
    ]],
    tests: ["evolution-api/actions/retry.test.ts"],
  },
  {
    name: "a number that needs a person is said to be reconnecting",
    file: VIEWS,
    edits: [["    when p_repair = 'needs_operator' then 'needs_operator'\n", ""]],
    tests: ["database/numbers/instance-actions.test.ts"],
  },
  {
    name: "the doctor fails where there is no scheduler",
    file: VIEWS,
    edits: [["  if to_regclass(p_relation) is null then\n    return null;\n  end if;\n", ""]],
    tests: ["database/numbers/instance-actions.test.ts"],
  },
];
