/**
 * Mistakes in how a number's row is read and written, and in what a failed send does about a dead session.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const SESSION = "supabase/migrations/20261126200200_session.sql";
const REPAIR = "supabase/functions/evolution-api/connection-closed.ts";

/** See {@linkcode Mutation}. */
export const SESSION_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(SESSION, "database/repair/ghost-repair-verbs.test.ts", {
    "a session that is reported open again does not raise the epoch": [[
      "case when new.status = 'connected' then 1 else 0 end",
      "0",
    ]],
    "a row written back from an older read turns the epoch back": [[
      "greatest(new.connection_epoch,\n    old.connection_epoch + case",
      "(\n    new.connection_epoch + case",
    ]],
    "a number that connects has never been disconnected": [[
      "    status = 'connected', disconnected_since = null, reconnect_attempts_count = 0\n",
      "    status = 'connected', disconnected_since = null, reconnect_attempts_count = 0,\n    last_disconnected_at = null\n",
    ]],
    "a number that is marked again is away since now": [[
      "    disconnected_since = case when status = 'disconnected'\n      then coalesce(disconnected_since, ghost_repair.now()) else ghost_repair.now() end,",
      "    disconnected_since = ghost_repair.now(),",
    ]],
  }),
  ...mistakesIn(SESSION, "database/repair/repair-handover.test.ts", {
    "a disconnection by hand leaves the repair open": [[
      "  if new.manual_disconnect then\n",
      "  if false then\n",
    ]],
    "a fresh QR leaves the repair open": [[
      "elsif new.status = 'awaiting_qr' and old.status is distinct from 'awaiting_qr' then",
      "elsif false then",
    ]],
    "events and repairs belong to no organization: nobody sees them": [[
      "substring(to_jsonb(i) ->> 'organization_id'",
      "substring(to_jsonb(i) ->> 'tenant_id'",
    ]],
    "a sweep waits for whoever has a number locked": [[
      "for no key update skip locked",
      "for no key update",
    ]],
  }),
  ...mistakesIn(SESSION, "database/repair/ghost-repair-races.test.ts", {
    "whoever decides about a number does not lock it": [[
      "where i.id = p_instance_id for no key update;\n  end if;",
      "where i.id = p_instance_id;\n  end if;",
    ]],
  }),
  ...mistakesIn(SESSION, "database/repair/claim-ghost-repair.test.ts", {
    "a mark does not begin the window": [[
      "else ghost_repair.now() end,\n    last_disconnected_at = ghost_repair.now()\n",
      "else ghost_repair.now() end\n",
    ]],
  }),
  ...mistakesIn(SESSION, "database/repair/repair-steps.test.ts", {
    "two failing numbers are an outage": [["if v_failing < p_least then", "if v_failing < 2 then"]],
    "numbers that people disconnected count among those that live": [[
      "select i.manual_disconnect is not true from public",
      "select true from public",
    ]],
  }),
  ...mistakesIn(REPAIR, "evolution-api/connection-closed.test.ts", {
    "logout's status is believed": [[
      "judgeRegistry(registry?.outcome);",
      'logout?.outcome === "accepted" ? "invalidated" : judgeRegistry(registry?.outcome);',
    ]],
    "a probe without an answer counts as alive": [[
      'if (answer.outcome !== "alive") throw',
      'if (answer.outcome !== "alive" && answer.outcome !== "timeout") throw',
    ]],
    "keep-pairing logs out at once": [[
      'evidence.socket === "dead" &&\n    suspicion.policy !== "keep-pairing";',
      'evidence.socket === "dead";',
    ]],
    "a logout that is half a minute late is made": [[
      'const allowed = leave === "go" &&',
      "const allowed =",
    ]],
    "a registry that cannot be read counts as still open": [[
      '  return "unverified";',
      '  return "not_invalidated";',
    ]],
    "a repair that was withdrawn is logged out all the same": [[
      '  if (TAKEN_AWAY.has(leave)) return { outcome: "skipped", reason: `${leave}` };\n',
      "",
    ], ['leave === "go" &&', "true &&"]],
    "the message fails after the logout: a killed function leaves it behind": [[
      '  await attempt("fail_message", effects, () => effects.failMessage());\n\n  const leave',
      "  const leave",
    ], [
      '  await attempt("record_logout", effects, () =>',
      '  await attempt("fail_message", effects, () => effects.failMessage());\n  await attempt("record_logout", effects, () =>',
    ]],
  }),
];
