/**
 * `list_events`: what happened to the caller's numbers, oldest first. A page polls it with the last
 * `lastId`.
 *
 * @module
 */

import * as z from "zod/mini";
import { CONTRACTS } from "../../_shared/contracts/actions.ts";
import { type Action, ask, succeed } from "../action.ts";

const { events, lastId } = CONTRACTS.list_events.response.shape;
const found = z.object({ result: z.literal("ok"), events, lastId });

/** Answers events. */
export const listEvents: Action<"list_events"> = async (request, call) => {
  const { events, lastId } = await ask(call, "list_events", {
    p_user_id: call.userId,
    p_instance_id: request.instanceId ?? null,
    p_after_id: request.afterId ?? null,
    p_limit: request.limit,
  }, found);
  return succeed("list_events", { events, lastId });
};
