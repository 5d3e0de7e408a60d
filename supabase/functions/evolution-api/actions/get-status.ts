/**
 * `get_status`: one number as it is. Looks, and touches nothing: a page may ask every second.
 *
 * @module
 */

import * as z from "zod/mini";
import type { InstanceView } from "../../_shared/contracts/actions.ts";
import { instanceView } from "../../_shared/contracts/instances.ts";
import { type Action, ask, type Call, succeed } from "../action.ts";

const found = z.object({ result: z.literal("ok"), instance: instanceView });

/** Answers one number. Reads the database alone. */
export const getStatus: Action<"get_status"> = async ({ instanceId }, call) =>
  succeed("get_status", { instance: await readInstance(instanceId, call) });

/** One number as its member sees it. */
export async function readInstance(instanceId: string, call: Call): Promise<InstanceView> {
  const asked = { p_user_id: call.userId, p_instance_id: instanceId };
  return (await ask(call, "instance_status", asked, found)).instance;
}
