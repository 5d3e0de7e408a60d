/**
 * `list_instances`: the numbers of the caller's organizations.
 *
 * @module
 */

import { z } from "zod";
import { CONTRACTS } from "../../_shared/contracts/actions.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import type { RequestContext } from "../../_shared/http/serve.ts";
import { instanceView } from "../../_shared/contracts/instances.ts";
import { parseRequest } from "../../_shared/http/validation.ts";
import { succeed } from "../answer.ts";
import { refusal, refused } from "../refusals.ts";

const found = z.union([
  z.object({ result: z.literal("ok"), instances: z.array(instanceView) }),
  refused,
]);

/** Answers every number, or those of one organization. Reads the database alone. */
export async function listInstances(
  body: unknown,
  userId: string,
  effects: Effects,
  { language }: RequestContext,
): Promise<Response> {
  const request = parseRequest(CONTRACTS.list_instances.request, body, language);
  const answer = await effects.database.call("list_instances", {
    p_user_id: userId,
    p_organization_id: request.organizationId ?? null,
  }, found);
  if (answer.result !== "ok") throw refusal(answer, language);
  return succeed("list_instances", { instances: answer.instances });
}
