/**
 * What the control API is told: an instance to begin with, how WhatsApp answers, what makes no sense.
 *
 * @module
 */

import { z } from "zod";
import type { Network } from "../model/connection.ts";
import { WantedWebhook } from "../webhooks/setting.ts";

/** An instance to begin with. */
export const PairedSeed = z.object({
  name: z.string(),
  /** The own number, digits only. */
  phone: z.string(),
  /** The instance's own key; invented, unless given. */
  token: z.string().optional(),
  webhook: WantedWebhook.omit({ enabled: true }).optional(),
});

/** See {@linkcode PairedSeed}. */
export type PairedSeed = z.infer<typeof PairedSeed>;

/** How WhatsApp answers; exactly one of these. */
export const WhatsAppChange = z.union([
  z.object({ reachable: z.literal(true) }),
  /** Connections are refused: B1. */
  z.object({ refusing: z.literal(true) }),
  /** No answer to the login (B3), or already to the websocket upgrade (B4). */
  z.object({ hanging: z.union([z.literal(true), z.enum(["login", "upgrade"])]) }),
  /** The login is rejected with this code: B2; 401, 402, 403, 406: D. */
  z.object({ rejecting: z.number() }),
]);

/** See {@linkcode WhatsAppChange}. */
export type WhatsAppChange = z.infer<typeof WhatsAppChange>;

/** A control call that makes no sense. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  /**
   * @param status 404 for an unknown instance, 400 for a state that does not allow the call.
   * @param message What is wrong.
   */
  constructor(readonly status: 400 | 404, message: string) {
    super(message);
  }
}

/** A change as the instances know it. */
export function networkOf(change: WhatsAppChange): Network {
  if ("refusing" in change) return { kind: "refusing" };
  if ("rejecting" in change) return { kind: "rejecting", code: change.rejecting };
  if ("hanging" in change) {
    return { kind: "hanging", at: change.hanging === "upgrade" ? "upgrade" : "login" };
  }
  return { kind: "reachable" };
}
