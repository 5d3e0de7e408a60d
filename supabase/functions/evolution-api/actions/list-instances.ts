/**
 * `list_instances`: the numbers of the caller's organizations, or of one. Reads the database alone.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceView } from "../../_shared/contracts/instances.ts";
import { type Action, ask, succeed } from "../action.ts";

const found = z.object({ result: z.literal("ok"), instances: z.array(instanceView) });

/** Answers the numbers. */
export const listInstances: Action<"list_instances"> = async (request, call) => {
  const { instances } = await ask(call, "list_instances", {
    p_user_id: call.userId,
    p_organization_id: request.organizationId ?? null,
  }, found);
  return succeed("list_instances", { instances });
};
