/**
 * Mistakes in the ladder's database: when a repair is open, due, and whose it is.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const GATEWAYS = "supabase/migrations/20261126200350_gateways.sql";
const SESSION = "supabase/migrations/20261126200200_session.sql";

/** See {@linkcode Mutation}. */
export const LADDER_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(LADDER, "advance-ghost-repairs/ladder/policy.test.ts", {
    "an organization's own policy is not asked": [[
      "where p.organization_id = (",
      "where p.organization_id <> (",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/session-conflict-repair.test.ts", {
    "a repair that is over is taken for the open one": [[
      "r.instance_id = p_instance_id and r.closed_at is null and r.hearing is null);\nend $$;\n\ncreate or replace function ghost_repair.has_open_repair",
      "r.instance_id = p_instance_id order by r.opened_at limit 1);\nend $$;\n\ncreate or replace function ghost_repair.has_open_repair",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/repair-steps.test.ts", {
    "a repair that is over counts as open": [[
      "r.instance_id = p_instance_id and r.closed_at is null and r.hearing is null);\nend $$;\n\n-- The patch's place for it: one repair",
      "r.instance_id = p_instance_id and r.hearing is null);\nend $$;\n\n-- The patch's place for it: one repair",
    ]],
    "a number that a person disconnected is suspected": [[
      "v_session.instance_id is null or v_session.manual_disconnect or not",
      "v_session.instance_id is null or not",
    ]],
    "numbers that failed hours apart are an outage": [[
      "between mine.opened_at - s.outage_within and",
      "between mine.opened_at - interval '2 hours' and",
    ]],
    "a step that the webhooks told of is made again": [[
      "and c.last_at >= p_repair.unanswered_since)",
      "and false)",
    ]],
    "the ladder probes while two sockets fight": [[
      "\n  and not ghost_repair.is_session_conflict(r.instance_id);",
      ";",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/repair-handover.test.ts", {
    "a ladder that took no logout over has none left to make": [[
      "p_logout is distinct from 'not_called', (select",
      "true, (select",
    ]],
    "the ladder begins while the registry is still being read": [[
      "(select s.handover from ghost_repair.settings s))",
      "interval '0')",
    ]],
    "a registry that says close leaves the ladder at work": [[
      "  if p_outcome = 'invalidated' then",
      "  if false then",
    ]],
    "a repair that was withdrawn is said to have healed": [[
      "close_ghost_repair(p_instance_id, p_why)",
      "close_ghost_repair(p_instance_id, 'healed')",
    ]],
    "a repair that is still at work counts as abandoned": [[
      "where c.finished_at is null and c.expires_at <= ghost_repair.now()\n    order",
      "where c.finished_at is null\n    order",
    ], [
      "where c.instance_id = v_id and c.finished_at is null and c.expires_at <= ghost_repair.now();",
      "where c.instance_id = v_id and c.finished_at is null;",
    ]],
    "a ghost whose repair was abandoned is nobody's": [[
      "if found and public.suspect_session(v_id, 'repair_abandoned') then",
      "if false then",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/repair-ladder.test.ts", {
    "a logout of which no answer is known is made again": [[
      "p_step in ('connect', 'restart')\n    and not",
      "p_step in ('connect', 'restart', 'logout')\n    and not",
    ]],
    "a repair is looked at before its time": [[
      "r.hearing is null and r.next_step_at <= ghost_repair.now()\n  -- That",
      "r.hearing is null\n  -- That",
    ]],
    "two ticks take one repair's step": [[
      "  where l.token is not null\n  order by r.next_step_at",
      "  order by r.next_step_at",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/blocked-repairs.test.ts", {
    "a fight that a project's own webhook reports is news of the session": [[
      "  if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) then\n    return true;",
      "  if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) then\n    return false;",
    ]],
    "a repair without credentials is nobody's": [[
      "      then 'no_credentials'\n",
      "      then null\n",
    ]],
  }),
  ...mistakesIn(LADDER, [
    "database/repair/ghost-repair-verbs.test.ts",
    "advance-ghost-repairs/ladder/outage.test.ts",
  ], {
    "a failed send logs out in an outage": [[
      "  select 'outage' from ghost_repair.settings s\n",
      "  select null from ghost_repair.settings s\n",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/ghost-repair-verbs.test.ts", {
    "numbers whose repair has only begun are no part of an outage": [[
      "    where c.claimed_at > ghost_repair.now() - s.outage_within\n",
      "    where false\n",
    ]],
  }),
  ...mistakesIn(GATEWAYS, "database/repair/blocked-repairs.test.ts", {
    "a webhook of long ago makes silence count": [[
      "g.last_webhook_at\n      > ghost_repair.now() - (select s.webhook_heard_within from ghost_repair.settings s))",
      "true)",
    ]],
    "a webhook that is delivered is not noted": [[
      "if v_api_url is null or exists (",
      "if true or exists (",
    ]],
  }),
  ...mistakesIn(SESSION, "database/repair/blocked-repairs.test.ts", {
    "a number beside a connected one is taken for the gateway's only one": [[
      "select i.status = 'connected' from",
      "select false from",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/unexpected-qr.test.ts", {
    "a QR code right after a false alarm is believed": [[
      "p_reason <> 'unexpected_qr_code' or r.outcome",
      "true or r.outcome",
    ]],
    "a QR code right after a call that helped is believed": [[
      "or r.outcome <> 'healed' and coalesce(",
      "or coalesce(",
    ]],
    "a QR code that nobody asked for is shown over a pairing that may live": [[
      "    return v_session.status = 'connected'\n",
      "    return false\n",
    ]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127223000_ghost_takes_over.sql",
    "database/repair/repair-steps.test.ts",
    {
      "a logout that was made already is made again": [[
        "logout_called_at = coalesce(r.logout_called_at, excluded.logout_called_at)",
        "logout_called_at = r.logout_called_at",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223100_hold_back_reason.sql",
    "database/repair/repair-handover.test.ts",
    {
      "a send whose number waits for a person is told that it is being repaired": [[
        "when 'needs_operator' then r.state else",
        "when 'none' then r.state else",
      ]],
      "a ladder that nobody advances holds every claim up": [[
        "and l.leased_at > ghost_repair.now() - s.advancing_within))",
        "and l.leased_at is not null))",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223100_hold_back_reason.sql",
    "database/repair/session-conflict-repair.test.ts",
    {
      "a failed send logs out while two sockets fight": [[
        "ghost_repair.is_session_conflict(p_instance_id, s.advancing_within)",
        "false",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223400_settled_repairs.sql",
    "database/repair/settled-once.test.ts",
    {
      "what stood in a repair's way is told of though it is gone meanwhile": [[
        "select b.* into v_blocked from ghost_repair.blocked_repairs b where b.id = v_listed.id;",
        "select v_listed.id, v_listed.instance_id, 'no_credentials' as reason into v_blocked;",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223400_settled_repairs.sql",
    "database/repair/blocked-repairs.test.ts",
    {
      "a repair that nothing blocks any more stays a person's": [[
        "      state = case when v_blocked.reason is null then 'open' else 'needs_operator' end,\n",
        "",
      ]],
    },
  ),
];
