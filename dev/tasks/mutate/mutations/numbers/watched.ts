/**
 * Mistakes in the watch over connected numbers.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const MIGRATIONS = "supabase/migrations/20261126";
const REPAIR = `${MIGRATIONS}200300_ghost_repair.sql`;
const WATCH = `${MIGRATIONS}200850_watch.sql`;
const WEBHOOK = `${MIGRATIONS}201200_webhook.sql`;
const WATCHED_TEST = "database/numbers/watched-numbers.test.ts";

/** See {@linkcode Mutation}. */
export const WATCHED_MUTATIONS: readonly Mutation[] = [
  {
    name: "an old proof of life counts as a new one",
    file: REPAIR,
    edits: [[
      "least(ghost_repair.now(), coalesce(p_at, ghost_repair.now()))",
      "ghost_repair.now()",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "proof of life is written with every report",
    file: REPAIR,
    edits: [[
      "    < v_at - (select s.alive_noted_every from ghost_repair.settings s))",
      "    < v_at)",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "what WhatsApp refused is proof of life",
    file: WEBHOOK,
    edits: [[
      "  else\n    perform ghost_repair.note_alive(p_instance_id, p_signed_at);\n  end if;",
      "  end if;\n  perform ghost_repair.note_alive(p_instance_id, p_signed_at);",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a message of an hour ago is proof of life",
    file: WEBHOOK,
    edits: [[
      "least(ghost_repair.now(), (p_message ->> 'sent_at')::timestamptz)",
      "ghost_repair.now()",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a number that became connected is looked at as late as any",
    file: WATCH,
    edits: [[
      "next_look_at = least(w.next_look_at, excluded.next_look_at), finding = null",
      "finding = null",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a number with proof of life is probed",
    file: WATCH,
    edits: [[
      "        and i.last_alive_at + e.every * w.stretch * 0.7 > ghost_repair.now()) then 'alive'",
      "        and false) then 'alive'",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "what is under repair is probed by the watch too",
    file: WATCH,
    edits: [[" or ghost_repair.has_open_repair(i.id) then 'later'", " then 'later'"]],
    tests: [WATCHED_TEST],
  },
  {
    name: "an organization that switched the watch off is watched",
    file: WATCH,
    edits: [["select case when p.enabled is not false then", "select case when true then"]],
    tests: [WATCHED_TEST],
  },
  {
    name: "an organization cannot be watched alone",
    file: WATCH,
    edits: [[
      "select from ghost_repair.watch_policies p where p.enabled and p.watch_interval is not null)",
      "select where false)",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "all numbers are probed at once, for ever",
    file: WATCH,
    edits: [["select p_interval * (0.8 + 0.4 * ghost_repair.chance())", "select p_interval"]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a number that somebody probes is leased again at once",
    file: WATCH,
    edits: [["    where w.next_look_at <= ghost_repair.now() + p_early\n", "    where true\n"]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a gateway gets all its probes in one second",
    file: WATCH,
    edits: [["make_interval(secs => (l.place - 1) / v_rate)", "interval '0'"]],
    tests: [WATCHED_TEST],
  },
  {
    name: "two ticks at once give a gateway twice its probes",
    file: WATCH,
    edits: [[
      "          else l.starts_at + make_interval(secs => l.numbers / v_rate) end\n",
      "          else g.next_probe_at end\n",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a silent gateway is asked by all its numbers",
    file: WATCH,
    edits: [["select g.silent_since is not null\n        or cardinality", "select cardinality"]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a dead gateway whose other numbers are heard of is an outage",
    file: WATCH,
    edits: [["select i.last_alive_at > p_since from", "select false from"]],
    tests: [WATCHED_TEST],
  },
  {
    name: "the ladder goes on while its gateway's numbers are dead one after another",
    file: WATCH,
    edits: [[
      "and cardinality(g.dead_numbers) >= s.outage_numbers\n",
      "and false\n",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "every number of a dead gateway is repaired",
    file: WATCH,
    edits: [[
      "  if cardinality(v_gateway.dead_numbers) >= v_settings.outage_numbers then\n    return true;",
      "  if false then\n    return true;",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "one number that is found dead three times is an outage",
    file: WATCH,
    edits: [[
      "  if not p_instance_id = any (v_gateway.dead_numbers)\n    and cardinality",
      "  if cardinality",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a dead number's neighbours wait for their turn",
    file: WATCH,
    edits: [[
      "    limit v_settings.watch_neighbours for update of n skip locked));",
      "    limit 0 for update of n skip locked));",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "dead is written over what was heard meanwhile",
    file: WATCH,
    edits: [[
      "            and i.last_alive_at > (v_leases ->> v_found.instance_id::text)::timestamptz)\n",
      "            and false)\n",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "dead is written over a session that was reported open",
    file: WATCH,
    edits: [["if v_session.connection_epoch is distinct from v_found.epoch\n        or ", "if "]],
    tests: [WATCHED_TEST],
  },
  {
    name: "WhatsApp's limit changes nothing about how often it is asked",
    file: WATCH,
    edits: [[
      "when 'limited' then least(d.stretch * 2, v_settings.watch_stretch_most)",
      "when 'limited' then d.stretch",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "after WhatsApp's limit a number is looked at rarely for half a day",
    file: WATCH,
    edits: [["then greatest(d.stretch / 2, 1)", "then greatest(d.stretch - 1, 1)"]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a session that opens every minute is never probed",
    file: WEBHOOK,
    edits: [[
      "if v_instance.status <> 'connected' then\n        perform ghost_repair.note_alive",
      "if true then\n        perform ghost_repair.note_alive",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a session that opened is no proof of life",
    file: WEBHOOK,
    edits: [[
      "if v_instance.status <> 'connected' then\n        perform ghost_repair.note_alive",
      "if false then\n        perform ghost_repair.note_alive",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a silent gateway is told of with every look",
    file: WATCH,
    edits: [[
      "where g.api_url = v_found.api_url and g.silent_since is null;",
      "where g.api_url = v_found.api_url;",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "the row says connected although the watch found it dead",
    file: WATCH,
    edits: [[
      '        perform ghost_repair.mark_disconnected(v_found.instance_id, \'{"source": "watch"}\');\n',
      "",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a gateway's number that lives does not end its outage",
    file: WATCH,
    edits: [[
      "      dead_numbers = case when p_alive then '{}' else g.dead_numbers end,\n",
      "",
    ]],
    tests: [WATCHED_TEST],
  },
  {
    name: "a gateway that speaks again is asked by one number for ever",
    file: WATCH,
    edits: [["set\n      silent_since = null,\n", "set\n      silent_since = g.silent_since,\n"]],
    tests: [WATCHED_TEST],
  },
  {
    name: "after a call the next minute looks whether the session opened",
    file: "supabase/functions/advance-ghost-repairs/advance-repair.ts",
    edits: [['if (step === "logout" || ownNumber === null) return', "if (true) return"]],
    tests: ["advance-ghost-repairs/advance-repair.test.ts"],
  },
];
