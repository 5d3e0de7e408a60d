/**
 * A new number at the gateway: what it is called, and whether it is there.
 *
 * @module
 */

import { createGateway } from "../_shared/gateway/client.ts";
import type { GatewayAddress, GatewayEffects } from "../_shared/gateway/client.ts";
import { isGatewayFailure } from "./gateway-errors.ts";
import type { GatewayFailure } from "./gateway-errors.ts";

/** The events that `evolution-webhook` reads. */
const WEBHOOK_EVENTS = [
  "CONNECTION_UPDATE",
  "QRCODE_UPDATED",
  "MESSAGES_UPSERT",
  "MESSAGES_UPDATE",
  "SEND_MESSAGE",
  "LOGOUT_INSTANCE",
  "STATUS_INSTANCE",
] as const;

/** A name for the gateway: `Vendas São Paulo` is `vendas-sao-paulo-` and what makes it unique. */
export function nameFor(displayName: string, id: string): string {
  const slug = displayName.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
  return [slug, id.slice(0, 8)].filter((part) => part !== "").join("-");
}

/** What a gateway made of a request for a new instance. */
export type Creation =
  | { readonly made: true }
  | { readonly made: false; readonly why: "name_taken" }
  /** `unknown`: it may yet come into being; nobody could say. */
  | { readonly made: false; readonly why: GatewayFailure; readonly unknown: boolean };

/** What is asked of the gateway. */
export interface NewInstance {
  readonly address: GatewayAddress;
  /** Its own key, of our making: the proof, later on, that it is ours. */
  readonly token: string;
  /** Where it reports to, and what it signs that with. */
  readonly webhook: { readonly url: string; readonly secret: string };
}

/**
 * Makes an instance, without connecting it. The registry is asked first (a gateway that is away, or
 * refuses the key, is told apart before anything changes) and again where the answer was lost: with
 * the instance's own token, which opens nothing but what this call made.
 */
export async function createAtGateway(
  { address, token, webhook }: NewInstance,
  effects: GatewayEffects,
): Promise<Creation> {
  const gateway = createGateway(address, effects);
  const before = (await gateway.registry()).outcome;
  if (before !== "not_found") {
    return isGatewayFailure(before)
      ? { made: false, why: before, unknown: false }
      : { made: false, why: "name_taken" };
  }
  const { outcome } = await gateway.create({
    token,
    webhook: { url: webhook.url, events: WEBHOOK_EVENTS, headers: { jwt_key: webhook.secret } },
  });
  if (outcome === "created") return { made: true };
  if (outcome === "name_taken") return { made: false, why: outcome };
  if (outcome === "refused" || outcome === "unauthorized") {
    return { made: false, why: outcome, unknown: false };
  }
  const after = (await createGateway({ ...address, apiKey: token }, effects).registry()).outcome;
  if (!isGatewayFailure(after)) return { made: true };
  // The key is unknown there, or the name is: it was not made, so far.
  const absent = after === "unauthorized" || after === "not_found";
  return { made: false, why: outcome, unknown: outcome === "timeout" || !absent };
}
