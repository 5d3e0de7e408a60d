/**
 * Mistakes in a number's life: made, paired, brought back, disconnected, deleted.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const SCHEMA = "supabase/migrations/20261126200100_schema.sql";
const PATCH = "supabase/migrations/20261126200300_ghost_repair.sql";
const NUMBERS = "supabase/migrations/20261126200900_instances.sql";
const LIFE = "supabase/migrations/20261126201000_instance_life.sql";

/** See {@linkcode Mutation}. */
export const INSTANCE_LIFE_MUTATIONS: readonly Mutation[] = [
  {
    name: "a connect by hand keeps the number for two minutes",
    file: LIFE,
    edits: [["(select s.connect_time from", "(select s.lease_time from"]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "a page asks again at once though somebody else is asking",
    file: LIFE,
    edits: [["greatest(1, least(3, ceil(", "greatest(0, least(0, ceil("]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "an agent sees the QR that pairs a phone",
    file: LIFE,
    edits: [[
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, true) a;\n  if v_found.refusal is not null then\n    return jsonb_build_object('result', v_found.refusal);\n  end if;\n  v_instance",
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;\n  if v_found.refusal is not null then\n    return jsonb_build_object('result', v_found.refusal);\n  end if;\n  v_instance",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "an open page reconnects what was disconnected by hand",
    file: LIFE,
    edits: [["    when v_instance.manual_disconnect then 'manual_disconnect'\n", ""]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "an open page connects what is being repaired",
    file: LIFE,
    edits: [["    when ghost_repair.has_open_repair(p_instance_id)\n", "    when false\n"]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "a person reconnects what is being repaired",
    file: LIFE,
    edits: [["  elsif ghost_repair.has_open_repair(p_instance_id) then\n", "  elsif false then\n"]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "what a person brought back has no attempt left",
    file: LIFE,
    edits: [[
      "manual_disconnect = false, reconnect_attempts_count = 0, last",
      "manual_disconnect = false, last",
    ]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "an agent makes a number",
    file: LIFE,
    edits: [["    when 'agent' then 'forbidden'\n", ""]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a number of somebody else's name is made",
    file: LIFE,
    edits: [["then 'instance_name_taken' else 'ok' end", "then 'ok' else 'ok' end"]],
    tests: ["database/numbers/instance-actions.test.ts"],
  },
  {
    name: "an answer that was lost undoes the number that was stored",
    file: LIFE,
    edits: [[
      "      and k.webhook_secret = p_instance ->> 'webhook_secret') then",
      "      and false) then",
    ]],
    tests: ["evolution-api/actions/create-refused.test.ts"],
  },
  {
    name: "a second click on disconnect logs out again",
    file: LIFE,
    edits: [["'logout', v_again is not true,", "'logout', true,"]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "who disconnects and reconnects waits for the connect before",
    file: LIFE,
    edits: [["  perform ghost_repair.end_lease('reconnect', p_instance_id, null);\n", ""]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "a repair under way logs out what is being deleted",
    file: LIFE,
    edits: [[
      "    token = excluded.token, connection_epoch = excluded.connection_epoch,\n" +
      "    claimed_at = excluded.claimed_at, expires_at = excluded.expires_at,\n" +
      "    finished_at = excluded.finished_at, outcome = excluded.outcome;",
      "    claimed_at = excluded.claimed_at;",
    ]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "whoever lost the deletion still deletes",
    file: LIFE,
    edits: [[
      "l.subject = p_instance_id and l.token = p_token) then",
      "l.subject = p_instance_id) then",
    ]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "all that a deleted number leaves is detached in one minute",
    file: LIFE,
    edits: [[
      "where m.whatsapp_instance_id = v_id\n      limit v_batch for no key",
      "where m.whatsapp_instance_id = v_id\n      for no key",
    ]],
    tests: ["database/numbers/deletion.test.ts"],
  },
  {
    name: "a deleted number's row goes while a request may still store something",
    file: LIFE,
    edits: [[
      "      and i.deleted_at < ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)\n",
      "",
    ]],
    tests: ["database/numbers/deletion.test.ts"],
  },
  {
    name: "the owner of a deleted number still sees and manages it",
    file: NUMBERS,
    edits: [[
      "i.deleted_at is null and role is not null for no key update",
      "role is not null for no key update",
    ], [
      "where i.id = p_instance_id and i.deleted_at is null;\n  if role = 'agent'",
      "where i.id = p_instance_id;\n  if role = 'agent'",
    ]],
    tests: ["database/numbers/deletion.test.ts"],
  },
  {
    name: "a conversation of a deleted number still takes messages",
    file: NUMBERS,
    edits: [["where i.id = p_instance_id and i.deleted_at is not null)", "where false)"]],
    tests: ["database/numbers/deletion.test.ts"],
  },
  {
    name: "an organization goes and leaves its sessions at the gateway",
    file: SCHEMA,
    edits: [["if v_numbers > 0 then", "if false then"]],
    tests: ["database/numbers/deletion.test.ts"],
  },
  {
    name: "every send that no repair is begun for is an event of its own",
    file: PATCH,
    edits: [["if v_last.detail - 'count' = p_detail", "if false"]],
    tests: ["database/sweep.test.ts"],
  },
  {
    name: "an event of just now was long ago",
    file: PATCH,
    edits: [[
      "v_last.kind = p_kind and v_last.created_at\n",
      "v_last.kind = p_kind and v_last.created_at - interval '1 hour'\n",
    ]],
    tests: ["database/numbers/reconnect-outcomes.test.ts"],
  },
  {
    name: "an event is the same as one of another kind",
    file: PATCH,
    edits: [["if v_last.kind = p_kind and v_last.created_at", "if v_last.created_at"]],
    tests: ["database/sweep.test.ts"],
  },
];
