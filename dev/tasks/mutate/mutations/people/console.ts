/**
 * Mistakes in what the console shows: whose numbers, in what order, with what uptime, and what it is
 * told of.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

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
  ...mistakesIn(VIEWS, FLEET_TEST, {
    "a number that gave up counts as being repaired": [[
      "when p_attempts >= p_most then 'gave_up'",
      "when false then 'gave_up'",
    ]],
    "what was delivered counts as unconfirmed": [[
      "m.status = 'sent' and m.is_from_me\n    and m.sent_at between",
      "m.sent_at between",
    ]],
  }),
  ...mistakesIn(FLEET, FLEET_TEST, {
    "the sum calls a number that gave up well looked after": [[
      "when 'gave_up' then 'person' else",
      "else",
    ]],
    "the list holds everybody's numbers": [[
      "where m.user_id = auth.uid()\n  ), asked as (",
      "where true\n  ), asked as (",
    ]],
    "an agent is told of gateways": [[
      "where m.role <> 'agent') k\n  ), numbers",
      "where true) k\n  ), numbers",
    ]],
    "who needs somebody comes after who waits for a scan": [[
      "when 'person' then 0 when 'scan' then 1",
      "when 'person' then 1 when 'scan' then 0",
    ]],
    "a number's page is anybody's": [[
      "on m.organization_id = i.organization_id and m.user_id = auth.uid()",
      "on m.organization_id = i.organization_id",
    ]],
    "the pulse beats for other people's numbers": [[
      "e\n  where m.user_id = auth.uid()",
      "e\n  where true",
    ]],
    "an agent is told of the gateways' versions": [[
      "where m.user_id = auth.uid() and m.role <> 'agent'\n    group",
      "where m.user_id = auth.uid()\n    group",
    ]],
    "a gateway is shown with the password in its address": [[
      "'^https?://(?:[^/?#@]*@)?([^/?#]+)'",
      "'^https?://([^/?#]+)'",
    ]],
    "the quietest number is not found": [[
      "        case q.sort when 'silent' then coalesce((f.number).last_alive_at, '-infinity') end,",
      "        null::timestamptz,",
    ]],
    "the pulse stands still": [["  select coalesce(max(e.id), 0)\n", "  select 0::bigint\n"]],
  }),
  ...mistakesIn(AWAY, AWAY_TEST, {
    "time that a person did not want counts against a number": [[
      "filter (where a.wanted), 0)::float8 as away",
      ", 0)::float8 as away",
    ]],
    "an uptime covers the time before it was counted": [[
      "greatest(p_born, u.starts, s.away_known_since)",
      "greatest(p_born, u.starts)",
    ]],
    "a number that is back stays away": [[
      "where t.instance_id = new.id and t.away_until = 'infinity';",
      "where false;",
    ]],
    "a number that was never paired was away": [[
      "tg_op = 'UPDATE' and not new.manual_disconnect,",
      "not new.manual_disconnect,",
    ]],
  }),
  ...mistakesIn(LIVE, LIVE_TEST, {
    "a change is broadcast with all that is known of it": [[
      "'kind', new.kind)",
      "'kind', new.kind, 'detail', new.detail)",
    ]],
    "a change is broadcast to whoever listens": [[
      "'change'', $2, true)'",
      "'change'', $2, false)'",
    ]],
    "anybody may listen to an organization's changes": [[
      "(select realtime.topic()) in (\n          select 'fleet:' || o from ghost_repair.my_organizations() o));",
      "(select realtime.topic()) like 'fleet:%');",
    ]],
    "a page is told to listen where nobody speaks": [[
      "where to_regclass('realtime.messages') is not null\n$$;",
      "where true\n$$;",
    ]],
    "where Realtime fails nothing is written": [[
      "exception when others then\n  raise warning 'broadcast: %', sqlerrm;\n  return null;\n",
      "",
    ]],
  }),
  ...mistakesIn("supabase/functions/send-alerts/decide.ts", "send-alerts/decide.test.ts", {
    "who is to scan a code is led to the number's page": [[
      'kind === "qr" ? qr_page : number_page',
      "number_page",
    ]],
  }),
  ...mistakesIn("console/data/pulse.ts", "console/pulse.test.ts", {
    "a page goes on asking as often where nothing happens": [[
      "1.25 ** Math.max(0, quiet - 3)",
      "1",
    ]],
    "a page that nobody sees goes on asking": [[
      "    if (stopped || !seen) return;",
      "    if (stopped) return;",
    ], [
      "if (!stopped && seen) callOff",
      "if (!stopped) callOff",
    ], ["      if (!now) callOff();\n", ""]],
    "a page goes on looking seldom though something happened": [[
      "quiet = changed ? 0 : quiet + 1;",
      "quiet++;",
    ]],
  }),
  ...mistakesIn("console/data/broadcast.ts", "console/broadcast.test.ts", {
    "a channel that is refused is asked for at once, again and again": [[
      "AGAIN_MS.first * 2 ** failures++",
      "failures",
    ]],
    "a page listens where everybody may": [[
      "config = { private: true,",
      "config = { private: false,",
    ]],
    "somebody else's change is one of the page's": [[" || !topics.includes(topic)", ""]],
  }),
  ...mistakesIn("console/data/api.ts", "console/api.test.ts", {
    "an answer that breaks off is told in the browser's words": [[
      'throw Object.assign(new ApiFault("no_answer"), { cause });',
      "throw cause;",
    ]],
  }),
  ...mistakesIn("console/data/next-action.ts", "console/next-action.test.ts", {
    "a number that a person disconnected is promised a reconnection": [[
      "  if (instance.manualDisconnect) {",
      "  if (instance.manualDisconnect === null) {",
    ]],
  }),
];
