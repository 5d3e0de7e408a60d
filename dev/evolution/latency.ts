/**
 * How long the gateway takes, as measured on an idle server.
 *
 * @module
 */

/** The route name under which {@linkcode measuredLatency} gives one round trip through WhatsApp. */
export const WHATSAPP_ROUND_TRIP = "whatsapp";

const MILLISECONDS: Readonly<Record<string, number>> = {
  [WHATSAPP_ROUND_TRIP]: 35,
  fetchInstances: 13,
  connectionState: 2,
  connect: 4,
  logout: 8,
  restart: 5,
  delete: 5,
  create: 17,
  "webhook/set": 6,
  "webhook/find": 4,
  sendText: 12,
  sendMedia: 12,
  sendWhatsAppAudio: 40,
  fetchBusinessProfile: 12,
};

/**
 * The gateway's own share of an answer, in milliseconds.
 *
 * @param route A route's name, or {@linkcode WHATSAPP_ROUND_TRIP}.
 */
export function measuredLatency(route: string): number {
  return MILLISECONDS[route] ?? 5;
}
