/**
 * Mistakes in sending again: by a person's wish, or what was held.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const RETRY = "supabase/migrations/20260101000452_retry_message.sql";
const HELD = "supabase/migrations/20260101000460_held_messages.sql";
const RELEASE = "supabase/functions/release-held-messages/release-instance.ts";

/** See {@linkcode Mutation}. */
export const SEND_AGAIN_MUTATIONS: readonly Mutation[] = [
  {
    name: "a message is sent again for somebody else's user",
    file: RETRY,
    edits: [[
      "on o.organization_id = m.organization_id and o.user_id = p_user_id",
      "on o.user_id = p_user_id",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "two clicks on retry send twice",
    file: RETRY,
    edits: [[
      "elsif v_message.is_from_me and (v_message.status = 'sending'\n    or",
      "elsif v_message.is_from_me and (false\n    or",
    ], [
      "not v_message.is_from_me or v_message.status <> 'failed' then",
      "not v_message.is_from_me then",
    ]],
    tests: ["evolution-api/actions/retry.test.ts"],
  },
  {
    name: "what may have been sent is sent again unasked",
    file: RETRY,
    edits: [[
      "if v_message.error_code in ('gateway_timeout', 'interrupted') and not p_confirm_duplicate",
      "if false",
    ]],
    tests: ["evolution-api/actions/retry.test.ts"],
  },
  {
    name: "a retry goes out by a number that is not connected",
    file: RETRY,
    edits: [["  if v_reason is not null then", "  if false then"]],
    tests: ["evolution-api/actions/retry.test.ts"],
  },
  {
    name: "the sweeper counts a retry from the first attempt",
    file: RETRY,
    edits: [[
      "status = 'sending', sending_since = ghost_repair.now(), attempts",
      "status = 'sending', attempts",
    ]],
    tests: ["evolution-api/actions/retry.test.ts"],
  },
  {
    name: "whatever failed is held and sent later",
    file: HELD,
    edits: [[
      "if p_outcome ->> 'error_code' is distinct from 'connection_closed' then",
      "if false then",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "messages are held though the organization did not ask for it",
    file: HELD,
    edits: [[
      "and s.organization_id = m.organization_id and s.hold_messages\n",
      "and s.organization_id = m.organization_id\n",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "a message that fails again waits anew, for ever",
    file: HELD,
    edits: [[
      "held_until = coalesce(m.held_until, ghost_repair.now() + s.hold_for),",
      "held_until = ghost_repair.now() + s.hold_for,",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "held messages fail before their time",
    file: HELD,
    edits: [[
      "where m.status = 'held' and m.held_until <= ghost_repair.now();",
      "where m.status = 'held';",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "two ticks release one number's messages",
    file: HELD,
    edits: [[
      "    on conflict (instance_id) do update set token = excluded.token, expires_at = excluded.expires_at\n      where l.expires_at <= ghost_repair.now()\n",
      "    on conflict (instance_id) do update set token = excluded.token, expires_at = excluded.expires_at\n",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "what waits goes out while the session is being repaired",
    file: HELD,
    edits: [[
      "        select from public.ghost_repairs r\n        where r.instance_id = p_instance_id and r.closed_at is null)",
      "        select from public.ghost_repairs r where false)",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "what waits goes out by a number that a person has just disconnected",
    file: HELD,
    edits: [["i.status = 'connected' and not i.manual_disconnect)", "true)"]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "what waits goes out after its time",
    file: HELD,
    edits: [[
      "p_instance_id and m.status = 'held' and m.held_until > ghost_repair.now()\n      and exists",
      "p_instance_id and m.status = 'held'\n      and exists",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "what waits goes out with anybody's lease",
    file: HELD,
    edits: [[
      "where l.instance_id = p_instance_id and l.token = p_token and l.expires_at > ghost_repair.now())",
      "where l.instance_id = p_instance_id and l.expires_at > ghost_repair.now())",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "what waits goes out newest first",
    file: HELD,
    edits: [["order by m.created_at, m.part", "order by m.created_at desc, m.part"]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "a number is released while it is being repaired",
    file: HELD,
    edits: [[
      "        select from public.ghost_repairs r where r.instance_id = i.id and r.closed_at is null)",
      "        select from public.ghost_repairs r where false)",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "one tick's lease on a number's held messages is never given back",
    file: HELD,
    edits: [[
      "update private.release_leases l set expires_at = ghost_repair.now()",
      "update private.release_leases l set expires_at = l.expires_at",
    ]],
    tests: ["database/held-messages.test.ts"],
  },
  {
    name: "a row that says connected is enough to release",
    file: RELEASE,
    edits: [['if (outcome !== "alive") return', "if (false) return"]],
    tests: ["release-held-messages/release-instance.test.ts"],
  },
  {
    name: "after a failure the next message goes out: the order is lost",
    file: RELEASE,
    edits: [[
      'if (!await effects.send(message)) return { sent, ended: "failed" };',
      "await effects.send(message);",
    ]],
    tests: ["release-held-messages/release-instance.test.ts"],
  },
  {
    name: "held messages go out in a burst",
    file: RELEASE,
    edits: [["    if (sent > 0) await effects.clock.sleep(limits.pauseMs);\n", ""]],
    tests: ["release-held-messages/release-instance.test.ts"],
  },
];
