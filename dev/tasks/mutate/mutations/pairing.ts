/**
 * Mistakes in connecting by a person's wish.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const PAIRING = "supabase/migrations/20260101000454_pairing.sql";
const CONNECT = "supabase/functions/evolution-api/connect-once.ts";

/** See {@linkcode Mutation}. */
export const PAIRING_MUTATIONS: readonly Mutation[] = [
  {
    name: "two people connect one number at once",
    file: PAIRING,
    edits: [["    where l.expires_at <= ghost_repair.now() or p_by_force\n", ""]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a page asks again at once though somebody else is asking",
    file: PAIRING,
    edits: [["greatest(1, least(3, ceil(", "greatest(0, least(0, ceil("]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "an agent sees the QR that pairs a phone",
    file: PAIRING,
    edits: [[
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, true) a;\n  if v_found.refusal",
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;\n  if v_found.refusal",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "an open page reconnects what was disconnected by hand",
    file: PAIRING,
    edits: [["    when v_instance.manual_disconnect then 'manual_disconnect'\n", ""]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "an open page connects what is being repaired",
    file: PAIRING,
    edits: [["    when ghost_repair.has_open_repair(p_instance_id)\n", "    when false\n"]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a person reconnects what is being repaired",
    file: PAIRING,
    edits: [["  elsif ghost_repair.has_open_repair(p_instance_id) then\n", "  elsif false then\n"]],
    tests: ["evolution-api/actions/life.test.ts"],
  },
  {
    name: "a second connect makes the QR that is shown worthless",
    file: PAIRING,
    edits: [[
      "  elsif ghost_repair.fresh_qr_code(p_instance_id) is not null then\n",
      "  elsif false then\n",
    ]],
    tests: ["evolution-api/actions/life.test.ts"],
  },
  {
    name: "what a person brought back still counts as disconnected by hand",
    file: PAIRING,
    edits: [[
      "manual_disconnect = false, reconnect_attempts_count = 0, last",
      "reconnect_attempts_count = 0, last",
    ]],
    tests: ["evolution-api/actions/life.test.ts"],
  },
  {
    name: "what a person brought back has no attempt left",
    file: PAIRING,
    edits: [[
      "manual_disconnect = false, reconnect_attempts_count = 0, last",
      "manual_disconnect = false, last",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "a connect that was overtaken by a disconnection by hand connects",
    file: PAIRING,
    edits: [[
      "and v_instance.status <> 'connected' and not v_instance.manual_disconnect\n",
      "and v_instance.status <> 'connected'\n",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "a connect that was overtaken by a repair connects",
    file: PAIRING,
    edits: [[
      "\n    and not ghost_repair.has_open_repair(p_instance_id) then\n    case",
      " then\n    case",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "what a connect found is written after its claim has ended",
    file: PAIRING,
    edits: [[
      "and l.token = p_token and l.expires_at > ghost_repair.now();",
      "and l.token = p_token;",
    ]],
    tests: ["database/instance-actions.test.ts"],
  },
  {
    name: "a gateway that is away is asked at every poll",
    file: PAIRING,
    edits: [[
      "      else least(l.expires_at, l.leased_at + interval '20 seconds') end",
      "      else ghost_repair.now() end",
    ]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a gateway that is away makes the number connecting",
    file: PAIRING,
    edits: [["if v_result = 'no_qr_yet' then", "if v_result in ('no_qr_yet', 'unknown') then"]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a session that the registry calls open is connected a second time",
    file: CONNECT,
    edits: [[
      '    case "open":\n      return { ...measuredBy("registry", registry), result: "registry_open" };\n    case "close":',
      '    case "open":\n    case "close":',
    ]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a connect is made into a session that is logging in",
    file: CONNECT,
    edits: [['memory.outcome === "connecting"', "memory.outcome !== undefined"]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
  {
    name: "a gateway that does not answer is written down as having refused",
    file: CONNECT,
    edits: [[
      '? { ...rest, result: "unknown", why: result }',
      '? { ...rest, result: "refused", why: result }',
    ]],
    tests: ["evolution-api/actions/qr.test.ts"],
  },
];
