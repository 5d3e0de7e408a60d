/**
 * `get_qrcode`: the QR to scan. Every open page polls it, so the database decides who of them may
 * ask the gateway: one at a time, and nobody while the last QR is fresh.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceStatus, qrView } from "../../_shared/contracts/instances.ts";
import { type Action, ask, succeed } from "../action.ts";
import { claimedConnect, connectOnce } from "../connect-once.ts";

const found = z.union([
  z.object({
    result: z.literal("answered"),
    status: instanceStatus,
    qr: z.nullable(qrView),
    reason: z.nullable(z.string()),
    retry_after_seconds: z.int(),
  }),
  claimedConnect,
]);

/** A QR is renewed by webhook; the scan shows in `status`. */
const SHOWING_SECONDS = 3;

/** After an ask that brought no QR: as long as the database keeps others from asking. */
const ASK_AGAIN_SECONDS = 30;

/** Answers the current QR with its expiry, or why there is none and when to ask again. */
export const getQrCode: Action<"get_qrcode"> = async ({ instanceId }, call) => {
  const asked = { p_user_id: call.userId, p_instance_id: instanceId };
  const answer = await ask(call, "request_qr_code", asked, found);
  if (answer.result === "answered") {
    const { status, qr, reason, retry_after_seconds: retryAfterSeconds } = answer;
    return succeed("get_qrcode", { qr, status, reason, retryAfterSeconds });
  }
  const { status, qr, failure } = await connectOnce(answer, call);
  const [reason, retryAfterSeconds] = qr !== null
    ? [null, SHOWING_SECONDS]
    : status === "connected"
    ? ["connected", 0]
    : [failure === null ? "no_qr_yet" : `gateway_${failure}`, ASK_AGAIN_SECONDS];
  return succeed("get_qrcode", { qr, status, reason, retryAfterSeconds });
};
