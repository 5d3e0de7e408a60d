/**
 * Mistakes in what is known of a gateway's version, and in what is not done because of it.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const REPAIR = "supabase/migrations/20261126200300_ghost_repair.sql";

/** See {@linkcode Mutation}. */
export const GATEWAY_VERSION_MUTATIONS: readonly Mutation[] = [
  {
    name: "a session is logged out although that makes its number deaf",
    file: REPAIR,
    edits: [[
      "    when ghost_repair.is_logout_unsafe(p_instance_id) then 'logout_unsafe_here'\n",
      "",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "the ladder logs out although that makes the number deaf",
    file: "supabase/migrations/20261126200600_ghost_ladder.sql",
    edits: [[
      "if p_step = 'logout' and ghost_repair.is_logout_passed_over(v_repair.instance_id)",
      "if false",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a gateway's version is asked at every look",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [["else s.version_read_every end", "else interval '0' end"]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "every webhook writes its gateway's row",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [[
      "and g.last_webhook_at\n        > ghost_repair.now() - (select s.webhook_noted_every from ghost_repair.settings s)",
      "and false",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a version on which a logout does harm is logged out all the same",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [["and not g.logout_safe)", "and false)"]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "what a gateway says of its version is not kept",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [[
      "    version = p_version, logout_safe = p_logout_safe, logout_deafens = p_logout_deafens,\n",
      "",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "any version may be logged out",
    file: "supabase/functions/_shared/gateway/capabilities.ts",
    edits: [["return hearsAfterLogout.is && pairsAfterLogout.is;", "return true;"]],
    tests: ["shared/gateway/versions.test.ts"],
  },
  {
    name: "a newer version of a line is taken for the line's oldest",
    file: "supabase/functions/_shared/gateway/capabilities.ts",
    edits: [["ENTRIES.findLast((", "ENTRIES.find(("]],
    tests: ["shared/gateway/versions.test.ts"],
  },
  {
    name: "a gateway of 2.1 is used like the others",
    file: "supabase/functions/_shared/gateway/versions.ts",
    edits: [['if (support === "too_old") return', "if (false) return"]],
    tests: ["shared/gateway/versions.test.ts"],
  },
  {
    name: "a number that comes back deaf is told to nobody",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [["and g.logout_deafens)", "and false)"]],
    tests: ["database/hearing/unproven.test.ts"],
  },
  {
    name: "a question that is under way counts as a gateway's answer",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [[
      "g.version_asked_at else g.version_read_at end",
      "g.version_asked_at else g.version_asked_at end",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a process that may be another is believed for a day",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [[
      "  update private.gateways g set version_due_at = ghost_repair.now() where g.api_url = v_api_url;\n",
      "",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "every report of an open session asks for the version",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [[
      "    and g.version_read_at\n      < ghost_repair.now() - (select s.version_doubted_after from ghost_repair.settings s)\n",
      "",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a gateway that speaks again is the one that fell silent",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [[
      "        then least(g.version_due_at, ghost_repair.now()) else",
      "        then g.version_due_at else",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a version that changes during the probes is logged out by the old one",
    file: "supabase/functions/evolution-api/send-in-background.ts",
    edits: [["        await readVersion();\n", ""]],
    tests: ["evolution-api/repair/no-logout.test.ts"],
  },
  {
    name: "a version that is not known is told of like one that is",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [[
      "case p_support when 'known' then 'gateway_version'",
      "case 'known' when 'known' then 'gateway_version'",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a number is made at a gateway that is of no use",
    file: "supabase/functions/evolution-api/actions/create-instance.ts",
    edits: [["  requireUsable(found, language);\n", ""]],
    tests: ["evolution-api/actions/create-refused.test.ts"],
  },
  {
    name: "a secret that went out in clear signs on",
    file: "supabase/functions/evolution-api/actions/update-webhook.ts",
    edits: [["{ p_webhook_secret: randomSecret() } : {}", "{} : {}"]],
    tests: ["evolution-api/actions/update-webhook.test.ts"],
  },
  {
    name: "doctor calls a deaf number well",
    file: "dev/tasks/doctor/check-gateway.ts",
    edits: [[
      '  if (status !== "connected" || since === null || since === undefined) return [];',
      "  return [];",
    ]],
    tests: ["dev/check-gateway.test.ts"],
  },
  {
    name: "doctor calls every number deaf that was ever logged out",
    file: "dev/tasks/doctor/check-gateway.ts",
    edits: [[
      '  if (found.kind !== "evolution" || found.capabilities.hearsAfterLogout.is) return [];',
      '  if (found.kind !== "evolution") return [];',
    ]],
    tests: ["dev/check-gateway.test.ts"],
  },
  {
    name: "doctor says nothing of a secret in clear",
    file: "dev/tasks/doctor/check-gateway.ts",
    edits: [["  if (hasToken !== false) return [];", "  return [];"]],
    tests: ["dev/check-gateway.test.ts"],
  },
  {
    name: "an upgrade of the gateway is told to nobody",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [["if v_was is distinct from p_version and (", "if false and ("]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
];
