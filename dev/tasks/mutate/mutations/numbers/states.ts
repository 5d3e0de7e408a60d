/**
 * Mistakes in the states that a number can be left in: flags that contradict each other, troubles that
 * nobody is told of, logouts that are owed.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const MIGRATIONS = "supabase/migrations/20261126";
const SCHEMA = `${MIGRATIONS}200100_schema.sql`;
const SESSION = `${MIGRATIONS}200200_session.sql`;
const TROUBLES = `${MIGRATIONS}200720_troubles.sql`;
const OWED = `${MIGRATIONS}200740_owed_logouts.sql`;
const RECONNECT = `${MIGRATIONS}200800_reconnect.sql`;
const LIFE = `${MIGRATIONS}201000_instance_life.sql`;
const WEBHOOK = `${MIGRATIONS}201200_webhook.sql`;
const FLAGS_TEST = "database/numbers/flags.test.ts";
const TROUBLES_TEST = "database/numbers/troubles.test.ts";
const WATCH_TEST = "database/numbers/watch.test.ts";

/** See {@linkcode Mutation}. */
export const STATE_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(SCHEMA, FLAGS_TEST, {
    "connected and disconnected by hand can be written together": [[
      "check (not manual_disconnect or status = 'disconnected'),",
      "check (true),",
    ]],
    "connected and away since a time can be written together": [[
      "(disconnected_since is null and reconnect_attempts_count = 0)",
      "true",
    ]],
    "who writes one flag alone has to know of the others": [[
      "  if new.manual_disconnect and not old.manual_disconnect then\n",
      "  if false then\n",
    ]],
    "a number that lives again has used up its attempts": [[
      "    new.reconnect_attempts_count := 0;\n",
      "",
    ]],
  }),
  ...mistakesIn(SESSION, FLAGS_TEST, {
    "the ladder connects what a person disconnected": [[
      "  where id = p_instance_id and manual_disconnect is not true;",
      "  where id = p_instance_id;",
    ]],
  }),
  ...mistakesIn(RECONNECT, FLAGS_TEST, {
    "a number that a person disconnected waits for a scan": [[
      "begin\n  if (ghost_repair.read_session(p_instance_id)).manual_disconnect then\n    return;\n  end if;\n",
      "begin\n",
    ]],
  }),
  ...mistakesIn(WEBHOOK, FLAGS_TEST, {
    "the QR limit moves a number that a person disconnected": [[
      "      where id = p_instance_id and not manual_disconnect;",
      "      where id = p_instance_id;",
    ]],
  }),
  ...mistakesIn(TROUBLES, TROUBLES_TEST, {
    "no answer in time and no answer are two reasons: nobody is told of either": [[
      "    when 'timeout' then 'gateway_unreachable'\n",
      "",
    ]],
    "a trouble that has ended goes on": [[
      "  delete from ghost_repair.troubles t where t.instance_id = p_instance_id;\n",
      "",
    ]],
    "a number without a gateway is skipped, and nobody is told": [[
      "select exists (select from private.instance_credentials k where k.instance_id = p_instance_id)",
      "select true",
    ]],
  }),
  ...mistakesIn(RECONNECT, TROUBLES_TEST, {
    "an unknown answer ends a trouble": [[
      "if v_result in ('not_found', 'unknown') then",
      "if v_result in ('not_found') then",
    ]],
  }),
  ...mistakesIn(OWED, WATCH_TEST, {
    "an owed logout comes within the window of the one before": [[
      "select greatest(ghost_repair.now(),\n" +
      "      x.last_disconnected_at + s.repair_window + s.claim_grace)",
      "select ghost_repair.now()",
    ], [
      "      <= ghost_repair.now() - s.repair_window - s.claim_grace;",
      "      <= ghost_repair.now();",
    ]],
    "a zombie that a person disconnected is logged out at every look": [[
      "s.owed_logout_pause * 2 ^ least(o.tries, 10)",
      "interval '0'",
    ]],
    "a session that reports open again waits for its logout's next turn": [[
      "next_try_at = least(o.next_try_at, v_from)",
      "next_try_at = o.next_try_at",
    ]],
    "a logout that is owed is never made": [[
      "where o.instance_id = p_instance_id and o.next_try_at <= ghost_repair.now()\n",
      "where o.instance_id = p_instance_id and false\n",
    ]],
    "a logout is owed for ever": [[
      "  delete from ghost_repair.owed_logouts o where o.instance_id = p_instance_id;\n",
      "",
    ]],
  }),
  ...mistakesIn(LIFE, WATCH_TEST, {
    "a disconnection that the gateway did not hear of is forgotten": [[
      "  elsif v_session.manual_disconnect then\n    perform ghost_repair.owe_logout",
      "  elsif false then\n    perform ghost_repair.owe_logout",
    ]],
    "who reconnects is logged out all the same": [[
      "  perform ghost_repair.end_owed_logout(p_instance_id);\n  return jsonb_build_object('result', 'claimed'",
      "  return jsonb_build_object('result', 'claimed'",
    ]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127221100_trouble_ends.sql",
    "database/numbers/troubles.test.ts",
    {
      "a number that its gateway does not know reconnects for ever, and nobody is told": [[
        "  if found then\n    perform ghost_repair.add_event",
        "  if false then\n    perform ghost_repair.add_event",
      ]],
      "a person is told of the same reason at every look": [[
        "    reason = excluded.reason, since = excluded.since, told_at = null\n    where t.reason is distinct from excluded.reason;",
        "    told_at = null;",
      ]],
      "another reason is told of as if it had been the first one's time": [[
        "reason = excluded.reason, since = excluded.since, told_at",
        "reason = excluded.reason, told_at",
      ]],
      "a gateway that fails for one reason and another is nobody's": [[
        "t.begun_at <= ghost_repair.now() - s.tell_any_after",
        "false",
      ]],
      "each reason that does not last is told of after the first": [[
        "(t.told_reason is null and t.begun_at",
        "(t.begun_at",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127221300_silent_gateways.sql",
    "database/numbers/troubles.test.ts",
    {
      "nobody sees why a person has to look": [[
        "t on t.instance_id = i.id and t.told_reason is not null",
        "t on false",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223200_repeated_opens.sql",
    "database/numbers/flags.test.ts",
    {
      "a report that it is open connects what a person disconnected": [[
        "  if v_session.manual_disconnect then\n    perform ghost_repair.owe_logout(p_instance_id, p_detail);\n    return;\n  end if;\n",
        "",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223600_unlinked_numbers.sql",
    "database/repair/settled-once.test.ts",
    {
      "a number that got its gateway meanwhile is called one without": [[
        "from ghost_repair.unlinked_numbers n where n.id = v_id);",
        "where true);",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223600_unlinked_numbers.sql",
    "database/numbers/troubles.test.ts",
    {
      "a repair that nobody can lease is silent": [[
        "  union\n  select r.instance_id from public.ghost_repairs r where r.closed_at is null) n",
        "  ) n",
      ]],
    },
  ),
];
