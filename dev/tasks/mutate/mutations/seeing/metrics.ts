/**
 * Mistakes in what is measured.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const TOTALS = "supabase/migrations/20261126200340_totals.sql";
const METRICS = "supabase/migrations/20261126201460_metrics.sql";
const HANDLER = "supabase/functions/metrics/handler.ts";
const EXPOSITION = "supabase/functions/metrics/exposition.ts";

/** See {@linkcode Mutation}. */
export const METRICS_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(TOTALS, "database/seeing/totals.test.ts", {
    "a label takes any text": [[
      "when p_value ~ '^[a-z][a-z0-9_-]{0,39}$' then p_value else 'other' end",
      "else p_value end",
    ]],
    "a clock that went back makes a sum fall": [[
      "case when p_seconds < 0 then 0 else p_seconds end",
      "p_seconds",
    ]],
    "a time stands beside its bucket": [["'{30,60,120,180,300,", "'{30,60,120,240,300,"]],
    "a bucket holds what does not fit": [[
      "case when p_raised.seconds <= b.le then p_raised.times else 0 end",
      "p_raised.times",
    ]],
    "a sum forgets how often": [["p_raised.seconds * p_raised.times", "p_raised.seconds"]],
    "what was raised in the last minute is not there": [[
      "  union all\n  select s.name, s.labels, s.value\n  from ghost_repair.raised_totals r cross join lateral ghost_repair.samples_of(r) s\n",
      "",
    ]],
    "what is added up is counted twice": [[
      "  with taken as (\n    delete from ghost_repair.raised_totals r\n    where r.ctid = any (array(\n      select o.ctid from ghost_repair.raised_totals o limit 50000 for update skip locked))\n    returning r.*",
      "  with taken as (\n    select r.* from ghost_repair.raised_totals r",
    ]],
    "what is added up takes the place of what was there": [[
      "set value = t.value + excluded.value",
      "set value = excluded.value",
    ]],
  }),
  ...mistakesIn(METRICS, "database/seeing/totals.test.ts", {
    "a failed send is counted as sent": [[
      "when new.status = 'failed' then\n      jsonb_build_object('end', 'failed',",
      "when new.status = 'failed' then\n      jsonb_build_object('end', 'sent',",
    ]],
    "a corrected end looks like any other": [[
      '"reason": "corrected"}\'\n    else',
      '"reason": "none"}\'\n    else',
    ]],
    "every tick of a message is an end": [[
      "    and (new.status = 'failed' or (old.status in ('sending', 'held', 'failed')\n      and new.status in ('sent', 'delivered', 'read'))))",
      "    )",
    ]],
    "a repair of the watch is counted as another": [[
      "when p_repair.evidence ? 'suspicion' then p_repair.evidence ->> 'suspicion'",
      "when false then p_repair.evidence ->> 'suspicion'",
    ]],
    "a repair's end is not told": [[
      "'outcome', ghost_repair.label_word(new.outcome)));\n  return null;\nend $$;\ncreate or replace trigger ghost_repairs_counted",
      "'outcome', 'none'));\n  return null;\nend $$;\ncreate or replace trigger ghost_repairs_counted",
    ]],
    "a number that nothing was heard of was found at once": [[
      "      if v_alive_at is not null then",
      "      if true then",
    ], [
      "ghost_repair.now() - v_alive_at)::float8",
      "ghost_repair.now() - coalesce(v_alive_at, ghost_repair.now()))::float8",
    ]],
    "a scan that was waited for is nobody's": [[
      "case old.status when 'awaiting_qr' then 'scan' else 'nobody' end",
      "'nobody'",
    ]],
    "what a person disconnected was away": [["\n    and not old.manual_disconnect)", ")"]],
    "a first pairing was away": [[" and old.connection_epoch > 0", ""]],
    "a restart that ended is another that was asked": [[
      "if tg_op = 'INSERT' then",
      "if true then",
    ]],
    "a trial's verdict is not told": [[
      "ghost_repair.label_word(new.verdict)",
      "'none'",
    ]],
    "an alert's end is not told": [["'end', new.state));", "'end', 'dropped'));"]],
    "what was recovered before is counted again": [[
      "new.stored - old.stored)",
      "new.stored)",
    ]],
  }),
  ...mistakesIn(METRICS, "database/seeing/metrics.test.ts", {
    "a gateway's address is shown": [[
      "  select left(pg_catalog.encode(\n    pg_catalog.sha256(pg_catalog.convert_to(p_api_url, 'UTF8')), 'hex'), 12)",
      "  select p_api_url",
    ]],
    "every gateway has series of its own": [[
      "<= 50\n  then",
      "<= 5000\n  then",
    ]],
    "work that nobody takes has no age": [[
      "select 'repairs' as work, (select min(d.next_step_at) from ghost_repair.due_repairs d) as due_at",
      "select 'repairs' as work, null::timestamptz as due_at",
    ]],
    "looks that nobody wants have an age": [[
      "case when ghost_repair.is_watch_on() then (",
      "case when true then (",
    ]],
    "a queued message waits from when its sender gave up": [[
      "m.sender_until - s.sender_time)",
      "m.sender_until)",
    ]],
    "a switched off part is told as on": [["('alerts', s.alerts))", "('alerts', true))"]],
    "repairs that ended are told as open": [[
      "    from public.ghost_repairs r where r.closed_at is null\n    group by r.state",
      "    from public.ghost_repairs r\n    group by r.state",
    ]],
  }),
  ...mistakesIn(HANDLER, "metrics/handler.test.ts", {
    "anybody reads what was measured": [["    requireBearer(request, metricsTokens);\n", ""]],
    "without a token the page is there": [[
      "if (metricsTokens.length === 0) throw",
      "if (false) throw",
    ]],
  }),
  ...mistakesIn("supabase/functions/_shared/runtime/environment.ts", "metrics/handler.test.ts", {
    "the token of before counts no more": [[
      "[parsed.data.METRICS_TOKEN, parsed.data.METRICS_TOKEN_PREVIOUS]",
      "[parsed.data.METRICS_TOKEN]",
    ]],
  }),
  ...mistakesIn(EXPOSITION, "metrics/exposition.test.ts", {
    "buckets stand in the order of their text": [["(a.le < b.le ? -1 : a.le > b.le ? 1 : 0)", "0"]],
    "a label's quotes end it": [[".replaceAll('\"', '\\\\\"')", ""]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261126200850_watch.sql",
    "database/seeing/totals.test.ts",
    {},
  ),
  ...mistakesIn(
    "supabase/migrations/20261127221300_silent_gateways.sql",
    "database/seeing/totals.test.ts",
    {
      "looks are not counted": [[
        "from jsonb_each_text(v_ends) e where e.value <> 'skipped' group by e.value;",
        "from jsonb_each_text(v_ends) e where false group by e.value;",
      ]],
    },
  ),
];
