/**
 * Mistakes with numbers that are deleted and made anew.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const SQL = "supabase/migrations/20261126201372_recreation.sql";
const RECREATE = "supabase/functions/advance-ghost-repairs/recreate-instances.ts";
const GHOST_LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const SESSION = "supabase/functions/_shared/gateway/session.ts";

/** See {@linkcode Mutation}. */
export const RECREATION_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(SQL, "database/repair/recreation.test.ts", {
    "what everybody may overrules an organization that may not": [[
      "    (select p.allow_recreate from ghost_repair.policies p",
      "    (select null::boolean from ghost_repair.policies p",
    ]],
    "numbers are deleted though nobody allowed it": [[
      "    and ghost_repair.allows_recreate(p_instance_id)\n",
      "",
    ]],
    "numbers are deleted where that does not work": [["and g.deletes_zombies)", ")"]],
    "numbers are deleted whatever they need": [[
      "  select p_reason in ('steps_used_up', 'restarted_in_vain', 'deaf_after_logout')\n",
      "  select true\n",
    ]],
    "what did not help is done over and over": [[
      "        and r.recreate_called_at > ghost_repair.now() - s.recreate_again)",
      "        and false)",
    ]],
    "every open repair is to be made anew": [["and r.state = 'recreating' and", "and"]],
    "two ticks make one number anew at once": [[
      "    where not ghost_repair.is_leased('repair', d.id, p_tick_started)\n",
      "",
    ], [
      "    select d.id, ghost_repair.take_lease('repair', d.id,\n      make_interval(secs => p_lease_seconds), p_tick_started) as token",
      "    select d.id, ghost_repair.take_lease('repair', d.id,\n      make_interval(secs => p_lease_seconds), p_tick_started, true) as token",
    ]],
    "a number is deleted while its whole gateway fails": [[
      "    or ghost_repair.is_outage(p_repair_id))) then",
      "    or false)) then",
    ]],
    "what was deleted is not made again once that is forbidden": [[
      "or (not v_again and (",
      "or (true and (",
    ]],
    "a number that is nowhere says connected": [[
      '    perform ghost_repair.mark_disconnected(v_repair.instance_id, \'{"source": "recreate"}\');\n',
      "    null;\n",
    ]],
    "a number that is nowhere is told to nobody": [[
      "    v_repair.waiting_since < ghost_repair.now() - v_settings.recreate_patience\n",
      "    false\n",
    ]],
    "what may not be done any more is waited for": [[
      "    or (v_repair.recreate_called_at is null and not",
      "    or (false and not",
    ]],
    "a number that was made anew stays the repair's": [[
      "      perform ghost_repair.close_ghost_repair(v_repair.instance_id, 'recreated');\n",
      "",
    ]],
  }),
  ...mistakesIn(GHOST_LADDER, "database/repair/recreation.test.ts", {
    "a number that is being made anew is probed and restarted": [[
      "  and r.state <> 'recreating'\n",
      "",
    ]],
  }),
  ...mistakesIn(SESSION, "shared/gateway/irreplaceable.test.ts", {
    "an instance's own key counts as one that can make it anew": [[
      "data?.token === apiKey",
      "data?.token === null",
    ]],
    "an instance's proxy is thrown away with it": [[
      'const OWN_SETTINGS = ["Proxy", ',
      "const OWN_SETTINGS = [",
    ]],
  }),
  ...mistakesIn(RECREATE, "advance-ghost-repairs/recreate.test.ts", {
    "what cannot be given back is deleted": [[
      "    if (registry.irreplaceable !== undefined) {\n",
      "    if (false) {\n",
    ]],
    "a session that answers is deleted": [[
      'outcome === "alive") {\n',
      "outcome === null) {\n",
    ]],
    "a deletion that nobody granted is made": [["  if (keys === null) return WAIT;\n", ""], [
      "keys.webhook_secret, keys.webhook_token",
      'keys?.webhook_secret ?? "", keys?.webhook_token',
    ]],
    "a version that refuses to delete a zombie is asked to": [[
      "  if (!lease.begun && isUnable(found)) return",
      "  if (false) return",
    ]],
    "silence is taken for leave to delete": [[
      '  if (found.kind !== "evolution") return WAIT;\n',
      "",
    ]],
    "a name that is not free yet is given up": [[
      '    if (outcome !== "name_taken") break;\n',
      "    break;\n",
    ]],
    "an instance that was never deleted counts as the new one": [[
      '  if (!("ownNumber" in after) || after.ownNumber !== null) return WAIT;\n',
      "",
    ]],
    "the webhook's own host is forgotten": [[
      "isOurWebhook(webhook, ourWebhook) ? webhook.url : ourWebhook",
      "ourWebhook",
    ]],
  }),
  ...mistakesIn(
    "supabase/functions/_shared/gateway/webhook-events.ts",
    "advance-ghost-repairs/recreate.test.ts",
    {
      "somebody else's webhook gets the number's reports": [[
        "    URL.parse(webhook.url)?.pathname === URL.parse(ours)?.pathname;",
        "    webhook.url !== ours + ours;",
      ]],
    },
  ),
];
