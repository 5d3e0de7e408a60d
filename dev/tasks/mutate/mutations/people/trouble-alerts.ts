/**
 * Mistakes in telling people that a trouble with a gateway is over.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const ends = (name: string, ...edits: Mutation["edits"]): Mutation => ({
  name,
  file: "supabase/migrations/20261127221100_trouble_ends.sql",
  edits,
  tests: ["database/people/trouble-alerts.test.ts"],
});

/** See {@linkcode Mutation}. */
export const TROUBLE_ALERT_MUTATIONS: readonly Mutation[] = [
  ends("nobody hears that a connected number's trouble is over", [
    "perform ghost_repair.raise_alert(v_id, 'recovered');",
    "null;",
  ]),
  ends("the end of any trouble ends what a person was told of since", [
    "n.kind = 'down' and n.reason = old.told_reason)",
    "n.kind = 'down')",
  ]),
  ends("a trouble is over while the repair still needs a person", [
    "r.instance_id = v_id and r.closed_at is null and r.state = 'needs_operator';",
    "false;",
  ]),
  ends("a suspected number is told to be back", [
    " and not ghost_repair.has_open_repair(v_id) then",
    " then",
  ]),
  ends("a code that waits is not told again after an outage", [
    "perform ghost_repair.raise_alert(v_id, 'qr');",
    "null;",
  ]),
  ends("a number without an attempt left is nobody's after an outage", [
    "perform ghost_repair.raise_alert(v_id, 'down', 'reconnect_attempts_exhausted');",
    "null;",
  ]),
  ends("the same trouble is no news while a number is being reconnected", [
    "set reason = null where n.instance_id = v_id;",
    "set reason = n.reason where n.instance_id = v_id;",
  ]),
  ends("a second reason hides that the first was told of", [
    "for each row when (old.told_reason is not null)",
    "for each row when (old.told_at is not null)",
  ]),
  ends("another key counts as the end of what the old one did", [
    "where t.instance_id = p_instance_id and t.told_reason is null;",
    "where t.instance_id = p_instance_id;",
  ]),
  ends("a wrong new key is told of as if it were the old one", [
    "set reason = null, since = ghost_repair.now(), told_at = null\n",
    "set since = t.since\n",
  ]),
  ends("a number that is heard of keeps its trouble for ever", [
    "where t.instance_id = w.instance_id and t.told_reason is not null) then 'due'",
    "where false) then 'due'",
  ]),
];
