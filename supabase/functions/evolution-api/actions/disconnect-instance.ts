/**
 * `disconnect_instance`: by hand. The row says so before the gateway is asked, so that nothing
 * reconnects the number meanwhile, and nothing does afterwards.
 *
 * @module
 */

import { z } from "zod";
import { CONTRACTS } from "../../_shared/contracts/actions.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import { createGateway } from "../../_shared/gateway/client.ts";
import type { RequestContext } from "../../_shared/http/serve.ts";
import { parseRequest } from "../../_shared/http/validation.ts";
import { succeed } from "../answer.ts";
import { refusal, refused } from "../refusals.ts";
import { instanceConnection } from "../../_shared/messages/send-messages.ts";

const begun = z.union([
  z.object({
    result: z.literal("disconnected"),
    logout: z.boolean(),
    instance: instanceConnection.nullable(),
  }),
  refused,
]);

const NOT_CALLED = { outcome: "not_called", ms: 0 } as const;

/**
 * Disconnects. A gateway that fails does not undo it: what the logout came to is in the answer, and
 * so is what the registry says afterwards, which is the only truth about it.
 */
export async function disconnectInstance(
  body: unknown,
  userId: string,
  effects: Effects,
  { language, log }: RequestContext,
): Promise<Response> {
  const { instanceId } = parseRequest(CONTRACTS.disconnect_instance.request, body, language);
  const answer = await effects.database.call("begin_disconnect", {
    p_user_id: userId,
    p_instance_id: instanceId,
  }, begun);
  if (answer.result !== "disconnected") throw refusal(answer, language);
  const { instance } = answer;
  if (instance === null) {
    return succeed("disconnect_instance", {
      status: "disconnected",
      logout: NOT_CALLED.outcome,
      registry: NOT_CALLED.outcome,
    });
  }

  const gateway = createGateway({
    apiUrl: instance.api_url,
    apiKey: instance.api_key,
    instanceName: instance.instance_name,
  }, effects);
  const logout = answer.logout ? await gateway.logout() : NOT_CALLED;
  const registry = await gateway.registry();
  const outcome = { logout: logout.outcome, registry: registry.outcome };
  log.write("info", "logged_out", { instanceId, outcome: logout.outcome, ms: logout.ms });
  if (answer.logout) {
    await effects.database.call("record_logout", {
      p_instance_id: instanceId,
      p_outcome: { ...outcome, ms: Math.round(logout.ms) },
    }, z.unknown());
  }
  return succeed("disconnect_instance", { status: "disconnected", ...outcome });
}
