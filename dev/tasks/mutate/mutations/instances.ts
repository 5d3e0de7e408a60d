/**
 * Mistakes in what a person sees of numbers and does with them, and whose they are.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const INSTANCES = "supabase/migrations/20261126200900_instances.sql";
const VIEWS = "supabase/migrations/20261126201400_views.sql";

/** See {@linkcode Mutation}. */
export const INSTANCE_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(INSTANCES, "evolution-api/actions/tenancy.test.ts", {
    "an agent unpairs a phone": [["if role = 'agent' and p_manage then", "if false then"]],
    "a number is anybody's to manage": [[
      "on m.organization_id = i.organization_id and m.user_id = p_user_id",
      "on m.user_id = p_user_id",
    ]],
    "the events of every organization are listed": [[
      "      where e.organization_id = any (v_organizations)\n        and",
      "      where true\n        and",
    ]],
    "a status looks at anybody's number": [[
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;\n  if v_found.refusal is not null then",
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;\n  if false then",
    ]],
  }),
  ...mistakesIn(INSTANCES, "advance-ghost-repairs/ladder/policy.test.ts", {
    "a send is not told its organization's policy": [[
      "'policy', ghost_repair.repair_policy(i.id))",
      "'policy', 'logout-first')",
    ]],
  }),
  ...mistakesIn(INSTANCES, "database/numbers/instance-actions.test.ts", {
    "a fourth attempt is promised": [[
      "case when l.attempts < s.reconnect_attempts then\n",
      "case when true then\n",
    ]],
    "a failure of last week is told of for ever": [[
      "and m.failed_at > ghost_repair.now() - (",
      "and m.failed_at > '-infinity'::timestamptz - (",
    ]],
    "the numbers of every organization are listed": [[
      "      where m.user_id = p_user_id\n        and (p_organization_id",
      "      where true\n        and (p_organization_id",
    ]],
  }),
  ...mistakesIn(INSTANCES, "evolution-api/actions/looking.test.ts", {
    "old events come again and again": [[
      "e.organization_id = any (v_organizations) and e.id > p_after_id",
      "e.organization_id = any (v_organizations)",
    ]],
  }),
  ...mistakesIn(INSTANCES, "evolution-api/actions/retry.test.ts", {
    "a repair that waits for a person is said to go on": [[
      "case when r.state = 'needs_operator' then 'needs_operator' else 'repairing' end\n        from",
      "'repairing'\n        from",
    ]],
  }),
  ...mistakesIn(VIEWS, "database/numbers/instance-actions.test.ts", {
    "a number that needs a person is said to be reconnecting": [[
      "    when p_repair = 'needs_operator' then 'needs_operator'\n",
      "",
    ]],
    "the doctor fails where there is no scheduler": [[
      "  if to_regclass(p_relation) is null then\n    return null;\n  end if;\n",
      "",
    ]],
  }),
];
