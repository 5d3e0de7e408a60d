/**
 * Mistakes in what the database does with the gateway's reports.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";
const RECEIVED_MESSAGE = "supabase/functions/_shared/messages/received-message.ts";

/** See {@linkcode Mutation}. */
export const WEBHOOK_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(WEBHOOK, "database/numbers/webhook-connection.test.ts", {
    "a webhook key that was replaced is accepted for ever": [[
      "      k.previous_valid_until > ghost_repair.now())) v (secret",
      "      k.previous_valid_until is not null)) v (secret",
    ]],
    "a new webhook key shuts the gateway out until it knows it": [[
      "previous_webhook_secret = k.webhook_secret,",
      "previous_webhook_secret = p_webhook_secret,",
    ]],
    "a doubt is settled without what the row says": [[
      "else p_instance.status not in ('connected', 'connecting') end",
      "else false end",
    ]],
    "a session that says connecting is taken for disconnected": [[
      "if p_state not in ('open', 'close', 'refused') then",
      "if false then",
    ], [
      "    when 'close' then\n",
      "    when 'close', 'connecting' then\n",
    ]],
    "a close by the gateway does not begin the window": [[
      "disconnected_since = ghost_repair.now(), last_disconnected_at = ghost_repair.now()",
      "disconnected_since = ghost_repair.now()",
    ]],
    "a close takes the QR away from who is to scan it": [[
      "      if v_instance.status in ('connected', 'connecting') then",
      "      if v_instance.status <> 'disconnected' then",
    ]],
    "at the QR limit a number waits for a person at once": [[
      "        status = case when reconnect_attempts_count\n            < (select s.reconnect_attempts from ghost_repair.settings s)\n          then 'disconnected' else 'awaiting_qr' end,",
      "        status = 'awaiting_qr',",
    ]],
    "a dead QR stays on show": [[
      "      delete from private.instance_qr_codes where instance_id = p_instance_id;\n      update public.whatsapp_instances set\n        status = case",
      "      update public.whatsapp_instances set\n        status = case",
    ]],
    "a report that comes twice counts twice": [[
      "    on conflict do nothing;\n    if not found then\n      return 'ignored';\n    end if;\n    delete from ghost_repair.connection_reports r using",
      "    on conflict do nothing;\n    delete from ghost_repair.connection_reports r using",
    ]],
  }),
  ...mistakesIn(WEBHOOK, "database/numbers/apply-webhook.test.ts", {
    "a remembered key is good after it was replaced": [[
      "public.webhook_keys(p_instance_id) k where k.key_id = p_key)",
      "public.webhook_keys(p_instance_id) k where p_key is not null)",
    ]],
    "one item that cannot be stored loses all others of its webhook": [[
      "    if v_count = 1 then",
      "    if true then",
    ]],
    "an only item that cannot be stored is answered as if it was": [[
      "    if v_count = 1 then",
      "    if false then",
    ]],
    "what was left out of a webhook is not compared with the gateway": [[
      "  if v_unread or cardinality(v_refused) > 0 then",
      "  if v_unread then",
    ]],
    "a webhook waits for its number's row after it has locked a message": [[
      "  if v_count > 1 or v_unread or v_is_late then",
      "  if false then",
    ]],
    "a delivery report says that the number heard nothing": [[
      "case when (p_change ->> 'heard')::boolean then v_signed_at end",
      "null",
    ]],
    "a webhook's result is its first item's": [[
      "where r.name = any (v_came) order by r.rank limit 1), 'ignored')",
      "where r.name = v_came[1]), 'ignored')",
    ]],
    "what nobody could read is compared with nothing": [[
      "  if v_unread or cardinality(v_refused) > 0 then",
      "  if cardinality(v_refused) > 0 then",
    ]],
  }),
  ...mistakesIn(WEBHOOK, "database/messages/lost-answers.test.ts", {
    "a report takes the place of an answer that may still come": [[
      "if exists (select from ghost_repair.unanswered_messages u where u.id = v_unanswered)",
      "if v_unanswered is not null",
    ]],
    "a report that comes after its message was given up on is of no use": [[
      "v_unanswered := ghost_repair.reported_message(v_report);",
      "v_unanswered := null;",
    ]],
  }),
  ...mistakesIn(WEBHOOK, "database/numbers/webhook-order.test.ts", {
    "an open that is tried again is believed over the close after it": [[
      "if v_late is not false and not ghost_repair",
      "if false and not ghost_repair",
    ]],
    "a report of another zone is late for hours": [[
      "      - (select s.retry_horizon from ghost_repair.settings s) then null",
      "      - interval '10 days' then null",
    ], [
      "then null\n    when p_at <",
      "then true\n    when p_at <",
    ]],
    "a report that comes a second time counts a second time": [[
      "    on conflict do nothing;\n    if not found then",
      "    on conflict do nothing;\n    if false then",
    ]],
    "what the registry said before an open is written over it": [
      [
        "if not found or v_doubt.connection_epoch <> p_instance.connection_epoch then",
        "if not found then",
      ],
      [
        "  delete from ghost_repair.connection_doubts d where d.instance_id = p_instance_id;\n  update",
        "  update",
      ],
    ],
    "whatever the registry says, the last report is believed": [[
      "then p_look ->> 'registry' = 'open'",
      "then true",
    ]],
    "everybody who doubts asks the gateway": [[
      "where d.instance_id = p_instance_id and d.look_at <= ghost_repair.now()",
      "where d.instance_id = p_instance_id",
    ]],
    "a doubt that nobody settles stays for ever": [[
      "where i.id = v_id and i.status = 'connected' and",
      "where i.id = v_id and false and",
    ]],
    "a late QR replaces the one that can be scanned": [[
      "  v_verdict := ghost_repair.judge_report(p_instance_id, 'qrcode.updated', p_at, p_order);\n  if v_verdict <> 'believed' then",
      "  v_verdict := ghost_repair.judge_report(p_instance_id, 'qrcode.updated', p_at, p_order);\n  if false then",
    ]],
    "every report is remembered": [[
      "      order by k.arrived_at desc offset v_settings.reports_kept) old",
      "      order by k.arrived_at desc offset 100000) old",
    ]],
  }),
  ...mistakesIn(WEBHOOK, "database/repair/repair-ladder.test.ts", {
    "an open report in the middle of a repair connects, probe or not": [[
      "if ghost_repair.hasten_repair(p_instance_id) then",
      "if ghost_repair.hasten_repair(p_instance_id) and false then",
    ]],
  }),
  ...mistakesIn(WEBHOOK, "database/messages/webhook-messages.test.ts", {
    "a contact's new name replaces the one that we gave": [[
      "contact_name = coalesce(c.contact_name,\n      case when not v_from_me then p_message ->> 'contact_name' end)",
      "contact_name = coalesce(\n      case when not v_from_me then p_message ->> 'contact_name' end, c.contact_name)",
    ]],
    "a contact is called as the owner of the phone": [[
      "      case when not v_from_me then p_message ->> 'contact_name' end)",
      "      p_message ->> 'contact_name')",
    ]],
    "what the phone sent is received": [[
      "case when v_from_me then 'sent' else 'received' end, v_sent_at,",
      "'received', v_sent_at,",
    ]],
    "what the phone sent is heard of": [[
      "  if not (p_message ->> 'from_me')::boolean then\n    update public.whatsapp_instances set\n      last_received_at",
      "  if true then\n    update public.whatsapp_instances set\n      last_received_at",
    ]],
  }),
  ...mistakesIn(WEBHOOK, "database/messages/message-order.test.ts", {
    "an acknowledgement that was faster than the phone's message is lost": [[
      "    returning a.status into v_early;\n    if found then",
      "    returning a.status into v_early;\n    if false then",
    ]],
    "acknowledgements go backwards": [["    or v_said <= (v_rank ->>", "    or 0 > (v_rank ->>"]],
  }),
  ...mistakesIn(WEBHOOK, "database/messages/message-outcomes.test.ts", {
    "a received message is acknowledged as if it were ours": [[
      "  if not v_message.is_from_me\n    or v_said",
      "  if v_said",
    ]],
  }),
  ...mistakesIn(RECEIVED_MESSAGE, "evolution-webhook/unit/read-event.test.ts", {
    "what WhatsApp refused stays sent": [['  ["ERROR", "failed"],\n', ""]],
  }),
  ...mistakesIn(WEBHOOK, "evolution-webhook/acknowledgements.test.ts", {
    "a refusal takes back what was delivered": [[
      '"rejected": 2, "delivered": 3,',
      '"rejected": 5, "delivered": 3,',
    ]],
  }),
  ...mistakesIn(WEBHOOK, "database/messages/rejected-sends.test.ts", {
    "every refusal is told": [[
      "and e.kind = 'sends_rejected' and e.created_at > v_since)",
      "and false)",
    ]],
    "refusals on a number that is away are told": [[
      "  if (ghost_repair.read_session(p_instance_id)).status <> 'connected'\n    or ghost_repair.has_open_repair(p_instance_id)\n    or exists",
      "  if exists",
    ]],
    "a refusal takes its gateway before its number": [[
      "    perform ghost_repair.lock_session(p_instance_id);\n  else\n    perform ghost_repair.note_alive",
      "    null;\n  else\n    perform ghost_repair.note_alive",
    ]],
  }),
];
