/**
 * Asking the agent beside a gateway to restart its process: one signed call for all of the gateway's
 * numbers that wait for it.
 *
 * @module
 */

import * as z from "zod/mini";
import type { PostEffects } from "../_shared/http/post.ts";
import { callSigned } from "../_shared/http/signed-call.ts";
import { withoutNumbers } from "../_shared/contracts/plain-words.ts";
import { errorName, type Log } from "../_shared/runtime/log.ts";
import type { RestartRequest, WorkList } from "./work-list.ts";

/** Gateways asked in one tick, at once. */
const GATEWAYS = 10;

/** A restart takes seconds; with what the platform gives a request there is room for no more. In ms. */
const CALL_LIMIT_MS = 100_000;

const answer = z.object({
  result: z.enum([
    "restarted",
    "too_soon",
    "outside_window",
    "not_curable",
    "other_gateway",
    "replayed",
    "failed",
    "unsigned",
    "unreadable",
    "too_large",
  ]),
  why: z.optional(z.string().check(z.regex(/^\w{1,40}$/))),
  retryAfterSeconds: z.optional(z.number().check(z.minimum(0))),
});

/** What the agent said, or that it said nothing. */
type Answer = z.infer<typeof answer> | { readonly result: "no_answer"; readonly why?: string };

/**
 * Asks for every restart that is due.
 *
 * @returns How many gateways were restarted.
 * @throws {DatabaseError} Where the requests could not be had.
 */
export async function callRestartAgents(
  workList: Pick<WorkList, "claimRestarts" | "recordRestart">,
  effects: PostEffects,
  log: Log,
): Promise<number> {
  const due = await workList.claimRestarts(GATEWAYS);
  const results = await Promise.all(due.map(async (request) => {
    const said = readAgentAnswer(
      await callSigned(
        { url: request.agent_url, secrets: request.secrets, limitMs: CALL_LIMIT_MS },
        request.call_id,
        restartMessage(request),
        effects,
      ),
    );
    log.write("info", "restart_agent", { outcome: said.result, reason: said.why });
    // Not written down, the agent is asked again, and says that it knows the call.
    await workList.recordRestart(request, said).catch((error: unknown) =>
      log.write("error", "restart_not_recorded", { error: errorName(error) })
    );
    return said.result;
  }));
  return results.filter((result) => result === "restarted").length;
}

/** The call's body. */
export function restartMessage(request: RestartRequest): Record<string, unknown> {
  return {
    type: "ghost_repair.restart_requested",
    timestamp: request.since,
    data: {
      gateway: request.gateway,
      reason: request.reason,
      since: request.since,
      share: request.share,
      numbers: request.numbers,
      names: request.names.map(withoutNumbers),
      tried: (["logout", "connect", "restart"] as const).filter((step) => request.tried[step]),
    },
  };
}

/** What an answer means. Whoever answers without the agent's words is not the agent. Pure. */
export function readAgentAnswer(call: Awaited<ReturnType<typeof callSigned>>): Answer {
  if (call.kind !== "answered") {
    return { result: "no_answer", ...(call.kind === "failed" ? {} : { why: call.kind }) };
  }
  try {
    const parsed = z.safeParse(answer, JSON.parse(call.text));
    if (parsed.success) return parsed.data;
  } catch {
    // A proxy's page.
  }
  return { result: "no_answer", why: `http_${call.status}` };
}
