import { Buffer } from "node:buffer";
import { Webhook } from "standardwebhooks";

/**
 * A call of the restart agent, signed as Standard Webhooks says.
 *
 * @param secret `whsec_` and base64, or any text.
 * @param data What the call says.
 * @param at In ms since 1970.
 */
export function signCall(
  secret: string,
  data: unknown,
  { id = "call-1", at = Date.now() } = {},
): { readonly method: "POST"; readonly body: string; readonly headers: Record<string, string> } {
  const body = JSON.stringify({ type: "ghost_repair.restart_requested", data });
  const key = secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret);
  return {
    method: "POST",
    body,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at / 1_000)),
      "webhook-signature": new Webhook(key, { format: "raw" }).sign(id, new Date(at), body),
    },
  };
}
