/**
 * Mistakes in what the console shows: whose numbers, in what order, with what uptime, and what it is
 * told of.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const MIGRATIONS = "supabase/migrations/20261126";
const AWAY = `${MIGRATIONS}201405_times_away.sql`;
const FLEET = `${MIGRATIONS}201410_fleet.sql`;
const LIVE = `${MIGRATIONS}201420_live.sql`;
const VIEWS = `${MIGRATIONS}201400_views.sql`;
const FLEET_TEST = "database/numbers/fleet.test.ts";
const AWAY_TEST = "database/numbers/times-away.test.ts";
const LIVE_TEST = "database/people/live.test.ts";

/** See {@linkcode Mutation}. */
export const CONSOLE_MUTATIONS: readonly Mutation[] = [
  {
    name: "a number that gave up counts as being repaired",
    file: VIEWS,
    edits: [["when p_attempts >= p_most then 'gave_up'", "when false then 'gave_up'"]],
    tests: [FLEET_TEST],
  },
  {
    name: "the sum calls a number that gave up well looked after",
    file: FLEET,
    edits: [["when 'gave_up' then 'person' else", "else"]],
    tests: [FLEET_TEST],
  },
  {
    name: "what was delivered counts as unconfirmed",
    file: VIEWS,
    edits: [["m.status = 'sent' and m.is_from_me\n    and m.sent_at between", "m.sent_at between"]],
    tests: [FLEET_TEST],
  },
  {
    name: "the list holds everybody's numbers",
    file: FLEET,
    edits: [[
      "where m.user_id = auth.uid()\n  ), asked as (",
      "where true\n  ), asked as (",
    ]],
    tests: [FLEET_TEST],
  },
  {
    name: "an agent is told of gateways",
    file: FLEET,
    edits: [[
      "where m.role <> 'agent') k\n  ), numbers",
      "where true) k\n  ), numbers",
    ]],
    tests: [FLEET_TEST],
  },
  {
    name: "who needs somebody comes after who waits for a scan",
    file: FLEET,
    edits: [["when 'person' then 0 when 'scan' then 1", "when 'person' then 1 when 'scan' then 0"]],
    tests: [FLEET_TEST],
  },
  {
    name: "a number's page is anybody's",
    file: FLEET,
    edits: [[
      "on m.organization_id = i.organization_id and m.user_id = auth.uid()",
      "on m.organization_id = i.organization_id",
    ]],
    tests: [FLEET_TEST],
  },
  {
    name: "the pulse beats for other people's numbers",
    file: FLEET,
    edits: [["e\n  where m.user_id = auth.uid()", "e\n  where true"]],
    tests: [FLEET_TEST],
  },
  {
    name: "an agent is told of the gateways' versions",
    file: FLEET,
    edits: [[
      "where m.user_id = auth.uid() and m.role <> 'agent'\n    group",
      "where m.user_id = auth.uid()\n    group",
    ]],
    tests: [FLEET_TEST],
  },
  {
    name: "a gateway is shown with the password in its address",
    file: FLEET,
    edits: [["'^https?://(?:[^/?#@]*@)?([^/?#]+)'", "'^https?://([^/?#]+)'"]],
    tests: [FLEET_TEST],
  },
  {
    name: "time that a person did not want counts against a number",
    file: AWAY,
    edits: [["filter (where a.wanted), 0)::float8 as away", ", 0)::float8 as away"]],
    tests: [AWAY_TEST],
  },
  {
    name: "an uptime covers the time before it was counted",
    file: AWAY,
    edits: [["greatest(p_born, u.starts, s.away_known_since)", "greatest(p_born, u.starts)"]],
    tests: [AWAY_TEST],
  },
  {
    name: "a number that is back stays away",
    file: AWAY,
    edits: [["where t.instance_id = new.id and t.away_until = 'infinity';", "where false;"]],
    tests: [AWAY_TEST],
  },
  {
    name: "a number that was never paired was away",
    file: AWAY,
    edits: [["tg_op = 'UPDATE' and not new.manual_disconnect,", "not new.manual_disconnect,"]],
    tests: [AWAY_TEST],
  },
  {
    name: "a change is broadcast with all that is known of it",
    file: LIVE,
    edits: [["'kind', new.kind)", "'kind', new.kind, 'detail', new.detail)"]],
    tests: [LIVE_TEST],
  },
  {
    name: "a change is broadcast to whoever listens",
    file: LIVE,
    edits: [["'change'', $2, true)'", "'change'', $2, false)'"]],
    tests: [LIVE_TEST],
  },
  {
    name: "anybody may listen to an organization's changes",
    file: LIVE,
    edits: [[
      "(select realtime.topic()) in (\n          select 'fleet:' || o from ghost_repair.my_organizations() o));",
      "(select realtime.topic()) like 'fleet:%');",
    ]],
    tests: [LIVE_TEST],
  },
  {
    name: "a page is told to listen where nobody speaks",
    file: LIVE,
    edits: [["where to_regclass('realtime.messages') is not null\n$$;", "where true\n$$;"]],
    tests: [LIVE_TEST],
  },
  {
    name: "who is to scan a code is led to the number's page",
    file: "supabase/functions/send-alerts/decide.ts",
    edits: [['kind === "qr" ? qr_page : number_page', "number_page"]],
    tests: ["send-alerts/decide.test.ts"],
  },
  {
    name: "a page goes on asking as often where nothing happens",
    file: "console/data/pulse.ts",
    edits: [["1.25 ** Math.max(0, quiet - 3)", "1"]],
    tests: ["console/pulse.test.ts"],
  },
  {
    name: "a page that nobody sees goes on asking",
    file: "console/data/pulse.ts",
    edits: [["    if (stopped || !seen) return;", "    if (stopped) return;"], [
      "if (!stopped && seen) callOff",
      "if (!stopped) callOff",
    ], ["      if (!now) callOff();\n", ""]],
    tests: ["console/pulse.test.ts"],
  },
  {
    name: "a channel that is refused is asked for at once, again and again",
    file: "console/data/broadcast.ts",
    edits: [["AGAIN_MS.first * 2 ** failures++", "failures"]],
    tests: ["console/broadcast.test.ts"],
  },
];
