/**
 * Mistakes in which times are gaps, and in what of them is nobody's business.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const GAPS = "supabase/migrations/20261126201150_gaps.sql";
const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";
const GAPS_TEST = "database/gaps/gaps.test.ts";
const RECOVERY_TEST = "database/gaps/recovery.test.ts";
const HISTORY_TEST = "database/gaps/history.test.ts";
const EVOLUTION_WEBHOOK = "supabase/functions/evolution-webhook/handler.ts";

/** See {@linkcode Mutation}. */
export const GAP_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(GAPS, "database/table-access.test.ts", {
    "every user reads every organization's gaps": [[
      "on public.message_gaps\n  for select to authenticated using (organization_id in (",
      "on public.message_gaps\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
  }),
  ...mistakesIn(GAPS, RECOVERY_TEST, {
    "a message that was deleted here comes back": [[
      "  select d.whatsapp_instance_id, d.whatsapp_message_id\n",
      "  select null, null\n",
    ]],
    "a customer who was deleted comes back under another form of the number": [[
      "' ' || ghost_repair.person_key(p_jid)",
      "' ' || p_jid",
    ]],
    "nobody remembers which customers were deleted": [[
      "and a.jid is not null\n  on conflict",
      "and false\n  on conflict",
    ]],
    "who was deleted once may never write again": [[
      "and p.deleted_at >= (p_message ->> 'sent_at')::timestamptz)",
      ")",
    ]],
  }),
  ...mistakesIn(GAPS, GAPS_TEST, {
    "an organization cannot switch the recovery off": [[
      "and not o.recover_messages)",
      "and false)",
    ]],
    "a number is compared every minute": [["+ ghost_repair.stagger(s.recover_check_every)", ""]],
    "a first pairing begins in the past": [[
      "  insert into ghost_repair.hearing (instance_id, next_check_at)\n  values (p_instance_id, ghost_repair.next_check())",
      "  insert into ghost_repair.hearing (instance_id, heard_since, last_heard_at, next_check_at)\n  values (p_instance_id, '2020-01-01', '2020-01-01', ghost_repair.next_check())",
    ]],
    "a message dated ahead proves hearing in the future": [[
      "greatest(h.last_heard_at, least(p_at, ghost_repair.now()))",
      "greatest(h.last_heard_at, p_at)",
    ]],
    "what is too old to be brought in is lost silently": [[
      "  if v_gap.gap_from < v_oldest then",
      "  if false then",
    ]],
    "another phone's messages belong to the number": [[
      "  if tg_op = 'UPDATE' and old.phone_number is not null",
      "  if false",
    ]],
    "a number that is connected keeps its gap open": [[
      "      perform ghost_repair.close_gap(new.id);\n",
      "",
    ]],
    "a gateway that was silent is compared at every word of it": [[
      "and g.state = 'done' and g.reason = 'silent_gateway')",
      "and false)",
    ]],
    "of a silent gateway the first batch of numbers is compared alone": [[
      "silence_told_to = case when v_left = 0 then v_last end",
      "silence_told_to = null",
    ]],
    "a number that is away is compared for the day besides": [[
      "read_session(v_hearing.instance_id)).status = 'connected' then",
      "read_session(v_hearing.instance_id)).status is not null then",
    ]],
    "a number whose keys were wrong waits for its day": [[
      "  perform ghost_repair.hasten_check(new.instance_id);\n",
      "",
    ]],
    "a check that is hastened comes a day later": [[
      "set next_check_at = ghost_repair.now()\n",
      "set next_check_at = h.next_check_at\n",
    ]],
    "a false alarm is compared at once, however often it comes": [[
      "        + v_settings.recover_again_after) end,",
      "        + interval '0') end,",
    ]],
    "without its ninth digit the same phone is another": [[
      "    and ghost_repair.person_key(old.phone_number || '@s.whatsapp.net')\n      <> ghost_repair.person_key(new.phone_number || '@s.whatsapp.net') then",
      "    and old.phone_number <> new.phone_number then",
    ]],
    "switched off for all, gaps are opened all the same": [[
      "  select (select s.recover_messages from ghost_repair.settings s) and not exists (",
      "  select not exists (",
    ]],
    "a gap that nobody began to compare is forgotten for the next one": [[
      "or (o.state = 'due' and o.compared_down_to is null and o.attempts = 0))",
      "or false)",
    ]],
  }),
  ...mistakesIn(WEBHOOK, GAPS_TEST, {
    "a late message proves hearing up to now": [[
      "note_heard(p_instance_id, (p_message ->> 'sent_at')::timestamptz)",
      "note_heard(p_instance_id, ghost_repair.now())",
    ]],
    "our own sends prove that the number hears": [[
      "  if p_heard_at is not null then\n    perform ghost_repair.note_heard(p_instance_id, p_heard_at);",
      "  if true then\n    perform ghost_repair.note_heard(p_instance_id, ghost_repair.now());",
    ]],
    "a webhook that nobody could read is nobody's loss": [[
      "      p_instance_id, 'refused_webhook', ghost_repair.now()",
      "      null, 'refused_webhook', ghost_repair.now()",
    ]],
    "a number that was away unseen missed nothing": [[
      "ghost_repair.add_gap(p_instance_id, 'reopened', (",
      "ghost_repair.add_gap(null, 'reopened', (",
    ]],
    "a late webhook makes a gap from its arrival on": [[
      "      greatest(p_signed_at, ghost_repair.now()",
      "      greatest(ghost_repair.now(), ghost_repair.now()",
    ]],
  }),
  ...mistakesIn(GAPS, [GAPS_TEST, HISTORY_TEST], {
    "a gap reaches back before the number was first connected": [[
      "v_from timestamptz := greatest(p_from, v_since);",
      "v_from timestamptz := p_from;",
    ], [
      "  if v_since is null or v_from > p_until or",
      "  if",
    ]],
  }),
  ...mistakesIn("supabase/migrations/20261126200350_gateways.sql", GAPS_TEST, {
    "the silence of a gateway is forgotten when it speaks": [[
      "      silent_until = case when g.last_webhook_at < v_silent\n",
      "      silent_until = case when false\n",
    ]],
  }),
  ...mistakesIn(EVOLUTION_WEBHOOK, "evolution-webhook/unit/handler.test.ts", {
    "a message that nobody could read is like a webhook that asks for nothing": [[
      'ABOUT_MESSAGES.test(event ?? "") ?',
      "false ?",
    ]],
  }),
];
