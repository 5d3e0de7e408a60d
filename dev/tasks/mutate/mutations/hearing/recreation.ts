/**
 * Mistakes with numbers that are deleted and made anew.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const sql = (name: string, ...edits: Mutation["edits"]): Mutation => ({
  name,
  file: "supabase/migrations/20261126201372_recreation.sql",
  edits,
  tests: ["database/repair/recreation.test.ts"],
});

const recreate = (name: string, ...edits: Mutation["edits"]): Mutation => ({
  name,
  file: "supabase/functions/advance-ghost-repairs/recreate-instances.ts",
  edits,
  tests: ["advance-ghost-repairs/recreate.test.ts"],
});

/** See {@linkcode Mutation}. */
export const RECREATION_MUTATIONS: readonly Mutation[] = [
  sql("what everybody may overrules an organization that may not", [
    "    (select p.allow_recreate from ghost_repair.policies p",
    "    (select null::boolean from ghost_repair.policies p",
  ]),
  sql("numbers are deleted though nobody allowed it", [
    "    and ghost_repair.allows_recreate(p_instance_id)\n",
    "",
  ]),
  sql("numbers are deleted where that does not work", ["and g.deletes_zombies)", ")"]),
  sql("numbers are deleted whatever they need", [
    "  select p_reason in ('steps_used_up', 'restarted_in_vain', 'deaf_after_logout')\n",
    "  select true\n",
  ]),
  sql("what did not help is done over and over", [
    "        and r.recreate_called_at > ghost_repair.now() - s.recreate_again)",
    "        and false)",
  ]),
  sql("every open repair is to be made anew", ["and r.state = 'recreating' and", "and"]),
  sql("two ticks make one number anew at once", [
    "    where not ghost_repair.is_leased('repair', d.id, p_tick_started)\n",
    "",
  ], [
    "    select d.id, ghost_repair.take_lease('repair', d.id,\n      make_interval(secs => p_lease_seconds), p_tick_started) as token",
    "    select d.id, ghost_repair.take_lease('repair', d.id,\n      make_interval(secs => p_lease_seconds), p_tick_started, true) as token",
  ]),
  sql("a number is deleted while its whole gateway fails", [
    "    or ghost_repair.is_outage(p_repair_id))) then",
    "    or false)) then",
  ]),
  sql("what was deleted is not made again once that is forbidden", [
    "or (not v_again and (",
    "or (true and (",
  ]),
  sql("a number that is nowhere says connected", [
    '    perform ghost_repair.mark_disconnected(v_repair.instance_id, \'{"source": "recreate"}\');\n',
    "    null;\n",
  ]),
  sql("a number that is nowhere is told to nobody", [
    "    v_repair.waiting_since < ghost_repair.now() - v_settings.recreate_patience\n",
    "    false\n",
  ]),
  sql("what may not be done any more is waited for", [
    "    or (v_repair.recreate_called_at is null and not",
    "    or (false and not",
  ]),
  sql("a number that was made anew stays the repair's", [
    "      perform ghost_repair.close_ghost_repair(v_repair.instance_id, 'recreated');\n",
    "",
  ]),
  {
    name: "a number that is being made anew is probed and restarted",
    file: "supabase/migrations/20261126200600_ghost_ladder.sql",
    edits: [["  and r.state <> 'recreating'\n", ""]],
    tests: ["database/repair/recreation.test.ts"],
  },
  {
    name: "an instance's own key counts as one that can make it anew",
    file: "supabase/functions/_shared/gateway/session.ts",
    edits: [["data?.token === apiKey", "data?.token === null"]],
    tests: ["shared/gateway/irreplaceable.test.ts"],
  },
  {
    name: "an instance's proxy is thrown away with it",
    file: "supabase/functions/_shared/gateway/session.ts",
    edits: [['const OWN_SETTINGS = ["Proxy", ', "const OWN_SETTINGS = ["]],
    tests: ["shared/gateway/irreplaceable.test.ts"],
  },
  recreate("what cannot be given back is deleted", [
    "    if (registry.irreplaceable !== undefined) {\n",
    "    if (false) {\n",
  ]),
  recreate("a session that answers is deleted", [
    'outcome === "alive") {\n',
    "outcome === null) {\n",
  ]),
  recreate("a deletion that nobody granted is made", ["  if (keys === null) return WAIT;\n", ""], [
    "keys.webhook_secret, keys.webhook_token",
    'keys?.webhook_secret ?? "", keys?.webhook_token',
  ]),
  recreate("a version that refuses to delete a zombie is asked to", [
    "  if (!lease.begun && isUnable(found)) return",
    "  if (false) return",
  ]),
  recreate("silence is taken for leave to delete", [
    '  if (found.kind !== "evolution") return WAIT;\n',
    "",
  ]),
  recreate("a name that is not free yet is given up", [
    '    if (outcome !== "name_taken") break;\n',
    "    break;\n",
  ]),
  recreate("the webhook's own host is forgotten", [
    "return isOurs ? webhook.url : ours;",
    "return ours;",
  ]),
  recreate("somebody else's webhook gets the number's reports", [
    "    URL.parse(webhook.url)?.pathname === URL.parse(ours)?.pathname;",
    "    webhook.url !== undefined;",
  ]),
  recreate("an instance that was never deleted counts as the new one", [
    '  if (!("ownNumber" in after) || after.ownNumber !== null) return WAIT;\n',
    "",
  ]),
];
