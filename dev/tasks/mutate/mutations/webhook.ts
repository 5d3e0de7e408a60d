/**
 * Mistakes in what the database does with the gateway's reports.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";

/** See {@linkcode Mutation}. */
export const WEBHOOK_MUTATIONS: readonly Mutation[] = [
  {
    name: "a webhook key that was replaced is accepted for ever",
    file: WEBHOOK,
    edits: [[
      "      k.previous_valid_until > ghost_repair.now())) v (secret",
      "      k.previous_valid_until is not null)) v (secret",
    ]],
    tests: ["database/numbers/webhook-connection.test.ts"],
  },
  {
    name: "a remembered key is good after it was replaced",
    file: WEBHOOK,
    edits: [[
      "public.webhook_keys(p_instance_id) k where k.key_id = p_key)",
      "public.webhook_keys(p_instance_id) k where p_key is not null)",
    ]],
    tests: ["database/numbers/apply-webhook.test.ts"],
  },
  {
    name: "one item that cannot be stored loses all others of its webhook",
    file: WEBHOOK,
    edits: [["    if v_count = 1 then", "    if true then"]],
    tests: ["database/numbers/apply-webhook.test.ts"],
  },
  {
    name: "an only item that cannot be stored is answered as if it was",
    file: WEBHOOK,
    edits: [["    if v_count = 1 then", "    if false then"]],
    tests: ["database/numbers/apply-webhook.test.ts"],
  },
  {
    name: "what was left out of a webhook is not compared with the gateway",
    file: WEBHOOK,
    edits: [["  if v_unread or cardinality(v_refused) > 0 then", "  if v_unread then"]],
    tests: ["database/numbers/apply-webhook.test.ts"],
  },
  {
    name: "a webhook waits for its number's row after it has locked a message",
    file: WEBHOOK,
    edits: [["  if v_count > 1 or v_unread or v_is_late then", "  if false then"]],
    tests: ["database/numbers/apply-webhook.test.ts"],
  },
  {
    name: "a delivery report says that the number heard nothing",
    file: WEBHOOK,
    edits: [["case when (p_change ->> 'heard')::boolean then v_signed_at end", "null"]],
    tests: ["database/numbers/apply-webhook.test.ts"],
  },
  {
    name: "a webhook's result is its first item's",
    file: WEBHOOK,
    edits: [[
      "where r.name = any (v_came) order by r.rank limit 1), 'ignored')",
      "where r.name = v_came[1]), 'ignored')",
    ]],
    tests: ["database/numbers/apply-webhook.test.ts"],
  },
  {
    name: "a new webhook key shuts the gateway out until it knows it",
    file: WEBHOOK,
    edits: [[
      "previous_webhook_secret = k.webhook_secret,",
      "previous_webhook_secret = p_webhook_secret,",
    ]],
    tests: ["database/numbers/webhook-connection.test.ts"],
  },
  {
    name: "a report takes the place of an answer that may still come",
    file: WEBHOOK,
    edits: [[
      "if exists (select from ghost_repair.unanswered_messages u where u.id = v_unanswered)",
      "if v_unanswered is not null",
    ]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a report that comes after its message was given up on is of no use",
    file: WEBHOOK,
    edits: [["v_unanswered := ghost_repair.reported_message(v_report);", "v_unanswered := null;"]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "an open that is tried again is believed over the close after it",
    file: WEBHOOK,
    edits: [["if v_late is not false and not ghost_repair", "if false and not ghost_repair"]],
    tests: ["database/numbers/webhook-order.test.ts"],
  },
  {
    name: "a report of another zone is late for hours",
    file: WEBHOOK,
    edits: [[
      "      - (select s.retry_horizon from ghost_repair.settings s) then null",
      "      - interval '10 days' then null",
    ], [
      "then null\n    when p_at <",
      "then true\n    when p_at <",
    ]],
    tests: ["database/numbers/webhook-order.test.ts"],
  },
  {
    name: "a report that comes a second time counts a second time",
    file: WEBHOOK,
    edits: [[
      "    on conflict do nothing;\n    if not found then",
      "    on conflict do nothing;\n    if false then",
    ]],
    tests: ["database/numbers/webhook-order.test.ts"],
  },
  {
    name: "a doubt is settled without what the row says",
    file: WEBHOOK,
    edits: [["else p_instance.status not in ('connected', 'connecting') end", "else false end"]],
    tests: ["database/numbers/webhook-connection.test.ts"],
  },
  {
    name: "what the registry said before an open is written over it",
    file: WEBHOOK,
    edits: [
      [
        "if not found or v_doubt.connection_epoch <> p_instance.connection_epoch then",
        "if not found then",
      ],
      [
        "  delete from ghost_repair.connection_doubts d where d.instance_id = p_instance_id;\n  update",
        "  update",
      ],
    ],
    tests: ["database/numbers/webhook-order.test.ts"],
  },
  {
    name: "whatever the registry says, the last report is believed",
    file: WEBHOOK,
    edits: [["then p_look ->> 'registry' = 'open'", "then true"]],
    tests: ["database/numbers/webhook-order.test.ts"],
  },
  {
    name: "everybody who doubts asks the gateway",
    file: WEBHOOK,
    edits: [[
      "where d.instance_id = p_instance_id and d.look_at <= ghost_repair.now()",
      "where d.instance_id = p_instance_id",
    ]],
    tests: ["database/numbers/webhook-order.test.ts"],
  },
  {
    name: "a doubt that nobody settles stays for ever",
    file: WEBHOOK,
    edits: [[
      "where i.id = v_id and i.status = 'connected' and",
      "where i.id = v_id and false and",
    ]],
    tests: ["database/numbers/webhook-order.test.ts"],
  },
  {
    name: "a session that says connecting is taken for disconnected",
    file: WEBHOOK,
    edits: [["if p_state not in ('open', 'close', 'refused') then", "if false then"], [
      "    when 'close' then\n",
      "    when 'close', 'connecting' then\n",
    ]],
    tests: ["database/numbers/webhook-connection.test.ts"],
  },
  {
    name: "an open report in the middle of a repair connects, probe or not",
    file: WEBHOOK,
    edits: [[
      "if ghost_repair.hasten_repair(p_instance_id) then",
      "if ghost_repair.hasten_repair(p_instance_id) and false then",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "a close by the gateway does not begin the window",
    file: WEBHOOK,
    edits: [[
      "disconnected_since = ghost_repair.now(), last_disconnected_at = ghost_repair.now()",
      "disconnected_since = ghost_repair.now()",
    ]],
    tests: ["database/numbers/webhook-connection.test.ts"],
  },
  {
    name: "a late QR replaces the one that can be scanned",
    file: WEBHOOK,
    edits: [[
      "  v_verdict := ghost_repair.judge_report(p_instance_id, 'qrcode.updated', p_at, p_order);\n  if v_verdict <> 'believed' then",
      "  v_verdict := ghost_repair.judge_report(p_instance_id, 'qrcode.updated', p_at, p_order);\n  if false then",
    ]],
    tests: ["database/numbers/webhook-order.test.ts"],
  },
  {
    name: "a contact's new name replaces the one that we gave",
    file: WEBHOOK,
    edits: [[
      "contact_name = coalesce(c.contact_name,\n      case when not v_from_me then p_message ->> 'contact_name' end)",
      "contact_name = coalesce(\n      case when not v_from_me then p_message ->> 'contact_name' end, c.contact_name)",
    ]],
    tests: ["database/messages/webhook-messages.test.ts"],
  },
  {
    name: "an acknowledgement that was faster than the phone's message is lost",
    file: WEBHOOK,
    edits: [[
      "    returning a.status into v_early;\n    if found then",
      "    returning a.status into v_early;\n    if false then",
    ]],
    tests: ["database/messages/message-order.test.ts"],
  },
  {
    name: "acknowledgements go backwards",
    file: WEBHOOK,
    edits: [["    or v_said <= (v_rank ->>", "    or 0 > (v_rank ->>"]],
    tests: ["database/messages/message-order.test.ts"],
  },
  {
    name: "a received message is acknowledged as if it were ours",
    file: WEBHOOK,
    edits: [["  if not v_message.is_from_me\n    or v_said", "  if v_said"]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "what WhatsApp refused stays sent",
    file: "supabase/functions/_shared/messages/received-message.ts",
    edits: [['  ["ERROR", "failed"],\n', ""]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "a refusal takes back what was delivered",
    file: WEBHOOK,
    edits: [['"rejected": 2, "delivered": 3,', '"rejected": 5, "delivered": 3,']],
    tests: ["evolution-webhook/acknowledgements.test.ts"],
  },
  {
    name: "every refusal is told",
    file: WEBHOOK,
    edits: [["and e.kind = 'sends_rejected' and e.created_at > v_since)", "and false)"]],
    tests: ["database/messages/rejected-sends.test.ts"],
  },
];
