/**
 * `reconnect_instance`: a person wants a number back, also one disconnected by hand.
 *
 * @module
 */

import { z } from "zod";
import { CONTRACTS } from "../../_shared/contracts/actions.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import type { RequestContext } from "../../_shared/http/serve.ts";
import { parseRequest } from "../../_shared/http/validation.ts";
import { succeed } from "../answer.ts";
import { claimedConnect, connectOnce } from "../connect-once.ts";
import { gatewayError } from "../gateway-errors.ts";
import { refusal, refused } from "../refusals.ts";

const begun = z.union([z.object({ result: z.literal("connected") }), claimedConnect, refused]);

/**
 * Makes one connect. Refused while a repair is open or a QR waits for its scan: two of these at once
 * work against each other.
 */
export async function reconnectInstance(
  body: unknown,
  userId: string,
  effects: Effects,
  { language, log }: RequestContext,
): Promise<Response> {
  const { instanceId } = parseRequest(CONTRACTS.reconnect_instance.request, body, language);
  const answer = await effects.database.call("begin_reconnect", {
    p_user_id: userId,
    p_instance_id: instanceId,
  }, begun);
  if (answer.result === "connected") {
    return succeed("reconnect_instance", { status: "connected", qr: null });
  }
  if (answer.result !== "claimed") throw refusal(answer, language);
  const { status, qr, failure } = await connectOnce(answer, effects, log.with({ instanceId }));
  // A webhook may have brought what the gateway's answer did not.
  if (failure !== null && qr === null && status !== "connected") throw gatewayError(failure);
  return succeed("reconnect_instance", { status, qr });
}
