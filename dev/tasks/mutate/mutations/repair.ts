/**
 * Mistakes in the repair that a failed send begins: its claim, its last look, its end.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const REPAIR = "supabase/migrations/20261126200300_ghost_repair.sql";

/** See {@linkcode Mutation}. */
export const REPAIR_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(REPAIR, "database/repair/claim-ghost-repair.test.ts", {
    "the window counts from updated_at": [[
      "when v_session.last_disconnected_at > ghost_repair.now() - v_settings.repair_window",
      "when (select i.updated_at from public.whatsapp_instances i where i.id = p_instance_id)\n        > ghost_repair.now() - v_settings.repair_window",
    ]],
    "the claim ignores manual_disconnect": [[
      "    when v_session.manual_disconnect then 'manual_disconnect'\n    when v_session.status = 'awaiting_qr' then 'awaiting_qr'\n    when not",
      "    when v_session.status = 'awaiting_qr' then 'awaiting_qr'\n    when not",
    ]],
    "a repair is claimed although repairs are switched off": [[
      "when not v_settings.enabled then 'disabled'",
      "when false then ''",
    ]],
    "a claim ends with the window: a late logout falls into the next one's": [[
      "ghost_repair.now() + v_settings.repair_window + v_settings.claim_grace",
      "ghost_repair.now() + v_settings.repair_window",
    ]],
    "a number that waits for its scan is given a repair": [[
      "    when v_session.status = 'awaiting_qr' then 'awaiting_qr'\n    when not v_settings.enabled",
      "    when not v_settings.enabled",
    ]],
  }),
  ...mistakesIn(REPAIR, "database/repair/repair-handover.test.ts", {
    "a repair is claimed while the ladder takes its steps": [[
      "else coalesce(ghost_repair.hold_back(p_instance_id), case",
      "else coalesce(null::text, case",
    ]],
    "a marked number is left to auto-reconnect at once": [[
      "perform ghost_repair.after_logout(p_instance_id, p_outcome ->> 'logout');",
      "null;",
    ]],
    "a repair is opened again for a number that was taken away": [[
      "if v_session.manual_disconnect is not true and v_session.status is distinct from 'awaiting_qr' then",
      "if true then",
    ]],
  }),
  ...mistakesIn(REPAIR, "database/repair/ghost-repair-verbs.test.ts", {
    "whoever lost the claim still finishes it": [[
      "and c.token = p_token and c.finished_at is null\n$$;",
      "and c.finished_at is null\n$$;",
    ]],
    "a failed send logs out while the ladder is at work": [[
      "when ghost_repair.hold_back(p_instance_id) is not null then",
      "when false then",
    ]],
    "a claimer that took too long logs out all the same": [[
      "when v_claim.claimed_at < ghost_repair.now() - (select s.claim_grace from ghost_repair.settings s)",
      "when false",
    ]],
    "no second look: a session that came back during the probes is logged out": [[
      "when v_claim.connection_epoch <> v_session.connection_epoch then 'probe_again'",
      "when false then ''",
    ]],
    "one report of an open session is probed for ever": [[
      "set connection_epoch = v_session.connection_epoch\n",
      "set connection_epoch = c.connection_epoch\n",
    ]],
    "a claim that came to nothing holds the next one up": [[
      "elsif v_answer in ('stale', 'manual_disconnect', 'awaiting_qr', 'repair_in_flight') then",
      "elsif v_answer in ('stale') then",
    ]],
    "whoever lost the claim takes the next one's away": [[
      "    where c.instance_id = p_instance_id and c.token = p_token and c.finished_at is null;\n  end if;",
      "    where c.instance_id = p_instance_id and c.finished_at is null;\n  end if;",
    ]],
    "a false alarm holds the next claim up": [[
      "  delete from ghost_repair.claims c\n  where c.instance_id = p_instance_id and c.token = p_token and c.finished_at is null;\n  if not found",
      "  perform from ghost_repair.claims c\n  where c.instance_id = p_instance_id and c.token = p_token and c.finished_at is null;\n  if not found",
    ]],
    "no epoch: a session that came back is marked dead": [[
      "  if v_claim.connection_epoch <> v_session.connection_epoch\n    or v_session.status",
      "  if v_session.status",
    ]],
    "the registry's word counts for a claim that is somebody else's": [[
      "where c.instance_id = p_instance_id and c.token = p_token);",
      "where c.instance_id = p_instance_id);",
    ]],
    "a session that the registry calls closed stays connected": [[
      "if v_outcome = 'invalidated' and v_session.status = 'connected' then",
      "if false then",
    ]],
    "a session that waits for its QR by now is marked dead": [[
      "    or v_session.status = 'awaiting_qr' then\n    return 'reconnected';",
      "    then\n    return 'reconnected';",
    ]],
  }),
];
