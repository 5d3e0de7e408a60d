/**
 * Mistakes in what is known of a gateway's version, and in what is not done because of it.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const REPAIR = "supabase/migrations/20261126200300_ghost_repair.sql";
const GHOST_LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const GATEWAYS = "supabase/migrations/20261126200350_gateways.sql";
const CAPABILITIES = "supabase/functions/_shared/gateway/capabilities.ts";
const VERSIONS = "supabase/functions/_shared/gateway/versions.ts";
const SEND_IN_BACKGROUND = "supabase/functions/evolution-api/send-in-background.ts";
const CREATE_INSTANCE = "supabase/functions/evolution-api/actions/create-instance.ts";
const UPDATE_WEBHOOK = "supabase/functions/evolution-api/actions/update-webhook.ts";

/** See {@linkcode Mutation}. */
export const GATEWAY_VERSION_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(REPAIR, "database/repair/logout-unsafe.test.ts", {
    "a session is logged out although that makes its number deaf": [[
      "    when ghost_repair.is_logout_unsafe(p_instance_id) then 'logout_unsafe_here'\n",
      "",
    ]],
  }),
  ...mistakesIn(GHOST_LADDER, "database/repair/logout-unsafe.test.ts", {
    "the ladder logs out although that makes the number deaf": [[
      "if p_step = 'logout' and ghost_repair.is_logout_passed_over(v_repair.instance_id)",
      "if false",
    ]],
  }),
  ...mistakesIn(GATEWAYS, "database/repair/logout-unsafe.test.ts", {
    "a gateway's version is asked at every look": [[
      "else s.version_read_every end",
      "else interval '0' end",
    ]],
    "every webhook writes its gateway's row": [[
      "and g.last_webhook_at\n        > ghost_repair.now() - (select s.webhook_noted_every from ghost_repair.settings s)",
      "and false",
    ]],
    "a version on which a logout does harm is logged out all the same": [[
      "and not g.logout_safe)",
      "and false)",
    ]],
    "what a gateway says of its version is not kept": [[
      "    version = p_version, logout_safe = p_logout_safe, logout_deafens = p_logout_deafens,\n",
      "",
    ]],
    "a question that is under way counts as a gateway's answer": [[
      "g.version_asked_at else g.version_read_at end",
      "g.version_asked_at else g.version_asked_at end",
    ]],
    "a process that may be another is believed for a day": [[
      "  update private.gateways g set version_due_at = ghost_repair.now() where g.api_url = v_api_url;\n",
      "",
    ]],
    "every report of an open session asks for the version": [[
      "    and g.version_read_at\n      < ghost_repair.now() - (select s.version_doubted_after from ghost_repair.settings s)\n",
      "",
    ]],
    "a gateway that speaks again is the one that fell silent": [[
      "        then least(g.version_due_at, ghost_repair.now()) else",
      "        then g.version_due_at else",
    ]],
    "a version that is not known is told of like one that is": [[
      "case p_support when 'known' then 'gateway_version'",
      "case 'known' when 'known' then 'gateway_version'",
    ]],
    "an upgrade of the gateway is told to nobody": [[
      "if v_was is distinct from p_version and (",
      "if false and (",
    ]],
    "a gateway that did not say its version is asked again in a day": [[
      "    version_due_at = case when g.version is null then excluded.version_due_at\n      else excluded",
      "    version_due_at = case when false then excluded.version_due_at\n      else excluded",
    ]],
  }),
  ...mistakesIn(CAPABILITIES, "shared/gateway/versions.test.ts", {
    "any version may be logged out": [[
      "return hearsAfterLogout.is && pairsAfterLogout.is;",
      "return true;",
    ]],
    "a newer version of a line is taken for the line's oldest": [[
      "ENTRIES.findLast((",
      "ENTRIES.find((",
    ]],
  }),
  ...mistakesIn(VERSIONS, "shared/gateway/versions.test.ts", {
    "a gateway of 2.1 is used like the others": [[
      'if (support === "too_old") return',
      "if (false) return",
    ]],
  }),
  ...mistakesIn(GATEWAYS, "database/hearing/unproven.test.ts", {
    "a number that comes back deaf is told to nobody": [["and g.logout_deafens)", "and false)"]],
  }),
  ...mistakesIn(SEND_IN_BACKGROUND, "evolution-api/repair/no-logout.test.ts", {
    "a version that changes during the probes is logged out by the old one": [[
      "        await readVersion();\n",
      "",
    ]],
  }),
  ...mistakesIn(CREATE_INSTANCE, "evolution-api/actions/create-refused.test.ts", {
    "a number is made at a gateway that is of no use": [[
      "  requireUsable(found, language);\n",
      "",
    ]],
  }),
  ...mistakesIn(UPDATE_WEBHOOK, "evolution-api/actions/update-webhook.test.ts", {
    "a secret that went out in clear signs on": [[
      "{ p_webhook_secret: randomSecret() } : {}",
      "{} : {}",
    ]],
  }),
  ...mistakesIn("dev/tasks/doctor/judge-version.ts", "dev/check-gateway.test.ts", {
    "doctor calls a deaf number well": [[
      '  if (status !== "connected" || since === null || since === undefined) return [];',
      "  return [];",
    ]],
    "doctor calls every number deaf that was ever logged out": [[
      '  if (found.kind !== "evolution" || found.capabilities.hearsAfterLogout.is) return [];',
      '  if (found.kind !== "evolution") return [];',
    ]],
    "doctor says nothing of a secret in clear": [[
      "  if (hasToken !== false) return [];",
      "  return [];",
    ]],
    "doctor takes a version that nobody knows for a known one": [[
      "...(assumed ? [",
      "...(false ? [",
    ]],
  }),
  ...mistakesIn("dev/tasks/doctor/check-gateway.ts", "dev/check-gateway.test.ts", {
    "doctor says nothing of an integration that can make deaf": [[
      "if (on.length === 0) return [];",
      "return [];",
    ]],
  }),
];
