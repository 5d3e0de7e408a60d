/**
 * Mistakes with canaries: whom they reach, what they say, and what follows.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const HOOKS = "supabase/migrations/20261126201200_webhook.sql";

const SQL = "supabase/migrations/20261126201360_canaries.sql";
const DELETED_PARTNERS = "supabase/migrations/20261127220000_deleted_partners.sql";
const JUDGE = "supabase/functions/watch-instances/judge-canaries.ts";
const GHOST_LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";

/** See {@linkcode Mutation}. */
export const CANARY_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(DELETED_PARTNERS, "database/hearing/deleted-partners.test.ts", {
    "a canary that comes after its partner was deleted is a customer's message": [[
      "    sender_id = nullif(c.sender_id, old.id),\n    recipient_id = nullif(c.recipient_id, old.id)\n",
      "    sender_id = c.sender_id\n",
    ]],
    "a trial judges a canary whose partner was deleted": [[
      "    trial_id = null,\n",
      "    trial_id = c.trial_id,\n",
    ]],
    "canaries of numbers that are gone are kept for ever": [[
      "    and (coalesce(c.sender_id, c.recipient_id) is null\n      or c.begun_at <",
      "    and (c.begun_at <",
    ]],
    "a canary of a deleted partner is kept whatever its age": [[
      "      or c.begun_at < ghost_repair.now() - (select",
      "      or c.begun_at < ghost_repair.now() - 1000 * (select",
    ]],
  }),
  ...mistakesIn(SQL, "database/hearing/races.test.ts", {
    "two trials send their partner's last canary of the day": [[
      "  perform from ghost_repair.hearing h where h.instance_id = v_sender for no key update;\n",
      "",
    ]],
    "a canary is taken back by everybody who asks": [[
      "    from due d where c.id = d.id and c.removed_at is null returning c.*",
      "    from due d where c.id = d.id returning c.*",
    ]],
  }),
  ...mistakesIn(SQL, "database/hearing/canaries.test.ts", {
    "a canary that is still out is left there": [[
      "    or exists (select from ghost_repair.unremoved_canaries)\n$$;",
      "$$;",
    ]],
    "a trial that somebody has is work for everybody": [[
      "      where not ghost_repair.is_leased('canary', d.instance_id))\n    or exists",
      "      )\n    or exists",
    ]],
    "what canaries said of a repair that is over still counts": [[
      "r.instance_id = p_instance_id and r.closed_at is null and r.hearing is not null);",
      "r.instance_id = p_instance_id and r.hearing is not null\n  order by r.opened_at desc limit 1);",
    ]],
    "a canary is sent by a number of another organization": [[
      "  join public.whatsapp_instances i on i.organization_id = me.organization_id and i.id <> me.id\n",
      "  join public.whatsapp_instances i on i.id <> me.id\n",
    ], [
      "    or (select count(distinct i.organization_id) from public.whatsapp_instances i\n      where i.id in (v_sender, v_recipient)) <> 1 then",
      "    then",
    ]],
    "a number that may be dead takes part": [[
      "    and not ghost_repair.has_open_repair(i.id)\n    and (ghost",
      "    and (ghost",
    ]],
    "two rows of one phone prove something to each other": [[
      "      <> ghost_repair.person_key(me.phone_number || '@s.whatsapp.net')",
      "      is not null",
    ]],
    "the number on trial writes to anybody of its organization": [[
      "  where c.trial_id = p_trial_id and c.way = 'to' order by",
      "  where c.way = 'to' and false order by",
    ]],
    "canaries have no budget": [[
      "  select (select s.canaries_a_day from ghost_repair.settings s) > (",
      "  select 99 > (",
    ]],
    "what never left uses the budget up": [[
      "c.outcome is distinct from 'not_sent'\n      and c.begun_at",
      "true\n      and c.begun_at",
    ]],
    "an own phone that answers is asked for at every look": [[
      "    and not exists (\n      select from ghost_repair.canaries c\n      where c.sender_id = p_instance_id and c.way = 'own'",
      "    and not exists (\n      select from ghost_repair.canaries c\n      where false and c.way = 'own'",
    ]],
    "a number is on trial where nobody wants canaries": [[
      "  where i.id = p_instance_id and ghost_repair.wants_canaries(i.organization_id)\n",
      "  where i.id = p_instance_id\n",
    ]],
    "a trial that is over goes on": [[
      "where t.closed_at is null and t.next_step_at <= ghost_repair.now()\n",
      "where t.next_step_at <= ghost_repair.now()\n",
    ]],
    "two callers try the same number": [[
      "    where not ghost_repair.is_leased('canary', d.instance_id, p_tick_started)\n",
      "",
    ], [
      "make_interval(secs => p_lease_seconds), p_tick_started) as token",
      "make_interval(secs => p_lease_seconds), p_tick_started, true) as token",
    ]],
    "whose lease is over goes on writing": [[
      "    and ghost_repair.holds_lease('canary', v_instance_id, p_token) then",
      "    then",
    ]],
    "a canary is sent without asking for the budget": [[
      "or v_recipient is null or not ghost_repair.may_send_canary(v_sender)\n",
      "or v_recipient is null\n",
    ]],
    "a report that was faster than its canary's id is lost": [[
      "    reported_at = case when found then coalesce(c.reported_at, ghost_repair.now())\n      else c.reported_at end\n",
      "    reported_at = c.reported_at\n",
    ]],
    "nobody knows a canary by its WhatsApp id": [[
      "    perform ghost_repair.name_canary(p_canary_id, p_sent ->> 'whatsapp_id');",
      "    perform 1;",
    ]],
    "presence is noted of whoever is on no trial": [[
      "    where t.instance_id = p_instance_id and t.closed_at is null);\n  return case",
      "    where true) or h.instance_id = p_instance_id;\n  return case",
    ]],
    "a deaf number is restarted twice": [[
      "      when 'restart' then v_trial.restart_called_at else ghost_repair.now() end) is not null then",
      "      when 'restart' then null else ghost_repair.now() end) is not null then",
    ]],
    "a number of which only a person is told is restarted": [[
      "v_trial.phase <> 'cure'\n    or (ghost_repair.open_hearing_repair(v_trial.instance_id)).hearing is distinct from 'deaf'\n",
      "false\n",
    ]],
    "a trial ends and is still there": [[
      "  where t.instance_id = p_instance_id and t.closed_at is null;\nend $$;\n\n-- A number hears again",
      "  where t.instance_id = p_instance_id and false;\nend $$;\n\n-- A number hears again",
    ]],
    "what a deaf number missed is never compared": [[
      "    (v_repair.evidence ->> 'silent_since')::timestamptz, ghost_repair.now());",
      "    ghost_repair.now() + interval '1 hour', ghost_repair.now());",
    ]],
    "what was written before it was deaf heals a number": [[
      "r.hearing is not null and r.opened_at < new.sent_at) then",
      "r.hearing is not null) then",
    ]],
    "a message that was minutes on its way heals a number": [[
      "    and new.created_at < new.sent_at + interval '90 seconds')",
      "    )",
    ]],
    "canaries overrule the ladder": [[
      "    where r.hearing is not null\n  returning",
      "    where true\n  returning",
    ]],
    "nobody is told that a webhook is mute": [[
      "      if v_next in ('webhook_mute', 'suspected_deaf') and v_repair.state = 'open' then",
      "      if v_next in ('suspected_deaf') and v_repair.state = 'open' then",
    ]],
    "canaries are taken back while they are waited for": [[
      "where t.closed_at is not null and c.removed_at is null",
      "where c.removed_at is null",
    ]],
    "a canary is taken back again and again": [[
      "    update ghost_repair.canaries c set removed_at = ghost_repair.now()\n",
      "    update ghost_repair.canaries c set removed_at = null\n",
    ]],
    "whoever was disconnected by hand is still called deaf": [[
      "  if (ghost_repair.open_hearing_repair(new.id)).id is not null then\n    perform ghost_repair.close_ghost_repair(new.id, 'invalidated');\n  end if;\n",
      "",
    ]],
    "a number that is not connected is somebody's partner": [[
      "where me.id = p_trial.instance_id and i.status = 'connected' and i.deleted_at is null",
      "where me.id = p_trial.instance_id and i.deleted_at is null",
    ]],
    "a number without a known number is somebody's partner": [[
      "      <> ghost_repair.person_key(me.phone_number || '@s.whatsapp.net')\n    and not ghost_repair.has_open_repair(i.id)",
      "      is distinct from ghost_repair.person_key(me.phone_number || '@s.whatsapp.net')\n    and not ghost_repair.has_open_repair(i.id)",
    ]],
    "a number whose own case is open is somebody's partner": [[
      "    and (ghost_repair.open_hearing_repair(i.id)).id is null\n    and (not p_sends",
      "    and (not p_sends",
    ]],
    "a canary that is heard leaves the case open": [[
      "      if not ghost_repair.hear_again(v_id, 'canary') then",
      "      if true then",
    ]],
    "deaf after its restart, a number is restarted for ever": [[
      "        update public.ghost_repairs r set process_restarts = r.process_restarts + 1\n        where r.id = v_repair.id returning r.* into v_repair;\n      end if;\n      if v_repair.id is not null then\n        perform ghost_repair.end_steps(v_repair, 'deaf', '{}');",
      "      end if;\n      if v_repair.id is not null then\n        perform ghost_repair.end_steps(v_repair, 'deaf', '{}');",
    ]],
    "deaf, nobody is told of the process that is left": [[
      "        perform ghost_repair.end_steps(v_repair, 'deaf', '{}');",
      "        null;",
    ]],
    "a person is called for what only lags": [[
      "v_next in ('webhook_mute', 'suspected_deaf') and v_repair.state",
      "v_next in ('webhook_mute', 'suspected_deaf', 'lagging') and v_repair.state",
    ]],
  }),
  ...mistakesIn(HOOKS, "database/hearing/canaries.test.ts", {
    "a canary is stored as a customer's message": [[
      "  if ghost_repair.meet_canary(p_instance.id, v_whatsapp_id,\n",
      "  if false and ghost_repair.meet_canary(p_instance.id, v_whatsapp_id,\n",
    ]],
  }),
  ...mistakesIn(GHOST_LADDER, "database/hearing/canaries.test.ts", {
    "the ladder takes steps for a number that is deaf": [[
      "where r.closed_at is null and r.hearing is null and r.next_step_at <= ghost_repair.now()\n",
      "where r.closed_at is null and r.next_step_at <= ghost_repair.now()\n",
    ]],
  }),
  ...mistakesIn(JUDGE, "watch-instances/judge-canaries.test.ts", {
    "one round proves that a number is deaf": [["const AGREE = 2;", "const AGREE = 1;"]],
    "a partner's delivery report is not needed to call a number deaf": [[
      "  return (to !== undefined && to.reported !== null && to.received === null &&",
      "  return (to !== undefined && to.received === null &&",
    ]],
    "what the gateway has is no reason against deafness": [[
      "to.received === null &&\n    to.stored === false) ||",
      "to.received === null) ||",
    ]],
    "F2 with all phones off is never proven": [[
      "from.announced !== null && from.received !== null &&\n      from.reported === null);",
      "false && from.announced !== null && from.received !== null &&\n      from.reported === null);",
    ]],
    "a webhook that is mute is called deaf": [[
      '  if (received !== null && reported !== null) return null;\n  if (age < ANSWER_S) return wait(ANSWER_S - age);\n  return outcome === "sent" && announced === null ? { next: "webhook_mute" } : null;',
      "  if (received !== null && reported !== null) return null;\n  if (age < ANSWER_S) return wait(ANSWER_S - age);\n  return null;",
    ]],
    "a phone that was always off makes its number suspected": [[
      "|| !answered_before || reports)",
      "|| reports)",
    ]],
    "where the registry hangs nobody is asked": [[
      '  if (newest?.way === "to" && unsent.at(-1) === newest && maySend && unsent.length < ROUNDS) {',
      "  if (false) {",
    ]],
    "what its own canary to the partner says counts only beside the partner's": [[
      '    return before?.way === "to" ? [] : [{ from: one }];',
      "    return [];",
    ]],
    "canaries that never leave are tried without end": [[
      "  if (unsent.length >= (canaries.length === 0 ? AGREE : ROUNDS)) return",
      "  if (unsent.length >= 99) return",
    ]],
    "a cure that nobody can prove never ends": [[
      "    if (wasTried && seconds >= OF_THIS_TURN_S) return { next: otherwise };\n",
      "    if (!known.partner && seconds >= OF_THIS_TURN_S) return { next: otherwise };\n",
    ]],
    "a person who was told waits for a canary a minute while the gateway is away": [[
      '    if (unsent.filter(isOfThisTurn).length >= AGREE) return { next: "unproven" };\n',
      "",
    ]],
    "late is deaf": [[
      '  if (canaries.some(isLate)) return { next: "lagging" };\n',
      "",
    ]],
    "a canary is judged while the session is still logging in": [[
      "  if (open !== null && open < AFTER_OPEN_S) return wait(AFTER_OPEN_S - open);\n",
      "",
    ]],
    "a number whose queue is blocked is restarted": [["  if (came) {", "  if (presence > 0) {"]],
    "its process is asked for at once": [[
      '  return patience > 0 ? wait(patience) : prove(known, -patience, "process");',
      '  return { next: "process" };',
    ]],
    "a restart of the process is believed without a proof": [[
      '  if (restarted !== null) return prove(known, restarted, "not_helped");\n',
      '  if (restarted !== null) return { next: "hears" };\n',
    ]],
    "whoever was told of is never tried again": [[
      '    return partner ? send("to") : may_send',
      '    return false ? send("to") : false && may_send',
    ]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127221400_own_alerts.sql",
    "database/hearing/canaries.test.ts",
    {
      "a canary that is faster than the answer to its send is a customer's message": [[
        "  if v_mark is null and not exists (",
        "  if not exists (",
      ]],
      "a canary that its text alone tells is a customer's message": [[
        "  where (c.whatsapp_message_id = p_whatsapp_message_id or c.id = v_mark)",
        "  where c.whatsapp_message_id = p_whatsapp_message_id",
      ]],
      "somebody else's message that quotes a mark is swallowed": [[
        "    and p_instance_id in (c.sender_id, c.recipient_id)\n  limit",
        "  limit",
      ]],
      "what was brought in later counts as heard": [[
        "      when p_what = 'message' and p_instance_id = c.recipient_id and c.way <> 'own'",
        "      when p_what in ('message', 'recovered') and c.way <> 'own'",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223000_ghost_takes_over.sql",
    "database/hearing/ghost-takes-over.test.ts",
    {
      "a restart for its hearing, days ago, is a step of a ghost's: the pairing goes": [[
        "restart_called_at = case when r.restart_called_at > ghost_repair.now() - s.cure_counts_for\n      then r.restart_called_at end",
        "restart_called_at = r.restart_called_at",
      ]],
      "a ghost of the restart itself is restarted once more": [[
        "restart_called_at = case when r.restart_called_at > ghost_repair.now() - s.cure_counts_for\n      then r.restart_called_at end",
        "restart_called_at = null",
      ]],
      "a deaf number's process, restarted in vain long ago, leaves its ghost to a person": [[
        "      then r.process_restarts else 0 end",
        "      then r.process_restarts else r.process_restarts end",
      ]],
      "a process that was restarted a moment ago in vain counts as never restarted": [[
        "      then r.process_restarts else 0 end",
        "      then 0 else 0 end",
      ]],
      "a ghost is as old as its deafness was": [[
        "    opened_at = ghost_repair.now(), next_step_at",
        "    opened_at = r.opened_at, next_step_at",
      ]],
      "a ghost is taken for a deaf number": [[
        "    hearing = null, state = 'open'",
        "    hearing = r.hearing, state = 'open'",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127230000_trials_go_on.sql",
    "database/hearing/ghost-takes-over.test.ts",
    {
      "deaf before a false alarm, a number is nobody's case": [[
        "if v_silent_since is not null then",
        "if false then",
      ]],
      "a number that hears again is on trial anew": [[" and new.hearing is null)", ")"]],
    },
  ),
];
