/**
 * `list_events`: what happened to the caller's numbers.
 *
 * @module
 */

import { z } from "zod";
import { CONTRACTS } from "../../_shared/contracts/actions.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import type { RequestContext } from "../../_shared/http/serve.ts";
import { parseRequest } from "../../_shared/http/validation.ts";
import { succeed } from "../answer.ts";
import { refusal, refused } from "../refusals.ts";

const { events, lastId } = CONTRACTS.list_events.response.shape;
const found = z.union([z.object({ result: z.literal("ok"), events, lastId }), refused]);

/** Answers events oldest first. A page polls it with the last `lastId`. */
export async function listEvents(
  body: unknown,
  userId: string,
  effects: Effects,
  { language }: RequestContext,
): Promise<Response> {
  const request = parseRequest(CONTRACTS.list_events.request, body, language);
  const answer = await effects.database.call("list_events", {
    p_user_id: userId,
    p_instance_id: request.instanceId ?? null,
    p_after_id: request.afterId ?? null,
    p_limit: request.limit,
  }, found);
  if (answer.result !== "ok") throw refusal(answer, language);
  return succeed("list_events", { events: answer.events, lastId: answer.lastId });
}
