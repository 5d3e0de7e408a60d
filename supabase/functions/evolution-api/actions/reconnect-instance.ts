/**
 * `reconnect_instance`: a person wants a number back, also one disconnected by hand.
 *
 * @module
 */

import * as z from "zod/mini";
import { type Action, ask, gatewayError, succeed } from "../action.ts";
import { claimedConnect, connectOnce } from "../connect-once.ts";

const begun = z.union([z.object({ result: z.literal("connected") }), claimedConnect]);

/**
 * Makes one connect. Refused while a repair is open or a QR waits for its scan: two of these at once
 * work against each other.
 */
export const reconnectInstance: Action<"reconnect_instance"> = async ({ instanceId }, call) => {
  const asked = { p_user_id: call.userId, p_instance_id: instanceId };
  const answer = await ask(call, "begin_reconnect", asked, begun);
  if (answer.result === "connected") {
    return succeed("reconnect_instance", { status: "connected", qr: null });
  }
  const { status, qr, failure } = await connectOnce(answer, call);
  // A webhook may have brought what the gateway's answer did not.
  if (failure !== null && qr === null && status !== "connected") throw gatewayError(failure);
  return succeed("reconnect_instance", { status, qr });
};
