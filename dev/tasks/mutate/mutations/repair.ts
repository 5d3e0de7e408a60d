/**
 * Mistakes in the repair that a failed send begins: its claim, its last look, its end.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const REPAIR = "supabase/migrations/20261126200300_ghost_repair.sql";

/** See {@linkcode Mutation}. */
export const REPAIR_MUTATIONS: readonly Mutation[] = [
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
  {
    name: "a page of HTML is a sent message",
    file: "supabase/functions/_shared/gateway/send.ts",
    edits: [["return head && {", "return {"], ["head[1] ?? null", "head?.[1] ?? null"]],
    tests: ["shared/gateway/sent.test.ts"],
  },
  {
    name: "a firewall's page is the gateway's word",
    file: "supabase/functions/_shared/gateway/answer.ts",
    edits: [["isProxyAnswer(exchange) || isForeignError(exchange)", "isProxyAnswer(exchange)"]],
    tests: ["shared/gateway/faults.test.ts"],
  },
  {
    name: "the window counts from updated_at",
    file: REPAIR,
    edits: [[
      "when v_session.last_disconnected_at > ghost_repair.now() - v_settings.repair_window",
      "when (select i.updated_at from public.whatsapp_instances i where i.id = p_instance_id)\n        > ghost_repair.now() - v_settings.repair_window",
    ]],
    tests: ["database/repair/claim-ghost-repair.test.ts"],
  },
  {
    name: "the claim ignores manual_disconnect",
    file: REPAIR,
    edits: [[
      "    when v_session.manual_disconnect then 'manual_disconnect'\n    when v_session.status = 'awaiting_qr' then 'awaiting_qr'\n    when not",
      "    when v_session.status = 'awaiting_qr' then 'awaiting_qr'\n    when not",
    ]],
    tests: ["database/repair/claim-ghost-repair.test.ts"],
  },
  {
    name: "a repair is claimed although repairs are switched off",
    file: REPAIR,
    edits: [["when not v_settings.enabled then 'disabled'", "when false then ''"]],
    tests: ["database/repair/claim-ghost-repair.test.ts"],
  },
  {
    name: "a repair is claimed while the ladder takes its steps",
    file: REPAIR,
    edits: [[
      "else coalesce(ghost_repair.hold_back(p_instance_id), case",
      "else coalesce(null::text, case",
    ]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "a claim ends with the window: a late logout falls into the next one's",
    file: REPAIR,
    edits: [[
      "ghost_repair.now() + v_settings.repair_window + v_settings.claim_grace",
      "ghost_repair.now() + v_settings.repair_window",
    ]],
    tests: ["database/repair/claim-ghost-repair.test.ts"],
  },
  {
    name: "whoever lost the claim still finishes it",
    file: REPAIR,
    edits: [[
      "and c.token = p_token and c.finished_at is null\n$$;",
      "and c.finished_at is null\n$$;",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a failed send logs out while the ladder is at work",
    file: REPAIR,
    edits: [["when ghost_repair.hold_back(p_instance_id) is not null then", "when false then"]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a claimer that took too long logs out all the same",
    file: REPAIR,
    edits: [[
      "when v_claim.claimed_at < ghost_repair.now() - (select s.claim_grace from ghost_repair.settings s)",
      "when false",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "no second look: a session that came back during the probes is logged out",
    file: REPAIR,
    edits: [[
      "when v_claim.connection_epoch <> v_session.connection_epoch then 'probe_again'",
      "when false then ''",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "one report of an open session is probed for ever",
    file: REPAIR,
    edits: [[
      "set connection_epoch = v_session.connection_epoch\n",
      "set connection_epoch = c.connection_epoch\n",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a claim that came to nothing holds the next one up",
    file: REPAIR,
    edits: [[
      "elsif v_answer in ('stale', 'manual_disconnect', 'awaiting_qr', 'repair_in_flight') then",
      "elsif v_answer in ('stale') then",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "whoever lost the claim takes the next one's away",
    file: REPAIR,
    edits: [[
      "    where c.instance_id = p_instance_id and c.token = p_token and c.finished_at is null;\n  end if;",
      "    where c.instance_id = p_instance_id and c.finished_at is null;\n  end if;",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a false alarm holds the next claim up",
    file: REPAIR,
    edits: [[
      "  delete from ghost_repair.claims c\n  where c.instance_id = p_instance_id and c.token = p_token and c.finished_at is null;\n  if not found",
      "  perform from ghost_repair.claims c\n  where c.instance_id = p_instance_id and c.token = p_token and c.finished_at is null;\n  if not found",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "no epoch: a session that came back is marked dead",
    file: REPAIR,
    edits: [[
      "  if v_claim.connection_epoch <> v_session.connection_epoch\n    or v_session.status",
      "  if v_session.status",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a marked number is left to auto-reconnect at once",
    file: REPAIR,
    edits: [["perform ghost_repair.after_logout(p_instance_id, p_outcome ->> 'logout');", "null;"]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "the registry's word counts for a claim that is somebody else's",
    file: REPAIR,
    edits: [[
      "where c.instance_id = p_instance_id and c.token = p_token);",
      "where c.instance_id = p_instance_id);",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a session that the registry calls closed stays connected",
    file: REPAIR,
    edits: [[
      "if v_outcome = 'invalidated' and v_session.status = 'connected' then",
      "if false then",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a repair is opened again for a number that was taken away",
    file: REPAIR,
    edits: [[
      "if v_session.manual_disconnect is not true and v_session.status is distinct from 'awaiting_qr' then",
      "if true then",
    ]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
];
