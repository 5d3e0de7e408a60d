/**
 * Mistakes in the watch over connected numbers.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const MIGRATIONS = "supabase/migrations/20261126";
const REPAIR = `${MIGRATIONS}200300_ghost_repair.sql`;
const WATCH = `${MIGRATIONS}200850_watch.sql`;
const WEBHOOK = `${MIGRATIONS}201200_webhook.sql`;
const WATCHED_TEST = "database/numbers/watched-numbers.test.ts";
const ADVANCE_REPAIR = "supabase/functions/advance-ghost-repairs/advance-repair.ts";

/** See {@linkcode Mutation}. */
export const WATCHED_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(REPAIR, WATCHED_TEST, {
    "an old proof of life counts as a new one": [[
      "least(ghost_repair.now(), coalesce(p_at, ghost_repair.now()))",
      "ghost_repair.now()",
    ]],
    "proof of life is written with every report": [[
      "    < v_at - (select s.alive_noted_every from ghost_repair.settings s))",
      "    < v_at)",
    ]],
  }),
  ...mistakesIn(WEBHOOK, WATCHED_TEST, {
    "what WhatsApp refused is proof of life": [[
      "  else\n    perform ghost_repair.note_alive(p_instance_id, p_signed_at);\n  end if;",
      "  end if;\n  perform ghost_repair.note_alive(p_instance_id, p_signed_at);",
    ]],
    "a message of an hour ago is proof of life": [[
      "least(ghost_repair.now(), (p_message ->> 'sent_at')::timestamptz)",
      "ghost_repair.now()",
    ]],
    "a session that opens every minute is never probed": [[
      "if v_instance.status <> 'connected' then\n        perform ghost_repair.note_alive",
      "if true then\n        perform ghost_repair.note_alive",
    ]],
    "a session that opened is no proof of life": [[
      "if v_instance.status <> 'connected' then\n        perform ghost_repair.note_alive",
      "if false then\n        perform ghost_repair.note_alive",
    ]],
  }),
  ...mistakesIn(WATCH, WATCHED_TEST, {
    "a number that became connected is looked at as late as any": [[
      "next_look_at = least(w.next_look_at, excluded.next_look_at), finding = null",
      "finding = null",
    ]],
    "an organization cannot be watched alone": [[
      "select from ghost_repair.watch_policies p where p.enabled and p.watch_interval is not null)",
      "select where false)",
    ]],
    "all numbers are probed at once, for ever": [[
      "select p_interval * (0.8 + 0.4 * ghost_repair.chance())",
      "select p_interval",
    ]],
    "a number that somebody probes is leased again at once": [[
      "    where w.next_look_at <= ghost_repair.now() + p_early\n",
      "    where true\n",
    ]],
    "a gateway gets all its probes in one second": [[
      "make_interval(secs => (l.place - 1) / v_rate)",
      "interval '0'",
    ]],
    "two ticks at once give a gateway twice its probes": [[
      "          else l.starts_at + make_interval(secs => l.numbers / v_rate) end\n",
      "          else g.next_probe_at end\n",
    ]],
    "a silent gateway is asked by all its numbers": [[
      "select g.silent_since is not null\n        or cardinality",
      "select cardinality",
    ]],
    "a dead gateway whose other numbers are heard of is an outage": [[
      "select i.last_alive_at > p_since from",
      "select false from",
    ]],
    "the ladder goes on while its gateway's numbers are dead one after another": [[
      "and cardinality(g.dead_numbers) >= s.outage_numbers\n",
      "and false\n",
    ]],
    "every number of a dead gateway is repaired": [[
      "  if cardinality(v_gateway.dead_numbers) >= v_settings.outage_numbers then\n    return true;",
      "  if false then\n    return true;",
    ]],
    "one number that is found dead three times is an outage": [[
      "  if not p_instance_id = any (v_gateway.dead_numbers)\n    and cardinality",
      "  if cardinality",
    ]],
    "a dead number's neighbours wait for their turn": [[
      "    limit v_settings.watch_neighbours for update of n skip locked));",
      "    limit 0 for update of n skip locked));",
    ]],
    "a gateway's number that lives does not end its outage": [[
      "      dead_numbers = case when p_alive then '{}' else g.dead_numbers end,\n",
      "",
    ]],
    "a gateway that speaks again is asked by one number for ever": [[
      "set\n      silent_since = null,\n",
      "set\n      silent_since = g.silent_since,\n",
    ]],
  }),
  ...mistakesIn(ADVANCE_REPAIR, "advance-ghost-repairs/advance-repair.test.ts", {
    "after a call the next minute looks whether the session opened": [[
      'if (step === "logout" || ownNumber === null) return',
      "if (true) return",
    ]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127221100_trouble_ends.sql",
    "database/numbers/watched-numbers.test.ts",
    {
      "a number with proof of life is probed": [[
        "        and i.last_alive_at + e.every * w.stretch * 0.7 > ghost_repair.now()) then 'alive'",
        "        and false) then 'alive'",
      ]],
      "what is under repair is probed by the watch too": [[
        " or ghost_repair.has_open_repair(i.id) then 'later'",
        " then 'later'",
      ]],
      "an organization that switched the watch off is watched": [[
        "select case when p.enabled is not false then",
        "select case when true then",
      ]],
      "a number without a gateway is probed": [[
        "    when e.every is null or k.api_url is null or ",
        "    when e.every is null or ",
      ]],
      "a number that is deleted is probed": [[
        "    when i.status <> 'connected' or i.deleted_at is not null then 'gone'",
        "    when i.status <> 'connected' then 'gone'",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127221300_silent_gateways.sql",
    "database/numbers/watched-numbers.test.ts",
    {
      "dead is written over what was heard meanwhile": [[
        "            and i.last_alive_at > (v_leases ->> v_found.instance_id::text)::timestamptz)\n",
        "            and false)\n",
      ]],
      "dead is written over a session that was reported open": [[
        "if v_session.connection_epoch is distinct from v_found.epoch\n        or ",
        "if ",
      ]],
      "WhatsApp's limit changes nothing about how often it is asked": [[
        "when 'limited' then least(d.stretch * 2, v_settings.watch_stretch_most)",
        "when 'limited' then d.stretch",
      ]],
      "after WhatsApp's limit a number is looked at rarely for half a day": [[
        "then greatest(d.stretch / 2, 1)",
        "then greatest(d.stretch - 1, 1)",
      ]],
      "a silent gateway is told of with every look": [[
        "if v_gateway.silent_since is null or ",
        "if true or ",
      ]],
      "the row says connected although the watch found it dead": [[
        '        perform ghost_repair.mark_disconnected(v_found.instance_id, \'{"source": "watch"}\');\n',
        "",
      ]],
      "what a look found after its lease is written": [[
        "      and l.token = f.token and l.expires_at > v_now\n",
        "      and l.token = f.token\n",
      ]],
      "what is dead and not connected any more is counted": [[
        "        or v_session.status is distinct from 'connected'\n",
        "",
      ]],
      "what was given a repair since the look is counted dead again": [[
        "        or ghost_repair.has_open_repair(v_found.instance_id) then\n        v_end",
        "        then\n        v_end",
      ]],
      "the own number is never learnt": [[
        "    if p_findings @? '$[*].own_number' then",
        "    if false then",
      ]],
      "a probe that proves nothing is told each time": [[
        "        if not exists (\n          select from ghost_repair.watched_numbers w\n          where w.instance_id = v_found.instance_id and w.finding = v_end) then",
        "        if true then",
      ]],
      "a gateway that refuses the key is nobody's trouble": [[
        "      if v_end like 'gateway_%' then",
        "      if false then",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261126200850_watch.sql",
    "database/numbers/watched-numbers.test.ts",
    {},
  ),
];
