/**
 * `get_qrcode`: the QR to scan. Every open page polls it, so the database decides who of them may
 * ask the gateway: one at a time, and nobody while the last QR is fresh.
 *
 * @module
 */

import { z } from "zod";
import { CONTRACTS } from "../../_shared/contracts/actions.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import type { RequestContext } from "../../_shared/http/serve.ts";
import { instanceStatus, qrView } from "../../_shared/contracts/instances.ts";
import { parseRequest } from "../../_shared/http/validation.ts";
import { succeed } from "../answer.ts";
import { claimedConnect, connectOnce } from "../connect-once.ts";
import { refusal, refused } from "../refusals.ts";

const found = z.union([
  z.object({
    result: z.literal("answered"),
    status: instanceStatus,
    qr: z.nullable(qrView),
    reason: z.string().nullable(),
    retry_after_seconds: z.int(),
  }),
  claimedConnect,
  refused,
]);

/** A QR is renewed by webhook; the scan shows in `status`. */
const SHOWING_SECONDS = 3;

/** After an ask that brought no QR: as long as the claim keeps others from asking. */
const ASK_AGAIN_SECONDS = 20;

/** Answers the current QR with its expiry, or why there is none and when to ask again. */
export async function getQrCode(
  body: unknown,
  userId: string,
  effects: Effects,
  { language, log }: RequestContext,
): Promise<Response> {
  const { instanceId } = parseRequest(CONTRACTS.get_qrcode.request, body, language);
  const answer = await effects.database.call("request_qr_code", {
    p_user_id: userId,
    p_instance_id: instanceId,
  }, found);
  if (answer.result === "answered") {
    const { status, qr, reason, retry_after_seconds: retryAfterSeconds } = answer;
    return succeed("get_qrcode", { qr, status, reason, retryAfterSeconds });
  }
  if (answer.result !== "claimed") throw refusal(answer, language);

  const { status, qr, failure } = await connectOnce(answer, effects, log.with({ instanceId }));
  if (qr !== null || status === "connected") {
    const reason = qr === null ? "connected" : null;
    return succeed("get_qrcode", {
      qr,
      status,
      reason,
      retryAfterSeconds: qr === null ? 0 : SHOWING_SECONDS,
    });
  }
  return succeed("get_qrcode", {
    qr,
    status,
    reason: failure === null ? "no_qr_yet" : `gateway_${failure}`,
    retryAfterSeconds: ASK_AGAIN_SECONDS,
  });
}
