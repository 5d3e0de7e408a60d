/**
 * Mistakes in the watch over numbers that wait, and in a QR for everybody who asks.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const MIGRATIONS = "supabase/migrations/20261126";
const RECONNECT = `${MIGRATIONS}200800_reconnect.sql`;
const WATCH = `${MIGRATIONS}200850_watch.sql`;
const LIFE = `${MIGRATIONS}201000_instance_life.sql`;
const CONNECT = "supabase/functions/evolution-api/connect-once.ts";
const WATCH_TEST = "database/numbers/watch.test.ts";
const SCAN_TEST = "database/numbers/scan-connect.test.ts";
const PAIRING_TEST = "database/instance-pairing.test.ts";

/** See {@linkcode Mutation}. */
export const WATCH_MUTATIONS: readonly Mutation[] = [
  {
    name: "one lost webhook leaves a number waiting for a scan for ever",
    file: WATCH,
    edits: [[
      "  and (i.status = 'awaiting_qr' or i.manual_disconnect\n",
      "  and (i.manual_disconnect\n",
    ]],
    tests: [WATCH_TEST],
  },
  {
    name: "the watch looks at what is being repaired",
    file: WATCH,
    edits: [["\n  and not ghost_repair.has_open_repair(i.id);", ";"]],
    tests: [WATCH_TEST],
  },
  {
    name: "a delivery report is no sign of life",
    file: WATCH,
    edits: [["m.delivered_at > p_looked_at)", "false)"]],
    tests: [WATCH_TEST],
  },
  {
    name: "what was heard once has the registry read at every tick",
    file: WATCH,
    edits: [["coalesce(p_heard_at > p_looked_at, false)", "(p_heard_at is not null)"]],
    tests: [WATCH_TEST],
  },
  {
    name: "a gateway is asked for all its numbers at once",
    file: WATCH,
    edits: [["where d.place <= p_share", "where true"]],
    tests: [WATCH_TEST],
  },
  {
    name: "a number that waits is read before its time",
    file: WATCH,
    edits: [[
      "select d.* from ghost_repair.waiting_numbers d where d.due_at <= ghost_repair.now()\n",
      "select d.* from ghost_repair.waiting_numbers d\n",
    ]],
    tests: [WATCH_TEST],
  },
  {
    name: "the watch waits for whoever has a number locked",
    file: WATCH,
    edits: [["for no key update skip locked) i", "for no key update) i"]],
    tests: [WATCH_TEST],
  },
  {
    name: "a look is written over what was reported since",
    file: WATCH,
    edits: [[" or v_session.connection_epoch is distinct from p_epoch\n", "\n"]],
    tests: [WATCH_TEST],
  },
  {
    name: "all numbers that wait are read together, for ever",
    file: WATCH,
    edits: [[" * (1 + 0.2 * ghost_repair.chance())", ""]],
    tests: [WATCH_TEST],
  },
  {
    name: "a registry that nobody could read ends the wait",
    file: WATCH,
    edits: [["  if v_found not in ('open', 'close', 'connecting') then\n", "  if false then\n"]],
    tests: [WATCH_TEST],
  },
  {
    name: "an owed logout that worked stays owed",
    file: WATCH,
    edits: [[
      "  if p_outcome ->> 'registry' in ('close', 'not_found') then\n",
      "  if false then\n",
    ]],
    tests: [WATCH_TEST],
  },
  {
    name: "a page that polls asks the gateway as soon as its code is gone",
    file: LIFE,
    edits: [["      and l.leased_at > ghost_repair.now() - s.connect_pause)", "      and false)"]],
    tests: [PAIRING_TEST],
  },
  {
    name: "what a connect found before the session came and went is written",
    file: RECONNECT,
    edits: [["v_session.connection_epoch = coalesce(p_epoch, v_session.connection_epoch)", "true"]],
    tests: [PAIRING_TEST],
  },
  {
    name: "an old code that comes again is shown as long as a new one",
    file: RECONNECT,
    edits: [["case when q.code = excluded.code\n", "case when false\n"]],
    tests: [PAIRING_TEST],
  },
  {
    name: "after the QR limit nobody asks again",
    file: CONNECT,
    edits: [['(found.result === "no_qr_yet" ||', "(false ||"]],
    tests: ["evolution-api/connect-once.test.ts"],
  },
  {
    name: "a QR limit under a registry that says connecting is a QR on its way, for ever",
    file: CONNECT,
    edits: [[
      "    if (look === LOOKS) return null;\n",
      '    if (look === LOOKS) return { result: "no_qr_yet", ...finding("memory", memory) };\n',
    ]],
    tests: ["evolution-api/connect-once.test.ts"],
  },
  {
    name: "a session that was scanned a moment ago gets a second socket",
    file: CONNECT,
    edits: [["const LOOKS = 15;", "const LOOKS = 11;"]],
    tests: ["evolution-api/connect-once.test.ts"],
  },
  {
    name: "a connect follows a scan on every version",
    file: WATCH,
    edits: [[
      "    and (select g.connect_after_scan from",
      "    and (select g.api_url is not null from",
    ]],
    tests: [SCAN_TEST],
  },
  {
    name: "a scan is followed by one connect after another",
    file: WATCH,
    edits: [["where c.instance_id = p_instance_id and v_token is not null;", "where false;"]],
    tests: [SCAN_TEST],
  },
  {
    name: "a connect follows a scan while somebody else connects",
    file: WATCH,
    edits: [[
      "  v_token := ghost_repair.take_lease('reconnect', p_instance_id,\n    (select s.connect_time from ghost_repair.settings s));\n  update",
      "  v_token := ghost_repair.take_lease('reconnect', p_instance_id,\n    (select s.connect_time from ghost_repair.settings s), null, true);\n  update",
    ]],
    tests: [SCAN_TEST],
  },
  {
    name: "a scan is passed over because somebody else connected",
    file: WATCH,
    edits: [[
      "where c.instance_id = p_instance_id and v_token is not null;",
      "where c.instance_id = p_instance_id;",
    ]],
    tests: [SCAN_TEST],
  },
  {
    name: "the code that was scanned is shown again as a fresh one",
    file: RECONNECT,
    edits: [["when v_result = 'qr' and p_source <> 'scan' then", "when v_result = 'qr' then"]],
    tests: [SCAN_TEST],
  },
  {
    name: "a pairing that finishes by itself gets a second socket",
    file: "supabase/functions/watch-instances/follow-scan.ts",
    edits: [["const SCANNED_FOR_MS = 5_000;", "const SCANNED_FOR_MS = 2_000;"]],
    tests: ["watch-instances/follow-scan.test.ts"],
  },
];
