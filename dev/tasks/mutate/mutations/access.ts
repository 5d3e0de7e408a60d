/**
 * Mistakes in what a signed-in user may read and call in the database.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const SCHEMA = "supabase/migrations/20260101000000_schema.sql";
const SENDS = "supabase/migrations/20260101000200_send_messages.sql";
const HEALTH = "supabase/migrations/20260101000470_instance_health.sql";

const policy = (table: string) =>
  `on public.${table}\n  for select to authenticated using (organization_id in (`;

/** See {@linkcode Mutation}. */
export const ACCESS_MUTATIONS: readonly Mutation[] = [
  {
    name: "every user reads every organization's messages",
    file: SCHEMA,
    edits: [[
      policy("messages"),
      `${policy("messages")} select organization_id union`,
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads every organization's numbers",
    file: SCHEMA,
    edits: [[
      policy("whatsapp_instances"),
      `${policy("whatsapp_instances")} select organization_id union`,
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
    name: "every user reads every organization's events",
    file: SENDS,
    edits: [[
      policy("instance_events"),
      `${policy("instance_events")} select organization_id union`,
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads every organization's repairs",
    file: HEALTH,
    edits: [[
      policy("ghost_repairs"),
      `${policy("ghost_repairs")} select organization_id union`,
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "the health of every number is everybody's to read",
    file: HEALTH,
    edits: [[
      "view public.instance_health with (security_invoker = true) as",
      "view public.instance_health as",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "every user reads the gateways' keys from the doctor's report",
    file: HEALTH,
    edits: [[
      "revoke all on function public.doctor_report(text) from public, anon, authenticated;\n",
      "",
    ]],
    tests: ["database/function-access.test.ts"],
  },
  {
    name: "every user ends every message",
    file: SENDS,
    edits: [[
      "revoke all on function public.finish_message(uuid, jsonb) from public, anon, authenticated;\n",
      "",
    ]],
    tests: ["database/function-access.test.ts"],
  },
  {
    name: "every user reads every organization's conversations",
    file: SCHEMA,
    edits: [[policy("conversations"), `${policy("conversations")} select organization_id union`]],
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
];
