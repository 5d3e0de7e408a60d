/**
 * Mistakes in the reconnection's work list, in what it writes, and in its clock.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const RECONNECT = "supabase/migrations/20261126200800_reconnect.sql";
const CRON = "supabase/migrations/20261126201500_cron.sql";

/** See {@linkcode Mutation}. */
export const RECONNECT_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(RECONNECT, "database/numbers/reconnect-leases.test.ts", {
    "the scheduler reconnects what a person disconnected": [[
      "in ('disconnected', 'connecting') and not i.manual_disconnect\n",
      "in ('disconnected', 'connecting')\n",
    ]],
    "the scheduler reconnects what is being repaired": [[
      "r.instance_id = i.id and r.closed_at is null and r.hearing is null) is null;",
      "false) is null;",
    ]],
    "a number that is just connecting is connected again": [[
      "      + (select s.connecting_patience from ghost_repair.settings s)\n",
      "",
    ]],
    "the scheduler reconnects for ever": [[
      "and l.attempts < (select s.reconnect_attempts from ghost_repair.settings s);",
      "and true;",
    ]],
    "a tick waits for whoever has a number locked": [[
      "    for no key update skip locked\n",
      "    for no key update\n",
    ]],
    "who went away last is reconnected first": [[
      "    order by d.disconnected_since nulls first\n    limit p_limit",
      "    order by d.disconnected_since desc nulls last\n    limit p_limit",
    ]],
    "a tick's time moves with each call": [[
      "    coalesce(p_tick_started, ghost_repair.now())\n  from leased l",
      "    ghost_repair.now()\n  from leased l",
    ]],
  }),
  ...mistakesIn(RECONNECT, "database/numbers/reconnect-outcomes.test.ts", {
    "an attempt is made under a lease that is somebody else's": [[
      "if not ghost_repair.holds_lease('reconnect', p_instance_id, p_token)\n    or not",
      "if not",
    ]],
    "a disconnection by hand in the middle of a tick does not stop it": [[
      "\n    or not exists (select from ghost_repair.reconnectable d where d.id = p_instance_id) then",
      " then",
    ]],
    "an outage is an event a minute": [[
      "if v_last.detail ->> 'outcome' = p_detail ->> 'outcome'",
      "if false",
    ]],
    "a tick connects over a QR that is being scanned": [[
      "and (p_source <> 'tick' or v_session.status <> 'awaiting_qr')",
      "and true",
    ]],
    "nobody is told after the third attempt": [["        if v_last then", "        if false then"]],
    "a session that the registry calls open is connected once more": [[
      "      when v_result in ('registry_open', 'open') then\n        perform",
      "      when v_result in ('open') then\n        perform",
    ]],
    "a QR code that a tick found is not shown": [[
      "      when v_result = 'qr' and p_source <> 'scan' then",
      "      when false then",
    ]],
    "a number that connects without a code yet says disconnected": [[
      "        if v_result = 'no_qr_yet' then",
      "        if false then",
    ]],
    "a number that its gateway does not know is told as any attempt": [[
      "          case when v_result = 'not_found' then v_result else 'reconnect' end, v_detail);",
      "          'reconnect', v_detail);",
    ]],
  }),
  ...mistakesIn(RECONNECT, "database/numbers/lost-attempts.test.ts", {
    "a last attempt that nobody came back from is forgotten": [[
      "set gives_up_at = l.expires_at\n",
      "set gives_up_at = null\n",
    ]],
    "a person is told of an attempt that is still under way": [[
      "l.gives_up_at <= ghost_repair.now()\n      and not",
      "l.gives_up_at is not null\n      and not",
    ], ["l.subject = v_id and l.gives_up_at <= ghost_repair.now();", "l.subject = v_id;"]],
    "a person is told of a lost attempt that somebody made up for": [[
      "where l.id = v_id and l.attempts >= s.reconnect_attempts) then",
      "where l.id = v_id) then",
    ]],
    "a lost attempt is told of in the middle of a repair": [[
      "\n      and not ghost_repair.has_open_repair(l.subject)\n",
      "\n",
    ], [
      "continue when v_session.instance_id is null or ghost_repair.has_open_repair(v_id);",
      "continue when v_session.instance_id is null;",
    ]],
  }),
  ...mistakesIn(RECONNECT, "database/numbers/webhook-connection.test.ts", {
    "a renewed QR is news every 45 seconds": [[
      "where id = p_instance_id and status <> 'awaiting_qr';",
      "where id = p_instance_id;",
    ]],
  }),
  ...mistakesIn(RECONNECT, "database/instance-pairing.test.ts", {
    "a QR that has expired is shown": [[
      "where q.instance_id = p_instance_id and q.expires_at > ghost_repair.now()",
      "where q.instance_id = p_instance_id",
    ]],
    "what was found is written by whoever lost the lease": [[
      "  v_recorded := v_held and v_session",
      "  v_recorded := v_session",
    ]],
    "a connect that was overtaken by a repair connects": [[
      "\n    and not ghost_repair.has_open_repair(p_instance_id);\n  if v_recorded",
      ";\n  if v_recorded",
    ]],
    "a gateway that is away is asked at every poll": [[
      "case when p_source = 'user' and v_result not in ('registry_open', 'open', 'qr')",
      "case when false",
    ]],
    "what a connect found is written over a person's wish": [[
      "    and v_session.status <> 'connected' and not v_session.manual_disconnect\n    and (p_source",
      "    and v_session.status <> 'connected'\n    and (p_source",
    ]],
    "a code that comes twice is shown for shorter": [[
      "      then greatest(q.expires_at,\n        ghost_repair.now() + (select s.qr_repeat_time from ghost_repair.settings s))",
      "      then ghost_repair.now() + (select s.qr_repeat_time from ghost_repair.settings s)",
    ]],
  }),
  ...mistakesIn(CRON, "database/scheduler.test.ts", {
    "the scheduler makes one call, however many are due": [[
      "greatest(1, ceil(v_due::numeric / v_settings.numbers_a_call))",
      "1",
    ]],
    "the scheduler calls without its secret": [[
      "'x-cron-secret', v_secret)",
      "'x-cron-secret', null)",
    ]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127223200_repeated_opens.sql",
    "database/numbers/webhook-connection.test.ts",
    {
      "a socket that opens again and again writes an event each time": [[
        "  if v_session.status = 'connected' then\n",
        "  if false then\n",
      ]],
      "a connection that came back is only counted": [[
        "  if v_session.status = 'connected' then\n",
        "  if true then\n",
      ]],
      "a QR outlives the connection that it made": [[
        "  delete from private.instance_qr_codes where instance_id = p_instance_id;\n",
        "",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223800_bounded_sweeps.sql",
    "database/locked-rows.test.ts",
    {
      "two sweeps at once are none": [[
        "    perform ghost_repair.note_beat('sweep');\n  exception when lock_not_available then",
        "    perform ghost_repair.note_beat('sweep');\n  exception when division_by_zero then",
      ]],
      "two prunings at once are none": [[
        "    perform ghost_repair.note_beat('prune');\n  exception when lock_not_available then",
        "    perform ghost_repair.note_beat('prune');\n  exception when division_by_zero then",
      ]],

      "a sweep waits for a locked row as long as it is locked": [[
        "create or replace function public.sweep() returns jsonb\nlanguage plpgsql security definer set search_path = '' set lock_timeout = '2s' as",
        "create or replace function public.sweep() returns jsonb\nlanguage plpgsql security definer set search_path = '' as",
      ]],
      "an event that somebody has locked holds up the pruning of all": [[
        "order by %2$I limit $2 for update skip locked))',",
        "order by %2$I limit $2))',",
      ]],
      "what hangs on a closed repair and is locked undoes the pruning of all": [[
        "    exception when lock_not_available then\n      raise warning 'prune: % waits for a lock', v_old.name;\n    end;",
        "    end;",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223800_bounded_sweeps.sql",
    "database/numbers/lost-attempts.test.ts",
    {
      "with old leases goes what a person has to be told": [[" and o.gives_up_at is null\n", "\n"]],
    },
  ),
  ...mistakesIn("supabase/migrations/20261127223800_bounded_sweeps.sql", "database/sweep.test.ts", {
    "one part of a sweep that fails undoes the others": [[
      "    exception when others then\n      raise warning 'sweep: % failed: %', v_part.name, sqlstate;\n      v_count := null;\n    end;",
      "    end;",
    ]],
    "the timeline is kept for ever": [[
      "      ('public.instance_events', 'created_at', v_settings.keep_events),\n",
      "",
    ]],
    "closed repairs are kept for ever": [[
      "      ('public.ghost_repairs', 'closed_at', v_settings.keep_events),\n",
      "",
    ]],
    "the scheduler's runs are kept for ever": [[
      "where d.end_time < $1 order by",
      "where false order by",
    ]],
  }),
];
