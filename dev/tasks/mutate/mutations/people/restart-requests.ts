/**
 * Mistakes in asking for a restart of a gateway's process.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const SQL = "supabase/migrations/20261126200710_restart_requests.sql";
const LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const DECIDE = "supabase/functions/advance-ghost-repairs/decide.ts";
const AGENT = "supabase/functions/advance-ghost-repairs/restart-agent.ts";
const TESTS = "database/repair/restart-requests.test.ts";

/** See {@linkcode Mutation}. */
export const RESTART_REQUEST_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(SQL, TESTS, {
    "the switch of the restart agents does nothing": [[
      "and s.restart_agents and s.enabled",
      "and s.enabled",
    ]],
    "a restart is asked for whatever the reason": [[
      "if p_reason not in ('steps_used_up', 'not_loaded', 'gateway_stuck', 'session_conflict', 'deaf',\n      'deaf_after_logout')\n    or not",
      "if not",
    ]],
    "every number asks for a restart of its own": [[
      "  select p_api_url where not exists (\n    select from ghost_repair.restart_requests q\n    where q.api_url = p_api_url and q.closed_at is null)\n  on conflict (api_url) where closed_at is null do nothing",
      "  select p_api_url",
    ]],
    "a third restart is asked for where two did not help a number": [[
      "and s.restart_tries > (\n      select coalesce(sum(r.process_restarts), 0)",
      "and 99 > (\n      select coalesce(sum(r.process_restarts), 0)",
    ]],
    "a third restart is asked for where two helped nobody": [[
      "and s.restart_tries > (\n      select count(*) filter",
      "and 99 > (\n      select count(*) filter",
    ]],
    "two restarts that did not help forbid the next for ever": [[
      "and q.restarted_at > ghost_repair.now() - s.restart_tries_within",
      "and q.restarted_at > '-infinity'",
    ]],
    "an agent that would not is asked again at once": [[
      "where q.closed_at > ghost_repair.now() - s.restart_refused_for",
      "where q.closed_at > ghost_repair.now()",
    ]],
    "a request that nobody needed any more keeps the next away": [[
      "\n        and q.outcome <> 'not_needed')",
      ")",
    ]],
    "a restart that helped counts as one that did not": [[
      "helped = q.helped + p_helped::int",
      "helped = q.helped",
    ]],
    "a restart that is put off until the night is told to nobody": [[
      "      > v_settings.restart_tell_after then",
      "      > interval '1 year' then",
    ]],
    "a gateway's restart is awaited for ever": [[
      "q.restarted_at > ghost_repair.now() - s.restart_conflict_ends))",
      "q.restarted_at is not null))",
    ]],
    "a restart breaks off another number's pairing": [[
      "      where c.expires_at > ghost_repair.now()\n        and",
      "      where c.expires_at < ghost_repair.now()\n        and",
    ]],
    "a restart breaks off another number's send": [[
      "where m.status = 'sending' and m.sending_since is not null",
      "where false",
    ]],
    "another gateway's pairing holds a restart up": [[
      "ghost_repair.gateway_of(c.instance_id) = p_api_url",
      "true",
    ]],
    "a busy gateway is never restarted": [[
      "q.opened_at <= ghost_repair.now() - s.restart_patience\n    or not",
      "not",
    ]],
    "who came after a restart is taken for restarted": [[
      "when q.restarted_at >= r.process_restart_asked_at then",
      "when q.restarted_at is not null then",
    ]],
    "two sockets that fight on after the restart are waited for, for ever": [[
      "when 'restarted' then r.evidence ->> 'reason' = 'session_conflict'\n",
      "when 'restarted' then false\n",
    ]],
    "a dead share counts the living": [[
      "count(*) filter (where ghost_repair.has_open_repair(i.id))::float8",
      "count(*)::float8",
    ]],
    "two callers are given one restart": [[
      "now() + (select s.restart_call_time from",
      "now() - (select s.restart_call_time from",
    ]],
    "a secret of before signs for ever": [[
      "a.previous_valid_until > ghost_repair.now()",
      "a.previous_valid_until is not null",
    ]],
    "a call that was answered is made again as the same": [[
      "answers = q.answers + (v_result <> 'no_answer')::int",
      "answers = q.answers",
    ]],
    "a call without an answer is made again as another": [[
      "answers = q.answers + (v_result <> 'no_answer')::int",
      "answers = q.answers + 1",
    ]],
    "an agent that does not answer is asked for ever": [[
      "v_result = 'no_answer' and q.attempts < v_settings.restart_calls",
      "v_result = 'no_answer'",
    ]],
    "an agent is asked at once again after too soon": [[
      "least(3600, greatest(10,",
      "least(0, greatest(10,",
    ]],
    "a call that the agent knows already counts as refused": [[
      "v_result in ('restarted', 'replayed') then",
      "v_result = 'restarted' then",
    ]],
    "every postponement is news": [["and v_result is distinct from v_before then", "then"]],
    "the old secret stops to sign with the new one's first day": [[
      "previous_secret = case when a.secret <> excluded.secret then a.secret",
      "previous_secret = case when a.secret <> excluded.secret then null",
    ]],
    "a new address forgets the gateway": [[
      "where a.api_url = p_api_url and s.restart_agents",
      "where s.restart_agents",
    ]],
    "a gateway's oldest request counts": [[
      "where q.api_url = p_api_url order by q.opened_at desc, q.id limit 1",
      "where q.api_url = p_api_url order by q.opened_at, q.id limit 1",
    ]],
    "an agent that was taken away is asked": [[
      "    delete from private.restart_agents a where a.api_url = p_api_url;\n    return;",
      "    return;",
    ]],
    "any restart proves who waits for one": [[
      "    when q.restarted_at >= r.process_restart_asked_at then 'restarted'",
      "    when q.restarted_at is not null then 'restarted'",
    ]],
  }),
  ...mistakesIn("supabase/migrations/20261126200350_gateways.sql", TESTS, {
    "a number's gateway is another's": [[
      "select k.api_url from private.instance_credentials k where k.instance_id = p_instance_id",
      "select k.api_url from private.instance_credentials k limit 1",
    ]],
  }),
  ...mistakesIn(LADDER, TESTS, {
    "keep-pairing logs out where the process could be restarted": [[
      "(ghost_repair.repair_policy(p_instance_id) = 'keep-pairing'\n      and ghost_repair.may_request_restart(p_instance_id))",
      "false",
    ]],
    "logout-first asks for the process before it logs out": [[
      "ghost_repair.repair_policy(p_instance_id) = 'keep-pairing'\n      and",
      "",
    ]],
    "a person is not told that the restarts were in vain": [[
      "v_reason := 'restarted_in_vain';",
      "",
    ]],
    "whoever waits for a restart is told of at each probe": [[
      "      if v_repair.state not in ('needs_operator', 'restart_requested') then",
      "      if v_repair.state not in ('needs_operator') then",
    ]],
  }),
  ...mistakesIn(DECIDE, "advance-ghost-repairs/decide.test.ts", {
    "a number is given up after ten seconds of its restart": [[
      "    : PROOFS_S[2];",
      "    : PROOFS_S[0];",
    ]],
    "a gateway that is about to be restarted is called dead by each of its numbers": [[
      "!evidence.restartAwaited && isWaitedOut",
      "isWaitedOut",
    ]],
    "a gateway whose loops live is restarted": [[
      'look.memory !== "unknown" && !isLiveLoop(look)',
      'look.memory !== "unknown"',
    ]],
  }),
  ...mistakesIn(AGENT, "advance-ghost-repairs/restart-agent.test.ts", {
    "a proxy's page counts as the agent's answer": [[
      'return { result: "no_answer", why: `http_${call.status}` };',
      'return { result: "restarted" };',
    ]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127223500_settled_restarts.sql",
    "database/repair/settled-once.test.ts",
    {
      "a restart that did not help counts for each tick that settles it": [[
        "    select t.* into v_settled from ghost_repair.settled_restarts t where t.id = v_listed.id;\n    continue when not found;\n",
        "    v_settled := v_listed;\n",
      ], ["for v_listed in select t.id, t.instance_id from", "for v_listed in select t.* from"]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127223500_settled_restarts.sql",
    "database/repair/restart-requests.test.ts",
    {
      "the numbers are asked the moment the process was restarted": [[
        "next_step_at = v_settled.restarted_at + v_first_look",
        "next_step_at = v_settled.restarted_at",
      ]],
      "who waits for a restart that nobody makes is nobody's": [[
        "      when 'refused' then\n        update public.ghost_repairs r set state = 'needs_operator',",
        "      when 'refused' then\n        update public.ghost_repairs r set state = 'restart_requested',",
      ]],
      "a request stays open though nobody waits for it": [[
        "(not ghost_repair.has_restart_agent(q.api_url)\n    or not exists (",
        "(not ghost_repair.has_restart_agent(q.api_url)\n    or false and not exists (",
      ]],
    },
  ),
];
