/**
 * Mistakes in a number's life: made, paired, brought back, disconnected, deleted.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const SCHEMA = "supabase/migrations/20261126200100_schema.sql";
const PATCH = "supabase/migrations/20261126200300_ghost_repair.sql";
const NUMBERS = "supabase/migrations/20261126200900_instances.sql";
const LIFE = "supabase/migrations/20261126201000_instance_life.sql";

/** See {@linkcode Mutation}. */
export const INSTANCE_LIFE_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(LIFE, "database/instance-pairing.test.ts", {
    "a connect by hand keeps the number for two minutes": [[
      "(select s.connect_time from",
      "(select s.lease_time from",
    ]],
    "a page asks again at once though somebody else is asking": [[
      "greatest(1, least(3, ceil(",
      "greatest(0, least(0, ceil(",
    ]],
    "an open page reconnects what was disconnected by hand": [[
      "    when v_instance.manual_disconnect then 'manual_disconnect'\n",
      "",
    ]],
    "an open page connects what is being repaired": [[
      "    when ghost_repair.has_open_repair(p_instance_id)\n",
      "    when false\n",
    ]],
    "a person reconnects what is being repaired": [[
      "  elsif ghost_repair.has_open_repair(p_instance_id) then\n",
      "  elsif false then\n",
    ]],
    "what a person brought back has no attempt left": [[
      "manual_disconnect = false, reconnect_attempts_count = 0, last",
      "manual_disconnect = false, last",
    ]],
    "a second click on disconnect logs out again": [[
      "'logout', v_again is not true,",
      "'logout', true,",
    ]],
    "who disconnects and reconnects waits for the connect before": [[
      "  perform ghost_repair.end_lease('reconnect', p_instance_id, null);\n",
      "",
    ]],
    "a repair under way logs out what is being deleted": [[
      "    token = excluded.token, connection_epoch = excluded.connection_epoch,\n" +
      "    claimed_at = excluded.claimed_at, expires_at = excluded.expires_at,\n" +
      "    finished_at = excluded.finished_at, outcome = excluded.outcome;",
      "    claimed_at = excluded.claimed_at;",
    ]],
    "a number is deleted by any name": [[
      "  elsif (v_found.instance).instance_name is distinct from p_confirm_name then",
      "  elsif false then",
    ]],
  }),
  ...mistakesIn(LIFE, "evolution-api/actions/tenancy.test.ts", {
    "an agent sees the QR that pairs a phone": [[
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, true) a;\n  if v_found.refusal is not null then\n    return jsonb_build_object('result', v_found.refusal);\n  end if;\n  v_instance",
      "ghost_repair.authorize_instance(p_user_id, p_instance_id, false) a;\n  if v_found.refusal is not null then\n    return jsonb_build_object('result', v_found.refusal);\n  end if;\n  v_instance",
    ]],
    "an agent makes a number": [["    when 'agent' then 'forbidden'\n", ""]],
  }),
  ...mistakesIn(LIFE, "database/numbers/instance-actions.test.ts", {
    "a number of somebody else's name is made": [[
      "then 'instance_name_taken' else 'ok' end",
      "then 'ok' else 'ok' end",
    ]],
  }),
  ...mistakesIn(LIFE, "evolution-api/actions/create-refused.test.ts", {
    "an answer that was lost undoes the number that was stored": [[
      "      and k.webhook_secret = p_instance ->> 'webhook_secret') then",
      "      and false) then",
    ]],
  }),
  ...mistakesIn(NUMBERS, "database/numbers/deletion.test.ts", {
    "the owner of a deleted number still sees and manages it": [[
      "i.deleted_at is null and role is not null for no key update",
      "role is not null for no key update",
    ], [
      "where i.id = p_instance_id and i.deleted_at is null;\n  if role = 'agent'",
      "where i.id = p_instance_id;\n  if role = 'agent'",
    ]],
    "a conversation of a deleted number still takes messages": [[
      "where i.id = p_instance_id and i.deleted_at is not null)",
      "where false)",
    ]],
  }),
  ...mistakesIn(SCHEMA, "database/numbers/deletion.test.ts", {
    "an organization goes and leaves its sessions at the gateway": [[
      "if v_numbers > 0 then",
      "if false then",
    ]],
  }),
  ...mistakesIn(PATCH, "database/sweep.test.ts", {
    "every send that no repair is begun for is an event of its own": [[
      "if v_last.detail - 'count' = p_detail",
      "if false",
    ]],
    "an event is the same as one of another kind": [[
      "if v_last.kind = p_kind and v_last.created_at",
      "if v_last.created_at",
    ]],
  }),
  ...mistakesIn(PATCH, "database/numbers/reconnect-outcomes.test.ts", {
    "an event of just now was long ago": [[
      "v_last.kind = p_kind and v_last.created_at\n",
      "v_last.kind = p_kind and v_last.created_at - interval '1 hour'\n",
    ]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127223300_two_deletions.sql",
    "database/instance-pairing.test.ts",
    {
      "a number that another deletion has deleted counts as still there": [[
        "  if coalesce(v_gone, true) then\n",
        "  if false then\n",
      ]],
      "whoever lost the deletion still deletes": [[
        "l.subject = p_instance_id and l.token = p_token) then",
        "l.subject = p_instance_id) then",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/evolution-api/actions/delete-instance.ts",
    "evolution-api/actions/delete.test.ts",
    {
      "who lost the deletion is told that the number was deleted": [[
        "    if (await finish({ deleted: true })) return;\n",
        "    await finish({ deleted: true });\n    if (call !== undefined) return;\n",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223900_detached_numbers.sql",
    "database/locked-rows.test.ts",
    {
      "a deleted number whose rows are locked holds up all the others": [[
        "    exception when lock_not_available then\n      raise warning 'a deleted number waits for a lock';\n    end;",
        "    end;",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223900_detached_numbers.sql",
    "database/numbers/deletion.test.ts",
    {
      "all that a deleted number leaves is detached in one minute": [[
        "where m.whatsapp_instance_id = v_id\n        limit v_batch for no key",
        "where m.whatsapp_instance_id = v_id\n        for no key",
      ]],
      "a deleted number's row goes while a request may still store something": [[
        "        and i.deleted_at < ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)\n",
        "",
      ]],
    },
  ),
];
