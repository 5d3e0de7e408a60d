/**
 * Mistakes in what a number's silence is compared with.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const SQL = "supabase/migrations/20261126201355_habits.sql";

/** See {@linkcode Mutation}. */
export const HABIT_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(SQL, "database/hearing/habits.test.ts", {
    "canaries fly for an organization that switched them off": [[
      "    where p.organization_id = p_organization_id and p.enabled)",
      "    where p.organization_id = p_organization_id)",
    ]],
    "a conversation of forty messages is a habit of forty": [[
      "      and h.counted_at > new.created_at - (select s.habit_spell from ghost_repair.settings s)) then",
      "      and false) then",
    ]],
    "another phone inherits the habit": [[
      "  delete from ghost_repair.habit_hours h where h.instance_id = old.instance_id;\n",
      "",
    ]],
    "what was silent because the session was away counts": [[
      "  update ghost_repair.hearing h set opened_at = ghost_repair.now() where h.instance_id = new.id;\n",
      "",
    ]],
    "who switches canaries on waits for hours": [[
      "h.instance_id = i.id and new.enabled;",
      "h.instance_id = i.id and false;",
    ]],
    "what was so in weeks long gone is still a habit": [[
      "else (k.faded + k.spells) * power(s.habit_fade, o.hour / 168 - k.week) end, 0)",
      "else k.faded + k.spells end, 0)",
    ]],
    "a number has a habit after a day": [[
      "    if v_hearing.heard_since > v_now - v_settings.habit_days then",
      "    if v_hearing.heard_since > v_now - interval '1 day' then",
    ]],
    "a number under repair is asked whether it hears": [[
      "      and not v_instance.manual_disconnect and not ghost_repair.has_open_repair(p_instance_id);",
      "      and not v_instance.manual_disconnect;",
    ]],
    "a number that somebody just wrote to is asked": [[
      "v_from := greatest(v_instance.last_received_at, v_hearing.canary_heard_at,",
      "v_from := greatest(v_hearing.canary_heard_at,",
    ]],
    "a quiet Sunday costs a canary an hour": [[
      "p_instance_id, v_from, v_settings.habit_expected * v_stretch);",
      "p_instance_id, v_from, v_settings.habit_expected);",
    ]],
    "habits are looked at before their time": [[
      "    where h.habit_check_at <= ghost_repair.now() order by",
      "    order by",
    ]],
    "a silent number that is away is asked about": [[
      "    v_may_ask := v_instance.status = 'connected' and v_instance.deleted_at is null\n",
      "    v_may_ask := v_instance.deleted_at is null\n",
    ]],
    "a silence counts from before the number heard": [[
      "greatest(v_instance.last_received_at, v_hearing.canary_heard_at, v_hearing.opened_at,",
      "greatest(v_hearing.canary_heard_at, v_hearing.opened_at,",
    ]],
  }),
  ...mistakesIn(SQL, "database/hearing/settings.test.ts", {
    "an agent switches an organization's canaries on": [[
      "  if v_refusal is not null then\n    return jsonb_build_object('result', v_refusal);",
      "  if v_refusal = 'organization_not_found' then\n    return jsonb_build_object('result', v_refusal);",
    ]],
    "anybody sees what an organization has chosen": [[
      "      = 'organization_not_found' then '{\"result\": \"organization_not_found\"}'",
      "      = 'nobody' then '{\"result\": \"organization_not_found\"}'",
    ]],
    "whoever chooses what is chosen already has all numbers looked at": [[
      "    where p.enabled <> excluded.enabled;",
      "    where true;",
    ]],
  }),
];
