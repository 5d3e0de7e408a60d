/**
 * Mistakes in asking for a restart of a gateway's process.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const SQL = "supabase/migrations/20261126200710_restart_requests.sql";
const LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const DECIDE = "supabase/functions/advance-ghost-repairs/decide.ts";
const AGENT = "supabase/functions/advance-ghost-repairs/restart-agent.ts";
const TESTS = ["database/repair/restart-requests.test.ts"];

const sql = (name: string, ...edits: Mutation["edits"]): Mutation => ({
  name,
  file: SQL,
  edits,
  tests: TESTS,
});

/** See {@linkcode Mutation}. */
export const RESTART_REQUEST_MUTATIONS: readonly Mutation[] = [
  sql("the switch of the restart agents does nothing", [
    "and s.restart_agents and s.enabled",
    "and s.enabled",
  ]),
  sql("a restart is asked for whatever the reason", [
    "if p_reason not in ('steps_used_up', 'not_loaded', 'gateway_stuck', 'session_conflict', 'deaf',\n      'deaf_after_logout')\n    or not",
    "if not",
  ]),
  sql("every number asks for a restart of its own", [
    "  select p_api_url where not exists (\n    select from ghost_repair.restart_requests q\n    where q.api_url = p_api_url and q.closed_at is null)\n  on conflict (api_url) where closed_at is null do nothing",
    "  select p_api_url",
  ]),
  sql("a third restart is asked for where two did not help a number", [
    "and s.restart_tries > (\n      select coalesce(sum(r.process_restarts), 0)",
    "and 99 > (\n      select coalesce(sum(r.process_restarts), 0)",
  ]),
  sql("a third restart is asked for where two helped nobody", [
    "and s.restart_tries > (\n      select count(*) filter",
    "and 99 > (\n      select count(*) filter",
  ]),
  sql("two restarts that did not help forbid the next for ever", [
    "and q.restarted_at > ghost_repair.now() - s.restart_tries_within",
    "and q.restarted_at > '-infinity'",
  ]),
  sql("an agent that would not is asked again at once", [
    "where q.closed_at > ghost_repair.now() - s.restart_refused_for",
    "where q.closed_at > ghost_repair.now()",
  ]),
  sql("a request that nobody needed any more keeps the next away", [
    "\n        and q.outcome <> 'not_needed')",
    ")",
  ]),
  sql("a restart that helped counts as one that did not", [
    "helped = q.helped + p_helped::int",
    "helped = q.helped",
  ]),
  sql("a restart that is put off until the night is told to nobody", [
    "      > v_settings.restart_tell_after then",
    "      > interval '1 year' then",
  ]),
  sql("a gateway's restart is awaited for ever", [
    "q.restarted_at > ghost_repair.now() - s.restart_conflict_ends))",
    "q.restarted_at is not null))",
  ]),
  sql("a restart breaks off another number's pairing", [
    "      where c.expires_at > ghost_repair.now()\n        and",
    "      where c.expires_at < ghost_repair.now()\n        and",
  ]),
  sql("a restart breaks off another number's send", [
    "where m.status = 'sending' and m.sending_since is not null",
    "where false",
  ]),
  sql("another gateway's pairing holds a restart up", [
    "ghost_repair.gateway_of(c.instance_id) = p_api_url",
    "true",
  ]),
  sql("a busy gateway is never restarted", [
    "q.opened_at <= ghost_repair.now() - s.restart_patience\n    or not",
    "not",
  ]),
  sql("who came after a restart is taken for restarted", [
    "when q.restarted_at >= r.process_restart_asked_at then",
    "when q.restarted_at is not null then",
  ]),
  sql("two sockets that fight on after the restart are waited for, for ever", [
    "when 'restarted' then r.evidence ->> 'reason' = 'session_conflict'\n",
    "when 'restarted' then false\n",
  ]),
  sql("the numbers are asked the moment the process was restarted", [
    "next_step_at = v_settled.restarted_at + v_first_look",
    "next_step_at = v_settled.restarted_at",
  ]),
  sql("who waits for a restart that nobody makes is nobody's", [
    "      when 'refused' then\n        update public.ghost_repairs r set state = 'needs_operator',",
    "      when 'refused' then\n        update public.ghost_repairs r set state = 'restart_requested',",
  ]),
  sql("a request stays open though nobody waits for it", [
    "(not ghost_repair.has_restart_agent(q.api_url)\n    or not exists (",
    "(not ghost_repair.has_restart_agent(q.api_url)\n    or false and not exists (",
  ]),
  sql("a dead share counts the living", [
    "count(*) filter (where ghost_repair.has_open_repair(i.id))::float8",
    "count(*)::float8",
  ]),
  sql("two callers are given one restart", [
    "now() + (select s.restart_call_time from",
    "now() - (select s.restart_call_time from",
  ]),
  sql("a secret of before signs for ever", [
    "a.previous_valid_until > ghost_repair.now()",
    "a.previous_valid_until is not null",
  ]),
  sql("a call that was answered is made again as the same", [
    "answers = q.answers + (v_result <> 'no_answer')::int",
    "answers = q.answers",
  ]),
  sql("a call without an answer is made again as another", [
    "answers = q.answers + (v_result <> 'no_answer')::int",
    "answers = q.answers + 1",
  ]),
  sql("an agent that does not answer is asked for ever", [
    "v_result = 'no_answer' and q.attempts < v_settings.restart_calls",
    "v_result = 'no_answer'",
  ]),
  sql("an agent is asked at once again after too soon", [
    "least(3600, greatest(10,",
    "least(0, greatest(10,",
  ]),
  sql("a call that the agent knows already counts as refused", [
    "v_result in ('restarted', 'replayed') then",
    "v_result = 'restarted' then",
  ]),
  sql("every postponement is news", ["and v_result is distinct from v_before then", "then"]),
  sql("the old secret stops to sign with the new one's first day", [
    "previous_secret = case when a.secret <> excluded.secret then a.secret",
    "previous_secret = case when a.secret <> excluded.secret then null",
  ]),
  sql("a new address forgets the gateway", [
    "where a.api_url = p_api_url and s.restart_agents",
    "where s.restart_agents",
  ]),
  {
    name: "a number's gateway is another's",
    file: "supabase/migrations/20261126200350_gateways.sql",
    edits: [[
      "select k.api_url from private.instance_credentials k where k.instance_id = p_instance_id",
      "select k.api_url from private.instance_credentials k limit 1",
    ]],
    tests: TESTS,
  },
  sql("a gateway's oldest request counts", [
    "where q.api_url = p_api_url order by q.opened_at desc, q.id limit 1",
    "where q.api_url = p_api_url order by q.opened_at, q.id limit 1",
  ]),
  {
    name: "keep-pairing logs out where the process could be restarted",
    file: LADDER,
    edits: [[
      "(ghost_repair.repair_policy(p_instance_id) = 'keep-pairing'\n      and ghost_repair.may_request_restart(p_instance_id))",
      "false",
    ]],
    tests: TESTS,
  },
  {
    name: "logout-first asks for the process before it logs out",
    file: LADDER,
    edits: [["ghost_repair.repair_policy(p_instance_id) = 'keep-pairing'\n      and", ""]],
    tests: TESTS,
  },
  {
    name: "a person is not told that the restarts were in vain",
    file: LADDER,
    edits: [["v_reason := 'restarted_in_vain';", ""]],
    tests: TESTS,
  },
  {
    name: "a number is given up after ten seconds of its restart",
    file: DECIDE,
    edits: [["    : PROOFS_S[2];", "    : PROOFS_S[0];"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a gateway that is about to be restarted is called dead by each of its numbers",
    file: DECIDE,
    edits: [["!evidence.restartAwaited && isWaitedOut", "isWaitedOut"]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a gateway whose loops live is restarted",
    file: DECIDE,
    edits: [[
      'look.memory !== "unknown" && !isLiveLoop(look)',
      'look.memory !== "unknown"',
    ]],
    tests: ["advance-ghost-repairs/decide.test.ts"],
  },
  {
    name: "a proxy's page counts as the agent's answer",
    file: AGENT,
    edits: [[
      'return { result: "no_answer", why: `http_${call.status}` };',
      'return { result: "restarted" };',
    ]],
    tests: ["advance-ghost-repairs/restart-agent.test.ts"],
  },
];
