/**
 * Mistakes in the watch over numbers that wait, and in a QR for everybody who asks.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const MIGRATIONS = "supabase/migrations/20261126";
const RECONNECT = `${MIGRATIONS}200800_reconnect.sql`;
const WATCH = `${MIGRATIONS}200850_watch.sql`;
const LIFE = `${MIGRATIONS}201000_instance_life.sql`;
const CONNECT = "supabase/functions/evolution-api/connect-once.ts";
const WATCH_TEST = "database/numbers/watch.test.ts";
const SCAN_TEST = "database/numbers/scan-connect.test.ts";
const PAIRING_TEST = "database/instance-pairing.test.ts";
const FOLLOW_SCAN = "supabase/functions/watch-instances/follow-scan.ts";

/** See {@linkcode Mutation}. */
export const WATCH_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(WATCH, WATCH_TEST, {
    "one lost webhook leaves a number waiting for a scan for ever": [[
      "  and (i.status = 'awaiting_qr' or i.manual_disconnect\n",
      "  and (i.manual_disconnect\n",
    ]],
    "the watch looks at what is being repaired": [[
      "\n  and not ghost_repair.has_open_repair(i.id);",
      ";",
    ]],
    "a delivery report is no sign of life": [["m.delivered_at > p_looked_at)", "false)"]],
    "what was heard once has the registry read at every tick": [[
      "coalesce(p_heard_at > p_looked_at, false)",
      "(p_heard_at is not null)",
    ]],
    "a gateway is asked for all its numbers at once": [["where d.place <= p_share", "where true"]],
    "a number that waits is read before its time": [[
      "select d.* from ghost_repair.waiting_numbers d where d.due_at <= ghost_repair.now()\n",
      "select d.* from ghost_repair.waiting_numbers d\n",
    ]],
    "the watch waits for whoever has a number locked": [[
      "for no key update skip locked) i",
      "for no key update) i",
    ]],
    "all numbers that wait are read together, for ever": [[
      " * (1 + 0.2 * ghost_repair.chance())",
      "",
    ]],
    "an owed logout that worked stays owed": [[
      "  if p_outcome ->> 'registry' in ('close', 'not_found') then\n",
      "  if false then\n",
    ]],
    "a number that was given up is not watched": [[
      "  and (i.status = 'awaiting_qr' or i.manual_disconnect\n    or i.reconnect_attempts_count >= (select s.reconnect_attempts from ghost_repair.settings s))",
      "  and (i.status = 'awaiting_qr' or i.manual_disconnect)",
    ]],
    "a number that a person disconnected is not watched": [[
      "  and (i.status = 'awaiting_qr' or i.manual_disconnect\n",
      "  and (i.status = 'awaiting_qr'\n",
    ]],
    "a number is watched while its reconnection has attempts": [[
      "    or i.reconnect_attempts_count >= (select s.reconnect_attempts from ghost_repair.settings s))\n  and not",
      "    or true)\n  and not",
    ]],
  }),
  ...mistakesIn(LIFE, PAIRING_TEST, {
    "a page that polls asks the gateway as soon as its code is gone": [[
      "      and l.leased_at > ghost_repair.now() - s.connect_pause)",
      "      and false)",
    ]],
  }),
  ...mistakesIn(RECONNECT, PAIRING_TEST, {
    "what a connect found before the session came and went is written": [[
      "v_session.connection_epoch = coalesce(p_epoch, v_session.connection_epoch)",
      "true",
    ]],
    "an old code that comes again is shown as long as a new one": [[
      "case when q.code = excluded.code\n",
      "case when false\n",
    ]],
  }),
  ...mistakesIn(CONNECT, "evolution-api/connect-once.test.ts", {
    "after the QR limit nobody asks again": [['(found.result === "no_qr_yet" ||', "(false ||"]],
    "a QR limit under a registry that says connecting is a QR on its way, for ever": [[
      "    if (look === LOOKS) return null;\n",
      '    if (look === LOOKS) return { result: "no_qr_yet", ...finding("memory", memory) };\n',
    ]],
    "a session that was scanned a moment ago gets a second socket": [[
      "const LOOKS = 15;",
      "const LOOKS = 11;",
    ]],
  }),
  ...mistakesIn(WATCH, SCAN_TEST, {
    "a connect follows a scan on every version": [[
      "    and (select g.connect_after_scan from",
      "    and (select g.api_url is not null from",
    ]],
    "a scan is followed by one connect after another": [[
      "where c.instance_id = p_instance_id and v_token is not null;",
      "where false;",
    ]],
    "a connect follows a scan while somebody else connects": [[
      "  v_token := ghost_repair.take_lease('reconnect', p_instance_id,\n    (select s.connect_time from ghost_repair.settings s));\n  update",
      "  v_token := ghost_repair.take_lease('reconnect', p_instance_id,\n    (select s.connect_time from ghost_repair.settings s), null, true);\n  update",
    ]],
    "a scan is passed over because somebody else connected": [[
      "where c.instance_id = p_instance_id and v_token is not null;",
      "where c.instance_id = p_instance_id;",
    ]],
    "a connect follows a code that is long gone": [[
      "    and c.created_at > ghost_repair.now() - s.scan_watched_for\n",
      "",
    ]],
    "a connect follows with a lease that is over": [[
      "  if not ghost_repair.holds_lease('watch', p_instance_id, p_token)\n    or not exists (",
      "  if not exists (",
    ]],
  }),
  ...mistakesIn(RECONNECT, SCAN_TEST, {
    "the code that was scanned is shown again as a fresh one": [[
      "when v_result = 'qr' and p_source <> 'scan' then",
      "when v_result = 'qr' then",
    ]],
  }),
  ...mistakesIn(FOLLOW_SCAN, "watch-instances/follow-scan.test.ts", {
    "a pairing that finishes by itself gets a second socket": [[
      "const SCANNED_FOR_MS = 5_000;",
      "const SCANNED_FOR_MS = 2_000;",
    ]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127221200_unwanted_alerts.sql",
    "database/people/unwanted-alerts.test.ts",
    {
      "a person is told that the gateway of a number that nobody wants is away": [[
        "    or exists (select from ghost_repair.owed_logouts o",
        "    or true or exists (select from ghost_repair.owed_logouts o",
      ]],
      "a logout that nobody can make is kept to itself": [[
        "    or exists (select from ghost_repair.owed_logouts o",
        "    or false and exists (select from ghost_repair.owed_logouts o",
      ]],
      "a logout is owed of a number that its gateway does not know": [[
        "v_found = 'not_found' then",
        "false then",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127221200_unwanted_alerts.sql",
    "database/numbers/watch.test.ts",
    {
      "a look is written over what was reported since": [[
        " or v_session.connection_epoch is distinct from p_epoch\n",
        "\n",
      ]],
      "a registry that nobody could read ends the wait": [[
        "  if v_found not in ('open', 'close', 'connecting') and (",
        "  if false and (",
      ]],
    },
  ),
];
