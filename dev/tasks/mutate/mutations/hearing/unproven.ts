/**
 * Mistakes with numbers whose hearing is not proven.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const sql = (name: string, ...edits: Mutation["edits"]): Mutation => ({
  name,
  file: "supabase/migrations/20261126201370_unproven.sql",
  edits,
  tests: ["database/hearing/unproven.test.ts"],
});

/** See {@linkcode Mutation}. */
export const UNPROVEN_MUTATIONS: readonly Mutation[] = [
  sql("a late report of an old logout takes a newer one's place", [
    "    logged_out_at = greatest(u.logged_out_at, excluded.logged_out_at)\n",
    "    logged_out_at = excluded.logged_out_at\n",
  ]),
  sql("no logout is remembered", [
    "  perform ghost_repair.note_unheard_logout(new.instance_id, new.created_at);\n",
    "",
  ]),
  sql("a logout that was refused is remembered", [
    "(new.kind in ('logout', 'delete_failed') and new.detail ->> 'logout' = 'accepted')",
    "(new.kind in ('logout', 'delete_failed'))",
  ]),
  sql("the logout of a deletion that failed is forgotten", [
    "new.kind in ('logout', 'delete_failed')",
    "new.kind in ('logout')",
  ]),
  sql("the ladder's logout is forgotten", [
    "    or (new.kind = 'repair_step' and",
    "    or (false and",
  ]),
  sql("a logout counts from when its report was read", [
    "least(ghost_repair.now(), coalesce(p_signed_at, ghost_repair.now())));",
    "ghost_repair.now());",
  ]),
  sql("nobody knows of a logout that nothing was heard since", [
    "  select u.logged_out_at from ghost_repair.unheard_logouts u where u.instance_id = p_instance_id\n",
    "  select null::timestamptz\n",
  ]),
  sql("a process that was restarted since the logout is restarted again", [
    "  select greatest(\n    (select max(q.restarted_at)",
    "  select greatest(\n    (select max(q.restarted_at) filter (where false)",
  ]),
  sql("a restart of before the logout counts", [
    " and q.restarted_at > p_since),",
    " and q.restarted_at is not null),",
  ]),
  sql("a number is unproven where a logout does no harm", [
    "    where ghost_repair.does_logout_deafen(u.instance_id) and not exists (\n",
    "    where not exists (\n",
  ]),
  sql("repairs that are switched off restart a process", [
    "or not v_settings.enabled or",
    "or",
  ]),
  sql("a number that was logged out is left deaf", [
    "  if v_anew is null then\n    perform ghost_repair.end_steps(v_repair, 'deaf_after_logout', '{}');\n  end if;\n",
    "",
  ]),
  sql("what was written before the logout proves that it hears", [
    " and u.logged_out_at < new.sent_at;",
    ";",
  ]),
  sql("a message proves nothing", [
    "    perform ghost_repair.hear_again(new.whatsapp_instance_id, 'message');\n  end if;\n  return null;",
    "  end if;\n  return null;",
  ], [
    "  delete from ghost_repair.unheard_logouts u\n  where u.instance_id = new.whatsapp_instance_id",
    "  delete from ghost_repair.unheard_logouts u\n  where false and u.instance_id = new.whatsapp_instance_id",
  ]),
  sql("a number that a canary heard is unproven for ever", [
    "  delete from ghost_repair.unheard_logouts u where u.instance_id = new.instance_id;\n",
    "",
  ]),
  sql("a person is told at once that nothing came in", [
    "  elsif p_repair.next_step_at <= ghost_repair.now() then\n",
    "  elsif true then\n",
  ]),
  sql("nobody is ever told that nothing came in", [
    "  elsif p_repair.next_step_at <= ghost_repair.now() then\n",
    "  elsif false then\n",
  ]),
  sql("canaries are asked again and again", [
    "  elsif not p_repair.evidence ? 'asked'\n",
    "  elsif true\n",
  ], [
    "    perform ghost_repair.begin_trial(p_repair.instance_id, 'silence', v_since);\n",
    "    perform ghost_repair.add_event(p_repair.instance_id, 'needs_operator', '{}');\n    perform ghost_repair.begin_trial(p_repair.instance_id, 'silence', v_since);\n",
  ]),
  sql("another version leaves a person with nothing to restart", [
    "then ghost_repair.begun_anew_since(p_repair.instance_id, v_since) else ghost_repair.now() end;",
    "then ghost_repair.begun_anew_since(p_repair.instance_id, v_since) end;",
  ]),
  sql("a ghost that lives again is proven to hear", [
    "    where ghost_repair.does_logout_deafen(u.instance_id) and not exists (\n",
    "    where false and not exists (\n",
  ]),
  {
    name: "on 2.3.6 a logout is said to cost no hearing",
    file: "supabase/functions/_shared/messages/refresh-versions.ts",
    edits: [[
      "    p_logout_deafens: !can.hearsAfterLogout.is,\n",
      "    p_logout_deafens: false,\n",
    ]],
    tests: ["shared/messages/refresh-versions.test.ts"],
  },
  {
    name: "a version that is not known is told as one that is",
    file: "supabase/functions/_shared/messages/refresh-versions.ts",
    edits: [['p_support: found.assumed ? "assumed" : "known"', 'p_support: "known"']],
    tests: ["shared/messages/refresh-versions.test.ts"],
  },
  {
    name: "a person who disconnects is told by yesterday's version",
    file: "supabase/functions/evolution-api/actions/disconnect-instance.ts",
    edits: [[
      'if (found?.kind !== "evolution") return known;',
      "if (found !== null) return known;",
    ]],
    tests: ["evolution-api/actions/logout-by-version.test.ts"],
  },
  {
    name: "a logout that somebody makes at the gateway is nobody's",
    file: "supabase/functions/evolution-webhook/read-event.ts",
    edits: [['asks(close, { kind: "logout" }) : asks(close)', "asks(close) : asks(close)"]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "a device that the phone removed counts as logged out at the gateway",
    file: "supabase/functions/evolution-webhook/read-event.ts",
    edits: [['/"message":"Log out instance/', "/message/"]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
];
