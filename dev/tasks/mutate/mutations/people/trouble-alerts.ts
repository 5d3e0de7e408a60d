/**
 * Mistakes in telling people that a trouble with a gateway is over.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const silent = (name: string, ...edits: Mutation["edits"]): Mutation => ({
  name,
  file: "supabase/migrations/20261127221300_silent_gateways.sql",
  edits,
  tests: ["database/people/silent-gateways.test.ts"],
});

const ends = (name: string, ...edits: Mutation["edits"]): Mutation => ({
  name,
  file: "supabase/migrations/20261127221100_trouble_ends.sql",
  edits,
  tests: ["database/people/trouble-alerts.test.ts"],
});

const silentTrouble = (name: string, ...edits: Mutation["edits"]): Mutation => ({
  ...silent(name, ...edits),
  tests: ["database/people/trouble-alerts.test.ts"],
});

/** See {@linkcode Mutation}. */
export const TROUBLE_ALERT_MUTATIONS: readonly Mutation[] = [
  ends("nobody hears that a connected number's trouble is over", [
    "perform ghost_repair.raise_alert(p_instance_id, 'recovered');",
    "null;",
  ]),
  ends("the end of any trouble ends what a person was told of since", [
    "n.kind = 'down' and n.reason = old.told_reason)",
    "n.kind = 'down')",
  ]),
  ends("a trouble is over while the repair still needs a person", [
    "r.instance_id = p_instance_id and r.closed_at is null and r.state = 'needs_operator'),",
    "false),",
  ]),
  ends("a suspected number is told to be back", [
    " and not ghost_repair.has_open_repair(p_instance_id) then",
    " then",
  ]),
  ends("a code that waits is not told again after an outage", [
    "perform ghost_repair.raise_alert(p_instance_id, 'qr');",
    "null;",
  ]),
  ends("a number without an attempt left is nobody's after an outage", [
    "where l.id = p_instance_id and l.attempts",
    "where false and l.attempts",
  ]),
  ends("the same trouble is no news while a number is being reconnected", [
    "set kind = 'down', reason = null\n",
    "set kind = 'down', reason = n.reason\n",
  ]),
  ends("a repair is over while its number's gateway is still away", [
    "(select t.told_reason from ghost_repair.troubles t where t.instance_id = p_instance_id),",
    "null,",
  ]),
  ends("a false alarm that a person was told of is never over", [
    "begin\n  perform ghost_repair.tell_what_is_left(new.instance_id);",
    "begin\n  perform 1;",
  ]),
  ends("a repair's end says how its number was before it was written", [
    "  deferrable initially deferred\n",
    "  deferrable initially immediate\n",
  ]),
  ends("what was not told of a repair is told after its end", [
    "    where a.instance_id = p_instance_id and a.message_id is null;",
    "    where false;",
  ]),
  ends("a second reason hides that the first was told of", [
    "for each row when (old.told_reason is not null)",
    "for each row when (old.told_at is not null)",
  ]),
  ends("another key counts as the end of what the old one did", [
    "where t.instance_id = p_instance_id and (t.told_reason is null or (",
    "where t.instance_id = p_instance_id and (true or (",
  ]),
  ends("another key ends nothing where nobody looks any more", [
    "select w.state = 'later' and w.every is null from",
    "select false from",
  ]),
  silentTrouble("a trouble of a number whose probe proves nothing never ends", [
    "          and (t.reason is null or t.reason like 'gateway\\_%');\n",
    "          and false;\n",
  ]),
  ends("a wrong new key is told of as if it were the old one", [
    "set reason = null, since = ghost_repair.now(), told_at = null\n",
    "set since = t.since\n",
  ]),
  ends("a number that is heard of keeps its trouble for ever", [
    "where t.instance_id = w.instance_id and t.told_reason is not null) then 'due'",
    "where false) then 'due'",
  ]),
  silent("a gateway is away for a day, and its connected numbers say nothing", [
    "  elsif v_gateway.silent_since <= v_long_ago",
    "  elsif false",
  ]),
  silent("a silent gateway's number is told to be back by its report", [
    "elsif new.kind <> 'connected' or not ghost_repair.tells_of_silence(new.instance_id) then",
    "else",
  ]),
  silent("a silent gateway's number is as any other", [
    "where t.instance_id = p_instance_id and t.told_reason = 'gateway_unreachable');",
    "where false);",
  ]),
  silentTrouble("a number's gateway counts as silent whatever it was told of", [
    "    join ghost_repair.silent_gateways g on g.api_url = k.api_url\n",
    "",
  ]),
  {
    name: "a silent gateway's report ends what its silence is told of",
    file: "supabase/migrations/20261127223200_repeated_opens.sql",
    edits: [["or not ghost_repair.tells_of_silence(p_instance_id)", "or true"]],
    tests: ["database/people/silent-gateways.test.ts"],
  },
  silent("a gateway that was away for a moment is told of", [
    "  elsif v_gateway.silent_since <= v_long_ago",
    "  elsif true",
  ]),
  silent("two moments of a day are a silence of a day", [
    " or v_gateway.silent_looked_at <= v_long_ago then",
    " then",
  ]),
  silent("each number of a silent gateway is told of, one after another", [
    "and coalesce(v_gateway.silence_told_at < v_gateway.silent_since, true) then",
    "then",
  ]),
  silent("one organization of a silent gateway is told for all", [
    "select distinct on (i.organization_id) i.id\n",
    "select i.id\n",
  ], [
    "order by i.organization_id, i.id <> p_instance_id, i.id\n",
    "order by i.id <> p_instance_id, i.id limit 1\n",
  ]),
  silent("every number of a silent gateway is an alarm of its own", [
    "select distinct on (i.organization_id) i.id\n",
    "select i.id\n",
  ]),
  silent("a number that a person disconnected is told of for its silent gateway", [
    " and i.status = 'connected' and i.deleted_at is null\n",
    "\n",
  ]),
  silent("a silence is told of as if it had begun when it was told", [
    "values (v_id, 'gateway_unreachable', v_gateway.silent_since)",
    "values (v_id, 'gateway_unreachable', v_now)",
  ]),
  silent("a silence that has ended is told of for as long as its number is heard of", [
    "      where k.instance_id = t.instance_id) = new.api_url\n",
    "      where k.instance_id = t.instance_id) is null\n",
  ]),
  silent("one gateway's answer ends what another's silence is told of", [
    "    and (select k.api_url from private.instance_credentials k\n      where k.instance_id = t.instance_id) = new.api_url\n",
    "",
  ]),
  silent("an answer to the watch ends what a number is told of that waits", [
    "      where i.id = t.instance_id) = 'connected';",
    "      where i.id = t.instance_id) is not null;",
  ]),
  silent("the numbers of a silent gateway say that they are well", [
    "case when i.status = 'connected' and (select",
    "case when false and (select",
  ]),
  silent("a gateway counts as silent though nobody has looked for long", [
    "  and g.silent_looked_at > ghost_repair.now() - s.tell_after;",
    "  ;",
  ]),
  silent("a gateway counts as silent before anybody was told", [
    "where g.silence_told_at >= g.silent_since\n",
    "where g.silent_since is not null\n",
  ]),
  silent("another reason that has not lasted hides the first", [
    "case when t.reason is not null then t.told_reason end",
    "case when t.told_at is not null then t.told_reason end",
  ]),
];
