/**
 * Mistakes in the repair that a failed send begins: its claim and its end.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const CLAIM = "supabase/migrations/20260101000100_ghost_repair.sql";

/** See {@linkcode Mutation}. */
export const REPAIR_MUTATIONS: readonly Mutation[] = [
  {
    name: "no claim: every failed send repairs",
    file: CLAIM,
    edits: [["  if v_reason is not null then", "  if false then"]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "no window: a finished repair holds nothing back",
    file: CLAIM,
    edits: [[
      "v_instance.last_disconnected_at > ghost_repair.now() - v_settings.repair_window",
      "false",
    ]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "the window counts from updated_at",
    file: CLAIM,
    edits: [[
      "v_instance.last_disconnected_at > ghost_repair.now() - v_settings.repair_window",
      "v_instance.updated_at > ghost_repair.now() - v_settings.repair_window",
    ]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "the claim ignores awaiting_qr",
    file: CLAIM,
    edits: [["when v_instance.status = 'awaiting_qr' then 'awaiting_qr'", "when false then ''"]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "the claim ignores manual_disconnect",
    file: CLAIM,
    edits: [["when v_instance.manual_disconnect then 'manual_disconnect'", "when false then ''"]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "a repair is claimed although repairs are switched off",
    file: CLAIM,
    edits: [["when not v_settings.enabled then 'disabled'", "when false then ''"]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "a repair is claimed while the ladder takes its steps",
    file: CLAIM,
    edits: [["when v_repairing then 'repair_in_flight'", "when false then ''"]],
    tests: ["database/repair-handover.test.ts"],
  },
  {
    name: "a claim that a crash left is never free again",
    file: CLAIM,
    edits: [[
      "and c.finished_at is null and c.expires_at > ghost_repair.now()",
      "and c.finished_at is null",
    ]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "a claim ends with the window: a late logout falls into the next one's",
    file: CLAIM,
    edits: [[
      "ghost_repair.now() + v_settings.repair_window + v_settings.claim_grace",
      "ghost_repair.now() + v_settings.repair_window",
    ]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "a session that is reported open again does not raise the epoch",
    file: CLAIM,
    edits: [["case when new.status = 'connected' then 1 else 0 end", "0"]],
    tests: ["database/finish-ghost-repair.test.ts"],
  },
  {
    name: "a row written back from an older read turns the epoch back",
    file: CLAIM,
    edits: [[
      "greatest(new.connection_epoch,\n    old.connection_epoch + case",
      "(\n    new.connection_epoch + case",
    ]],
    tests: ["database/finish-ghost-repair.test.ts"],
  },
  {
    name: "a second mark says that the outage has just begun",
    file: CLAIM,
    edits: [[
      "then coalesce(disconnected_since, ghost_repair.now()) else ghost_repair.now() end",
      "then ghost_repair.now() else ghost_repair.now() end",
    ]],
    tests: ["database/finish-ghost-repair.test.ts"],
  },
  {
    name: "a mark does not begin the window",
    file: CLAIM,
    edits: [[
      "else ghost_repair.now() end,\n    last_disconnected_at = ghost_repair.now()\n",
      "else ghost_repair.now() end\n",
    ]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "events belong to no organization: nobody sees them",
    file: CLAIM,
    edits: [[
      "select i.id, substring(to_jsonb(i) ->> 'organization_id'",
      "select i.id, substring(to_jsonb(i) ->> 'tenant_id'",
    ]],
    tests: ["evolution-api/actions/looking.test.ts"],
  },
  {
    name: "no epoch: a session that came back is marked dead",
    file: CLAIM,
    edits: [[
      "  if v_instance.connection_epoch <> v_claim.connection_epoch\n    or v_instance.status",
      "  if v_instance.status",
    ]],
    tests: ["database/finish-ghost-repair.test.ts"],
  },
  {
    name: "a session that waits for its scan is marked dead",
    file: CLAIM,
    edits: [["\n    or v_instance.status = 'awaiting_qr' then\n    return", " then\n    return"]],
    tests: ["database/finish-ghost-repair.test.ts"],
  },
  {
    name: "a claim is finished twice",
    file: CLAIM,
    edits: [[
      "elsif v_claim.finished_at is not null then\n    return 'stale'",
      "elsif false then\n    return 'stale'",
    ]],
    tests: ["database/finish-ghost-repair.test.ts"],
  },
  {
    name: "whoever lost the claim still finishes it",
    file: CLAIM,
    edits: [[
      "where c.instance_id = p_instance_id and c.token = p_token",
      "where c.instance_id = p_instance_id",
    ]],
    tests: ["database/finish-ghost-repair.test.ts"],
  },
  {
    name: "a registry that says close leaves the ladder at work",
    file: CLAIM,
    edits: [["v_outcome -> 'verified' ->> 'outcome' = 'invalidated'", "false"]],
    tests: ["database/repair-handover.test.ts"],
  },
  {
    name: "no second look: a session that came back during the probes is logged out",
    file: CLAIM,
    edits: [[
      "when p_instance.connection_epoch <> p_claim.connection_epoch then",
      "when false then",
    ]],
    tests: ["database/confirm-ghost-repair.test.ts"],
  },
  {
    name: "a number that a person disconnected during the probes is logged out",
    file: CLAIM,
    edits: [["when p_instance.manual_disconnect then 'manual_disconnect'", "when false then ''"]],
    tests: ["database/confirm-ghost-repair.test.ts"],
  },
  {
    name: "who asks once more after the end is logged out once more",
    file: CLAIM,
    edits: [["when p_claim.finished_at is not null then 'stale'", "when false then ''"]],
    tests: ["database/confirm-ghost-repair.test.ts"],
  },
  {
    name: "the timeline is kept for three days",
    file: CLAIM,
    edits: [["ghost_repair.now() - interval '30 days'", "ghost_repair.now() - interval '3 days'"]],
    tests: ["database/finish-ghost-repair.test.ts"],
  },
];
