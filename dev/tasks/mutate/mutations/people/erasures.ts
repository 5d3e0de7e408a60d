/**
 * Mistakes in what becomes of people's data, and of rows that were restored.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const ERASURES = "supabase/migrations/20261126201380_erasures.sql";
const PAUSES = "supabase/migrations/20261126201440_pauses.sql";
const GHOST_REPAIR = "supabase/migrations/20261126200300_ghost_repair.sql";
const RECONNECT = "supabase/migrations/20261126200800_reconnect.sql";
const RESTART_REQUESTS = "supabase/migrations/20261126200710_restart_requests.sql";
const ALERT_CHANNELS = "supabase/migrations/20261126200712_alert_channels.sql";
const CANARIES = "supabase/migrations/20261126201360_canaries.sql";

/** See {@linkcode Mutation}. */
export const ERASURE_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(ERASURES, "database/people/erasures.test.ts", {
    "an erased customer lives on with another number": [[
      "where c.organization_id = p_conversation.organization_id and (c.id = any (v_ids)",
      "where c.whatsapp_instance_id = p_conversation.whatsapp_instance_id and (c.id = any (v_ids)",
    ]],
    "an erased customer lives on by a hidden address": [[
      "cross join lateral (values (c.remote_jid), (c.hidden_jid)) j (jid)\n    where c.organization_id",
      "cross join lateral (values (c.remote_jid)) j (jid)\n    where c.organization_id",
    ]],
    "who is erased by a hidden address keeps the number": [[
      "\n      or c.hidden_jid = any (v_jids));",
      ");",
    ]],
    "an erasure that goes on says that it is done": [[
      "case when p_erasure.done_at is null then 'erasing' else 'done' end",
      "'done'",
    ]],
    "an agent erases customers": [["elsif v_role = 'agent' then", "elsif false then"]],
    "a stranger erases customers": [[
      '  if v_role is null then\n    return \'{"result": "conversation_not_found"}\';\n  elsif v_role',
      "  if v_role",
    ]],
    "an erasure that is asked again begins again": [[
      "elsif v_erasure.id is not null then",
      "elsif false then",
    ]],
    "what was erased and missed is brought in": [[
      "  where c.id = any (v_ids) and c.whatsapp_instance_id is not null and j.jid is not null\n  order by",
      "  where false\n  order by",
    ]],
    "what comes while a customer is erased is erased": [[
      "    remote_jid = 'erased', hidden_jid = null, contact_name = null, whatsapp_instance_id = null\n",
      "    contact_name = null\n",
    ]],
    "what is being sent is erased before its end": [[
      "      and not (m.status = 'sending' and m.sending_since is not null)\n    limit",
      "    limit",
    ]],
    "a customer's messages are erased all at once": [[
      "    limit (select s.sweep_batch from ghost_repair.settings s) for update skip locked);\n  delete from private.message_media",
      "    for update skip locked);\n  delete from private.message_media",
    ]],
    "reports of an erased customer stay": [[
      "where r.instance_id = any (v_erasure.instance_ids)",
      "where false",
    ]],
    "a receipt says who was erased": [[
      "people = null, instance_ids = null",
      "people = people",
    ], [
      "  check ((done_at is null) = (people is not null))",
      "  check (true)",
    ]],
    "an erasure is left half way": [[
      "v_gone := v_gone + ghost_repair.erase_batch(v_id);",
      "v_gone := v_gone;",
    ]],
    "what waits to be sent is forgotten as old": [[
      "and o.status not in ('sending', 'held')\n",
      "\n",
    ]],
    "one organization's time is everybody's": [[
      "where o.organization_id = v_kept.organization_id and o.created_at < v_kept.since",
      "where o.created_at < v_kept.since",
    ]],
    "old messages go all at once": [[
      "order by o.created_at limit v_batch - v_gone for update",
      "order by o.created_at for update",
    ]],
    "a conversation goes before its messages": [[
      "        and not exists (select from public.messages m where m.conversation_id = o.id)\n",
      "",
    ]],
  }),
  ...mistakesIn("supabase/migrations/20261126201150_gaps.sql", "database/people/erasures.test.ts", {
    "what is younger than what was forgotten is not brought in": [[
      "coalesce(nullif(pg_catalog.current_setting('ghost_repair.deleted_as_of', true), '')::timestamptz,\n      ghost_repair.now())",
      "ghost_repair.now()",
    ]],
  }),
  ...mistakesIn(PAUSES, "database/people/pauses.test.ts", {
    "a dump that was loaded is no other place": [[
      "s.system_identifier || '/' || c.timeline_id || '/' || v_table",
      "s.system_identifier || '/' || c.timeline_id || '/' || 0",
    ]],
    "a cluster that says nothing of itself stops everything": [[
      "exception when insufficient_privilege then\n",
      "exception when division_by_zero then\n",
    ]],
    "rows that came from elsewhere count": [[
      "then p.place <> ghost_repair.current_place() end",
      "then false end",
    ]],
    "a standby that takes over stops everything": [[
      "select case when p.seen_at < ghost_repair.now() - s.failover_time\n",
      "select case when true\n",
    ]],
    "a pause by hand pauses nothing": [[
      "return (select s.paused_at is not null from ghost_repair.settings s)",
      "return false",
    ]],
    "restored rows are used until the sweep comes": [[
      "\n    or ghost_repair.is_restored();",
      ";",
    ]],
    "who is at work goes on in a pause": [[
      "where l.kind <> 'reconnect' and l.expires_at > ghost_repair.now()",
      "where false",
    ]],
    "a message that waited in a backup is sent": [[
      "where m.status in ('sending', 'held') and m.created_at",
      "where false and m.created_at",
    ]],
    "a new message is taken for one of the backup's": [[
      " and m.created_at <= p.seen_at + s.failover_time;",
      ";",
    ]],
    "what a person sends again is given up at every sweep": [[
      "    where p.noticed_place is distinct from ghost_repair.current_place()) then",
      "    ) then",
    ]],
    "a pause that ends early sends what is old": [[
      "  select ghost_repair.notice_restore();\n",
      "",
    ]],
    "a place is learnt although the rows are old": [[
      "  if not ghost_repair.is_restored() then\n    update",
      "  if true then\n    update",
    ]],
    "a pause never ends": [[
      "set paused_at = null, paused_for = null;",
      "set paused_for = null;",
    ]],
    "a scheduler that stood still is a restore": [[
      "      then p.place <> ghost_repair.current_place() end",
      "      then true end",
    ]],
  }),
  ...mistakesIn(GHOST_REPAIR, "database/people/pauses.test.ts", {
    "a repair begins in a pause": [["when ghost_repair.is_paused() then 'paused'\n    ", ""]],
  }),
  ...mistakesIn("supabase/migrations/20261126200400_leases.sql", "database/people/pauses.test.ts", {
    "leases are given in a pause": [[
      "if p_kind <> 'reconnect' and ghost_repair.is_paused() then",
      "if false then",
    ]],
    "a person cannot reconnect in a pause": [[
      "if p_kind <> 'reconnect' and ghost_repair.is_paused() then",
      "if ghost_repair.is_paused() then",
    ]],
  }),
  ...mistakesIn(RECONNECT, "database/people/pauses.test.ts", {
    "numbers reconnect in a pause": [["where not ghost_repair.is_paused()\n  and", "where"]],
  }),
  ...mistakesIn("supabase/migrations/20261126200700_alerts.sql", "database/people/pauses.test.ts", {
    "a person is called in a pause": [[" and not ghost_repair.is_paused()\n", "\n"]],
  }),
  ...mistakesIn(RESTART_REQUESTS, "database/people/pauses.test.ts", {
    "a gateway is restarted in a pause": [[" and not ghost_repair.is_paused()\n", "\n"]],
  }),
  ...mistakesIn(ALERT_CHANNELS, "database/people/pauses.test.ts", {
    "alerts are sent in a pause": [[
      " and s.alerts and not ghost_repair.is_paused()\n",
      " and s.alerts\n",
    ]],
  }),
  ...mistakesIn("supabase/migrations/20261126201500_cron.sql", "database/people/pauses.test.ts", {
    "functions are called in a pause": [[
      "  if ghost_repair.is_paused() then\n    return;\n  end if;\n",
      "",
    ]],
    "auto-reconnect is called in a pause": [[
      "  if ghost_repair.is_paused() then\n    return 0;\n  end if;\n",
      "",
    ]],
  }),
  ...mistakesIn(CANARIES, "database/people/switches.test.ts", {
    "trials go on where canaries were switched off": [[
      "\n  and ghost_repair.wants_canaries(t.organization_id);",
      ";",
    ]],
  }),
];
