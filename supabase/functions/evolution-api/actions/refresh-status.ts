/**
 * `refresh_status`: one number as it is, and a look at it as soon as may be. The look is the scheduler's:
 * this asks no gateway, and of many who ask one makes it due.
 *
 * @module
 */

import * as z from "zod/mini";
import { CONTRACTS } from "../../_shared/contracts/actions.ts";
import { type Action, ask, succeed } from "../action.ts";

const { instance, look } = CONTRACTS.refresh_status.response.shape;
const requested = z.object({ result: z.literal("ok"), instance, look });

/** Answers the number, and when it is looked at. */
export const refreshStatus: Action<"refresh_status"> = async ({ instanceId }, call) => {
  const asked = { p_user_id: call.userId, p_instance_id: instanceId };
  const { instance, look } = await ask(call, "request_look", asked, requested);
  return succeed("refresh_status", { instance, look });
};
