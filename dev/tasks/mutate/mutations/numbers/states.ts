/**
 * Mistakes in the states that a number can be left in: flags that contradict each other, troubles that
 * nobody is told of, logouts that are owed.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const MIGRATIONS = "supabase/migrations/20261126";
const SCHEMA = `${MIGRATIONS}200100_schema.sql`;
const SESSION = `${MIGRATIONS}200200_session.sql`;
const TROUBLES = `${MIGRATIONS}200720_troubles.sql`;
const OWED = `${MIGRATIONS}200740_owed_logouts.sql`;
const RECONNECT = `${MIGRATIONS}200800_reconnect.sql`;
const INSTANCES = `${MIGRATIONS}200900_instances.sql`;
const LIFE = `${MIGRATIONS}201000_instance_life.sql`;
const WEBHOOK = `${MIGRATIONS}201200_webhook.sql`;
const FLAGS_TEST = "database/numbers/flags.test.ts";
const TROUBLES_TEST = "database/numbers/troubles.test.ts";
const WATCH_TEST = "database/numbers/watch.test.ts";

/** See {@linkcode Mutation}. */
export const STATE_MUTATIONS: readonly Mutation[] = [
  {
    name: "connected and disconnected by hand can be written together",
    file: SCHEMA,
    edits: [["check (not manual_disconnect or status = 'disconnected'),", "check (true),"]],
    tests: [FLAGS_TEST],
  },
  {
    name: "connected and away since a time can be written together",
    file: SCHEMA,
    edits: [["(disconnected_since is null and reconnect_attempts_count = 0)", "true"]],
    tests: [FLAGS_TEST],
  },
  {
    name: "who writes one flag alone has to know of the others",
    file: SCHEMA,
    edits: [[
      "  if new.manual_disconnect and not old.manual_disconnect then\n",
      "  if false then\n",
    ]],
    tests: [FLAGS_TEST],
  },
  {
    name: "a number that lives again has used up its attempts",
    file: SCHEMA,
    edits: [["    new.reconnect_attempts_count := 0;\n", ""]],
    tests: [FLAGS_TEST],
  },
  {
    name: "the ladder connects what a person disconnected",
    file: SESSION,
    edits: [[
      "  where id = p_instance_id and manual_disconnect is not true;",
      "  where id = p_instance_id;",
    ]],
    tests: [FLAGS_TEST],
  },
  {
    name: "a report that it is open connects what a person disconnected",
    file: RECONNECT,
    edits: [[
      "  if (ghost_repair.read_session(p_instance_id)).manual_disconnect then\n    perform ghost_repair.owe_logout(p_instance_id, p_detail);\n    return;\n  end if;\n",
      "",
    ]],
    tests: [FLAGS_TEST],
  },
  {
    name: "a number that a person disconnected waits for a scan",
    file: RECONNECT,
    edits: [[
      "begin\n  if (ghost_repair.read_session(p_instance_id)).manual_disconnect then\n    return;\n  end if;\n",
      "begin\n",
    ]],
    tests: [FLAGS_TEST],
  },
  {
    name: "the QR limit moves a number that a person disconnected",
    file: WEBHOOK,
    edits: [[
      "      where id = p_instance_id and not manual_disconnect;",
      "      where id = p_instance_id;",
    ]],
    tests: [FLAGS_TEST],
  },
  {
    name: "no answer in time and no answer are two reasons: nobody is told of either",
    file: TROUBLES,
    edits: [["    when 'timeout' then 'gateway_unreachable'\n", ""]],
    tests: [TROUBLES_TEST],
  },
  {
    name: "a number that its gateway does not know reconnects for ever, and nobody is told",
    file: TROUBLES,
    edits: [[
      "  if found then\n    perform ghost_repair.add_event",
      "  if false then\n    perform ghost_repair.add_event",
    ]],
    tests: [TROUBLES_TEST],
  },
  {
    name: "a person is told of the same reason at every look",
    file: TROUBLES,
    edits: [[
      "    reason = excluded.reason, since = excluded.since, told_at = null\n    where t.reason <> excluded.reason;",
      "    told_at = null;",
    ]],
    tests: [TROUBLES_TEST],
  },
  {
    name: "another reason is told of as if it had been the first one's time",
    file: TROUBLES,
    edits: [[
      "reason = excluded.reason, since = excluded.since, told_at",
      "reason = excluded.reason, told_at",
    ]],
    tests: [TROUBLES_TEST],
  },
  {
    name: "a trouble that has ended goes on",
    file: TROUBLES,
    edits: [[
      "  delete from ghost_repair.troubles t where t.instance_id = p_instance_id;\n",
      "",
    ]],
    tests: [TROUBLES_TEST],
  },
  {
    name: "a number without a gateway is skipped, and nobody is told",
    file: TROUBLES,
    edits: [[
      "select exists (select from private.instance_credentials k where k.instance_id = p_instance_id)",
      "select true",
    ]],
    tests: [TROUBLES_TEST],
  },
  {
    name: "a repair that nobody can lease is silent",
    file: TROUBLES,
    edits: [[
      "      union\n      select r.instance_id from public.ghost_repairs r where r.closed_at is null) n",
      "      ) n",
    ]],
    tests: [TROUBLES_TEST],
  },
  {
    name: "an unknown answer ends a trouble",
    file: RECONNECT,
    edits: [["if v_result in ('not_found', 'unknown') then", "if v_result in ('not_found') then"]],
    tests: [TROUBLES_TEST],
  },
  {
    name: "an owed logout comes within the window of the one before",
    file: OWED,
    edits: [[
      "select greatest(ghost_repair.now(),\n" +
      "      x.last_disconnected_at + s.repair_window + s.claim_grace)",
      "select ghost_repair.now()",
    ], [
      "      <= ghost_repair.now() - s.repair_window - s.claim_grace;",
      "      <= ghost_repair.now();",
    ]],
    tests: [WATCH_TEST],
  },
  {
    name: "a zombie that a person disconnected is logged out at every look",
    file: OWED,
    edits: [["s.owed_logout_pause * 2 ^ least(o.tries, 10)", "interval '0'"]],
    tests: [WATCH_TEST],
  },
  {
    name: "a session that reports open again waits for its logout's next turn",
    file: OWED,
    edits: [["next_try_at = least(o.next_try_at, v_from)", "next_try_at = o.next_try_at"]],
    tests: [WATCH_TEST],
  },
  {
    name: "a logout that is owed is never made",
    file: OWED,
    edits: [[
      "where o.instance_id = p_instance_id and o.next_try_at <= ghost_repair.now()\n",
      "where o.instance_id = p_instance_id and false\n",
    ]],
    tests: [WATCH_TEST],
  },
  {
    name: "a logout is owed for ever",
    file: OWED,
    edits: [[
      "  delete from ghost_repair.owed_logouts o where o.instance_id = p_instance_id;\n",
      "",
    ]],
    tests: [WATCH_TEST],
  },
  {
    name: "a disconnection that the gateway did not hear of is forgotten",
    file: LIFE,
    edits: [[
      "  elsif v_session.manual_disconnect then\n    perform ghost_repair.owe_logout",
      "  elsif false then\n    perform ghost_repair.owe_logout",
    ]],
    tests: [WATCH_TEST],
  },
  {
    name: "who reconnects is logged out all the same",
    file: LIFE,
    edits: [[
      "  perform ghost_repair.end_owed_logout(p_instance_id);\n  return jsonb_build_object('result', 'claimed'",
      "  return jsonb_build_object('result', 'claimed'",
    ]],
    tests: [WATCH_TEST],
  },
  {
    name: "nobody sees why a person has to look",
    file: INSTANCES,
    edits: [["t on t.instance_id = i.id and t.told_at is not null", "t on false"]],
    tests: [TROUBLES_TEST],
  },
];
