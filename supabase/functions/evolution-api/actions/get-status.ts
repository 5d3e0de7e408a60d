/**
 * `get_status`: one number as it is. Looks, and touches nothing: a page may ask every second.
 *
 * @module
 */

import { z } from "zod";
import { CONTRACTS, type InstanceView } from "../../_shared/contracts/actions.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import type { RequestContext } from "../../_shared/http/serve.ts";
import { instanceView } from "../../_shared/contracts/instances.ts";
import type { Language } from "../../_shared/http/language.ts";
import { parseRequest } from "../../_shared/http/validation.ts";
import { succeed } from "../answer.ts";
import { refusal, refused } from "../refusals.ts";

const found = z.union([
  z.object({ result: z.literal("ok"), instance: instanceView }),
  refused,
]);

/** Answers one number. Reads the database alone. */
export async function getStatus(
  body: unknown,
  userId: string,
  effects: Effects,
  { language }: RequestContext,
): Promise<Response> {
  const { instanceId } = parseRequest(CONTRACTS.get_status.request, body, language);
  const instance = await readInstance(instanceId, userId, effects, language);
  return succeed("get_status", { instance });
}

/** One number as its member sees it. */
export async function readInstance(
  instanceId: string,
  userId: string,
  effects: Effects,
  language: Language,
): Promise<InstanceView> {
  const answer = await effects.database.call("instance_status", {
    p_user_id: userId,
    p_instance_id: instanceId,
  }, found);
  if (answer.result !== "ok") throw refusal(answer, language);
  return answer.instance;
}
