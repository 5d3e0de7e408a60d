/**
 * Mistakes in what a signed-in user may read and call in the database.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const SCHEMA = "supabase/migrations/20261126200100_schema.sql";
const INSTANCES = "supabase/migrations/20261126200900_instances.sql";
const VIEWS = "supabase/migrations/20261126201400_views.sql";

/** See {@linkcode Mutation}. */
export const ACCESS_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(SCHEMA, "database/table-access.test.ts", {
    "the own organizations are everybody's": [["where m.user_id = auth.uid()\n", "where true\n"]],
    "every user reads every organization's messages": [[
      "on public.messages\n  for select to authenticated using (organization_id in (",
      "on public.messages\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
    "every user reads every organization's numbers": [[
      "deleted_at is null and organization_id = any (array(",
      "deleted_at is null and organization_id = any (array(select organization_id union ",
    ]],
    "every user reads every organization's conversations": [[
      "on public.conversations\n  for select to authenticated using (organization_id in (",
      "on public.conversations\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
    "every user reads who belongs to which organization": [[
      "using (user_id = (select auth.uid()));",
      "using (true);",
    ]],
    "every user reads the names of all organizations": [[
      "for select to authenticated using (id in (",
      "for select to authenticated using (id is not null or id in (",
    ]],
  }),
  ...mistakesIn(INSTANCES, "database/table-access.test.ts", {
    "every user reads every organization's events": [[
      "on public.instance_events\n  for select to authenticated using (organization_id in (",
      "on public.instance_events\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
    "every user reads every organization's repairs": [[
      "on public.ghost_repairs\n  for select to authenticated using (organization_id in (",
      "on public.ghost_repairs\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
  }),
  ...mistakesIn(VIEWS, "database/table-access.test.ts", {
    "the health of every number is everybody's to read": [[
      "view public.instance_health with (security_invoker = true) as",
      "view public.instance_health as",
    ]],
    "the repairs' figures are everybody's to read": [[
      "view public.repair_events_daily with (security_invoker = true) as",
      "view public.repair_events_daily as",
    ]],
  }),
  ...mistakesIn(VIEWS, "database/function-access.test.ts", {
    "every user reads the gateways' keys from the doctor's report": [[
      "revoke all on function public.doctor_report(text)\n  from public, anon, authenticated;\n",
      "",
    ]],
  }),
];
