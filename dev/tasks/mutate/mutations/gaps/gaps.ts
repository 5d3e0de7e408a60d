/**
 * Mistakes in which times are gaps, and in what of them is nobody's business.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const GAPS = "supabase/migrations/20261126201150_gaps.sql";
const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";
const GAPS_TEST = "database/gaps/gaps.test.ts";
const RECOVERY_TEST = "database/gaps/recovery.test.ts";
const HISTORY_TEST = "database/gaps/history.test.ts";

/** See {@linkcode Mutation}. */
export const GAP_MUTATIONS: readonly Mutation[] = [
  {
    name: "every user reads every organization's gaps",
    file: GAPS,
    edits: [[
      "on public.message_gaps\n  for select to authenticated using (organization_id in (",
      "on public.message_gaps\n  for select to authenticated using (organization_id in (select organization_id union ",
    ]],
    tests: ["database/table-access.test.ts"],
  },
  {
    name: "a message that was deleted here comes back",
    file: GAPS,
    edits: [["  select d.whatsapp_instance_id, d.whatsapp_message_id\n", "  select null, null\n"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a customer who was deleted comes back under another form of the number",
    file: GAPS,
    edits: [["' ' || ghost_repair.person_key(p_jid)", "' ' || p_jid"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "nobody remembers which customers were deleted",
    file: GAPS,
    edits: [["and a.jid is not null\n  on conflict", "and false\n  on conflict"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "who was deleted once may never write again",
    file: GAPS,
    edits: [["and p.deleted_at >= (p_message ->> 'sent_at')::timestamptz)", ")"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "an organization cannot switch the recovery off",
    file: GAPS,
    edits: [["and not o.recover_messages)", "and false)"]],
    tests: [GAPS_TEST],
  },
  {
    name: "a number is compared every minute",
    file: GAPS,
    edits: [["+ ghost_repair.stagger(s.recover_check_every)", ""]],
    tests: [GAPS_TEST],
  },
  {
    name: "a first pairing begins in the past",
    file: GAPS,
    edits: [[
      "  insert into ghost_repair.hearing (instance_id, next_check_at)\n  values (p_instance_id, ghost_repair.next_check())",
      "  insert into ghost_repair.hearing (instance_id, heard_since, last_heard_at, next_check_at)\n  values (p_instance_id, '2020-01-01', '2020-01-01', ghost_repair.next_check())",
    ]],
    tests: [GAPS_TEST],
  },
  {
    name: "a message dated ahead proves hearing in the future",
    file: GAPS,
    edits: [[
      "greatest(h.last_heard_at, least(p_at, ghost_repair.now()))",
      "greatest(h.last_heard_at, p_at)",
    ]],
    tests: [GAPS_TEST],
  },
  {
    name: "a late message proves hearing up to now",
    file: WEBHOOK,
    edits: [[
      "note_heard(p_instance_id, (p_message ->> 'sent_at')::timestamptz)",
      "note_heard(p_instance_id, ghost_repair.now())",
    ]],
    tests: [GAPS_TEST],
  },
  {
    name: "our own sends prove that the number hears",
    file: WEBHOOK,
    edits: [[
      "  if p_heard_at is not null then\n    perform ghost_repair.note_heard(p_instance_id, p_heard_at);",
      "  if true then\n    perform ghost_repair.note_heard(p_instance_id, ghost_repair.now());",
    ]],
    tests: [GAPS_TEST],
  },
  {
    name: "a gap reaches back before the number was first connected",
    file: GAPS,
    edits: [["v_from timestamptz := greatest(p_from, v_since);", "v_from timestamptz := p_from;"], [
      "  if v_since is null or v_from > p_until or",
      "  if",
    ]],
    tests: [GAPS_TEST, HISTORY_TEST],
  },
  {
    name: "what is too old to be brought in is lost silently",
    file: GAPS,
    edits: [["  if v_gap.gap_from < v_oldest then", "  if false then"]],
    tests: [GAPS_TEST],
  },
  {
    name: "another phone's messages belong to the number",
    file: GAPS,
    edits: [["  if tg_op = 'UPDATE' and old.phone_number is not null", "  if false"]],
    tests: [GAPS_TEST],
  },
  {
    name: "a number that is connected keeps its gap open",
    file: GAPS,
    edits: [["      perform ghost_repair.close_gap(new.id);\n", ""]],
    tests: [GAPS_TEST],
  },
  {
    name: "a gateway that was silent is compared at every word of it",
    file: GAPS,
    edits: [["and g.state = 'done' and g.reason = 'silent_gateway')", "and false)"]],
    tests: [GAPS_TEST],
  },
  {
    name: "of a silent gateway the first batch of numbers is compared alone",
    file: GAPS,
    edits: [["silence_told_to = case when v_left = 0 then v_last end", "silence_told_to = null"]],
    tests: [GAPS_TEST],
  },
  {
    name: "a number that is away is compared for the day besides",
    file: GAPS,
    edits: [[
      "read_session(v_hearing.instance_id)).status = 'connected' then",
      "read_session(v_hearing.instance_id)).status is not null then",
    ]],
    tests: [GAPS_TEST],
  },
  {
    name: "the silence of a gateway is forgotten when it speaks",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [[
      "      silent_until = case when g.last_webhook_at < v_silent\n",
      "      silent_until = case when false\n",
    ]],
    tests: [GAPS_TEST],
  },
  {
    name: "a number whose keys were wrong waits for its day",
    file: GAPS,
    edits: [["  perform ghost_repair.hasten_check(new.instance_id);\n", ""]],
    tests: [GAPS_TEST],
  },
  {
    name: "a check that is hastened comes a day later",
    file: GAPS,
    edits: [["set next_check_at = ghost_repair.now()\n", "set next_check_at = h.next_check_at\n"]],
    tests: [GAPS_TEST],
  },
  {
    name: "a false alarm is compared at once, however often it comes",
    file: GAPS,
    edits: [["        + v_settings.recover_again_after) end,", "        + interval '0') end,"]],
    tests: [GAPS_TEST],
  },
  {
    name: "a webhook that nobody could read is nobody's loss",
    file: WEBHOOK,
    edits: [[
      "      p_instance_id, 'refused_webhook', ghost_repair.now()",
      "      null, 'refused_webhook', ghost_repair.now()",
    ]],
    tests: [GAPS_TEST],
  },
  {
    name: "a number that was away unseen missed nothing",
    file: WEBHOOK,
    edits: [[
      "ghost_repair.add_gap(p_instance_id, 'reopened', (",
      "ghost_repair.add_gap(null, 'reopened', (",
    ]],
    tests: [GAPS_TEST],
  },
  {
    name: "a message that nobody could read is like a webhook that asks for nothing",
    file: "supabase/functions/evolution-webhook/handler.ts",
    edits: [['ABOUT_MESSAGES.test(event ?? "") ?', "false ?"]],
    tests: ["evolution-webhook/unit/handler.test.ts"],
  },
  {
    name: "a late webhook makes a gap from its arrival on",
    file: WEBHOOK,
    edits: [[
      "      greatest(p_signed_at, ghost_repair.now()",
      "      greatest(ghost_repair.now(), ghost_repair.now()",
    ]],
    tests: [GAPS_TEST],
  },
];
