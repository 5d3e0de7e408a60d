/**
 * Mistakes in what a signed-in user may read and call in the database.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const SCHEMA = "supabase/migrations/20261126200100_schema.sql";
const INSTANCES = "supabase/migrations/20261126200900_instances.sql";
const VIEWS = "supabase/migrations/20261126201400_views.sql";

/** See {@linkcode Mutation}. */
export const ACCESS_MUTATIONS: readonly Mutation[] = [
  {
    name: "the own organizations are everybody's",
    file: SCHEMA,
    edits: [["where m.user_id = auth.uid()\n", "where true\n"]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads every organization's messages",
    file: SCHEMA,
    edits: [[
      "on public.messages\n  for select to authenticated using (organization_id in (",
      "on public.messages\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads every organization's numbers",
    file: SCHEMA,
    edits: [[
      "deleted_at is null and organization_id = any (array(",
      "deleted_at is null and organization_id = any (array(select organization_id union ",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads every organization's conversations",
    file: SCHEMA,
    edits: [[
      "on public.conversations\n  for select to authenticated using (organization_id in (",
      "on public.conversations\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads every organization's events",
    file: INSTANCES,
    edits: [[
      "on public.instance_events\n  for select to authenticated using (organization_id in (",
      "on public.instance_events\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads every organization's repairs",
    file: INSTANCES,
    edits: [[
      "on public.ghost_repairs\n  for select to authenticated using (organization_id in (",
      "on public.ghost_repairs\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads who belongs to which organization",
    file: SCHEMA,
    edits: [["using (user_id = (select auth.uid()));", "using (true);"]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads the names of all organizations",
    file: SCHEMA,
    edits: [[
      "for select to authenticated using (id in (",
      "for select to authenticated using (id is not null or id in (",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "the health of every number is everybody's to read",
    file: VIEWS,
    edits: [[
      "view public.instance_health with (security_invoker = true) as",
      "view public.instance_health as",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "the repairs' figures are everybody's to read",
    file: VIEWS,
    edits: [[
      "view public.repair_events_daily with (security_invoker = true) as",
      "view public.repair_events_daily as",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads the gateways' keys from the doctor's report",
    file: VIEWS,
    edits: [[
      "revoke all on function public.doctor_report(text)\n  from public, anon, authenticated;\n",
      "",
    ]],
    tests: ["database/function-access.test.ts"],
  },
];
