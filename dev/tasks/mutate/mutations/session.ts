/**
 * Mistakes in how a number's row is read and written, and in what a failed send does about a dead session.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const SESSION = "supabase/migrations/20261126200200_session.sql";
const REPAIR = "supabase/functions/evolution-api/connection-closed.ts";

/** See {@linkcode Mutation}. */
export const SESSION_MUTATIONS: readonly Mutation[] = [
  {
    name: "a session that is reported open again does not raise the epoch",
    file: SESSION,
    edits: [["case when new.status = 'connected' then 1 else 0 end", "0"]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a row written back from an older read turns the epoch back",
    file: SESSION,
    edits: [[
      "greatest(new.connection_epoch,\n    old.connection_epoch + case",
      "(\n    new.connection_epoch + case",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a disconnection by hand leaves the repair open",
    file: SESSION,
    edits: [["  if new.manual_disconnect then\n", "  if false then\n"]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "a fresh QR leaves the repair open",
    file: SESSION,
    edits: [[
      "elsif new.status = 'awaiting_qr' and old.status is distinct from 'awaiting_qr' then",
      "elsif false then",
    ]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "events and repairs belong to no organization: nobody sees them",
    file: SESSION,
    edits: [[
      "substring(to_jsonb(i) ->> 'organization_id'",
      "substring(to_jsonb(i) ->> 'tenant_id'",
    ]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "whoever decides about a number does not lock it",
    file: SESSION,
    edits: [[
      "where i.id = p_instance_id for no key update;\n  end if;",
      "where i.id = p_instance_id;\n  end if;",
    ]],
    tests: ["database/repair/ghost-repair-races.test.ts"],
  },
  {
    name: "a sweep waits for whoever has a number locked",
    file: SESSION,
    edits: [["for no key update skip locked", "for no key update"]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "a mark does not begin the window",
    file: SESSION,
    edits: [[
      "else ghost_repair.now() end,\n    last_disconnected_at = ghost_repair.now()\n",
      "else ghost_repair.now() end\n",
    ]],
    tests: ["database/repair/claim-ghost-repair.test.ts"],
  },
  {
    name: "two failing numbers are an outage",
    file: SESSION,
    edits: [["if v_failing < p_least then", "if v_failing < 2 then"]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "numbers that people disconnected count among those that live",
    file: SESSION,
    edits: [[
      "select i.manual_disconnect is not true from public",
      "select true from public",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "logout's status is believed",
    file: REPAIR,
    edits: [[
      "judgeRegistry(registry?.outcome);",
      'logout?.outcome === "accepted" ? "invalidated" : judgeRegistry(registry?.outcome);',
    ]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "a probe without an answer counts as alive",
    file: REPAIR,
    edits: [[
      'if (answer.outcome !== "alive") throw',
      'if (answer.outcome !== "alive" && answer.outcome !== "timeout") throw',
    ]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "the message fails after the logout: a killed function leaves it behind",
    file: "supabase/functions/evolution-api/connection-closed.ts",
    edits: [[
      '  await attempt("fail_message", effects, effects.failMessage);\n\n  const leave',
      "  const leave",
    ], [
      '  await attempt("record_logout", effects, () =>',
      '  await attempt("fail_message", effects, effects.failMessage);\n  await attempt("record_logout", effects, () =>',
    ]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "keep-pairing logs out at once",
    file: "supabase/functions/evolution-api/connection-closed.ts",
    edits: [[
      'evidence.socket === "dead" &&\n    suspicion.policy !== "keep-pairing";',
      'evidence.socket === "dead";',
    ]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "a logout that is half a minute late is made",
    file: "supabase/functions/evolution-api/connection-closed.ts",
    edits: [['const allowed = leave === "go" &&', "const allowed ="]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "a registry that cannot be read counts as still open",
    file: REPAIR,
    edits: [['  return "unverified";', '  return "not_invalidated";']],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "a repair that was withdrawn is logged out all the same",
    file: "supabase/functions/evolution-api/connection-closed.ts",
    edits: [[
      '  if (TAKEN_AWAY.has(leave)) return { outcome: "skipped", reason: `${leave}` };\n',
      "",
    ], ['leave === "go" &&', "true &&"]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
];
