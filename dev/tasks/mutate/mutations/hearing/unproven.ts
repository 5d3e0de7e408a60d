/**
 * Mistakes with numbers whose hearing is not proven.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const SQL = "supabase/migrations/20261126201370_unproven.sql";
const REFRESH_VERSIONS = "supabase/functions/_shared/messages/refresh-versions.ts";
const DISCONNECT_INSTANCE = "supabase/functions/evolution-api/actions/disconnect-instance.ts";
const READ_EVENT = "supabase/functions/evolution-webhook/read-event.ts";

/** See {@linkcode Mutation}. */
export const UNPROVEN_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(SQL, "database/hearing/unproven.test.ts", {
    "a late report of an old logout takes a newer one's place": [[
      "    logged_out_at = greatest(u.logged_out_at, excluded.logged_out_at)\n",
      "    logged_out_at = excluded.logged_out_at\n",
    ]],
    "no logout is remembered": [[
      "  perform ghost_repair.note_unheard_logout(new.instance_id, new.created_at);\n",
      "",
    ]],
    "a logout that was refused is remembered": [[
      "(new.kind in ('logout', 'delete_failed') and new.detail ->> 'logout' = 'accepted')",
      "(new.kind in ('logout', 'delete_failed'))",
    ]],
    "the logout of a deletion that failed is forgotten": [[
      "new.kind in ('logout', 'delete_failed')",
      "new.kind in ('logout')",
    ]],
    "the ladder's logout is forgotten": [[
      "    or (new.kind = 'repair_step' and",
      "    or (false and",
    ]],
    "a logout counts from when its report was read": [[
      "least(ghost_repair.now(), coalesce(p_signed_at, ghost_repair.now())));",
      "ghost_repair.now());",
    ]],
    "nobody knows of a logout that nothing was heard since": [[
      "  select u.logged_out_at from ghost_repair.unheard_logouts u where u.instance_id = p_instance_id\n",
      "  select null::timestamptz\n",
    ]],
    "a process that was restarted since the logout is restarted again": [[
      "  select greatest(\n    (select max(q.restarted_at)",
      "  select greatest(\n    (select max(q.restarted_at) filter (where false)",
    ]],
    "a restart of before the logout counts": [[
      " and q.restarted_at > p_since),",
      " and q.restarted_at is not null),",
    ]],
    "a number is unproven where a logout does no harm": [[
      "    where ghost_repair.does_logout_deafen(u.instance_id) and not exists (\n",
      "    where not exists (\n",
    ]],
    "repairs that are switched off restart a process": [[
      "or not v_settings.enabled or",
      "or",
    ]],
    "a number that was logged out is left deaf": [[
      "  if v_anew is null then\n    perform ghost_repair.end_steps(v_repair, 'deaf_after_logout', '{}');\n  end if;\n",
      "",
    ]],
    "what was written before the logout proves that it hears": [[
      " and u.logged_out_at < new.sent_at;",
      ";",
    ]],
    "a message proves nothing": [[
      "    perform ghost_repair.hear_again(new.whatsapp_instance_id, 'message');\n  end if;\n  return null;",
      "  end if;\n  return null;",
    ], [
      "  delete from ghost_repair.unheard_logouts u\n  where u.instance_id = new.whatsapp_instance_id",
      "  delete from ghost_repair.unheard_logouts u\n  where false and u.instance_id = new.whatsapp_instance_id",
    ]],
    "a number that a canary heard is unproven for ever": [[
      "  delete from ghost_repair.unheard_logouts u where u.instance_id = new.instance_id;\n",
      "",
    ]],
    "a person is told at once that nothing came in": [[
      "  elsif p_repair.next_step_at <= ghost_repair.now() then\n",
      "  elsif true then\n",
    ]],
    "nobody is ever told that nothing came in": [[
      "  elsif p_repair.next_step_at <= ghost_repair.now() then\n",
      "  elsif false then\n",
    ]],
    "canaries are asked again and again": [[
      "  elsif not p_repair.evidence ? 'asked'\n",
      "  elsif true\n",
    ], [
      "    perform ghost_repair.begin_trial(p_repair.instance_id, 'silence', v_since);\n",
      "    perform ghost_repair.add_event(p_repair.instance_id, 'needs_operator', '{}');\n    perform ghost_repair.begin_trial(p_repair.instance_id, 'silence', v_since);\n",
    ]],
    "another version leaves a person with nothing to restart": [[
      "then ghost_repair.begun_anew_since(p_repair.instance_id, v_since) else ghost_repair.now() end;",
      "then ghost_repair.begun_anew_since(p_repair.instance_id, v_since) end;",
    ]],
    "a ghost that lives again is proven to hear": [[
      "    where ghost_repair.does_logout_deafen(u.instance_id) and not exists (\n",
      "    where false and not exists (\n",
    ]],
  }),
  ...mistakesIn(REFRESH_VERSIONS, "shared/messages/refresh-versions.test.ts", {
    "on 2.3.6 a logout is said to cost no hearing": [[
      "    p_logout_deafens: !can.hearsAfterLogout.is,\n",
      "    p_logout_deafens: false,\n",
    ]],
    "a version that is not known is told as one that is": [[
      'p_support: found.assumed ? "assumed" : "known"',
      'p_support: "known"',
    ]],
  }),
  ...mistakesIn(DISCONNECT_INSTANCE, "evolution-api/actions/logout-by-version.test.ts", {
    "a person who disconnects is told by yesterday's version": [[
      'if (found?.kind !== "evolution") return known;',
      "if (found !== null) return known;",
    ]],
  }),
  ...mistakesIn(READ_EVENT, "evolution-webhook/unit/read-event.test.ts", {
    "a logout that somebody makes at the gateway is nobody's": [[
      'asks(close, { kind: "logout" }) : asks(close)',
      "asks(close) : asks(close)",
    ]],
    "a device that the phone removed counts as logged out at the gateway": [[
      '/"message":"Log out instance/',
      "/message/",
    ]],
  }),
];
