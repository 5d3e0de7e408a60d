/**
 * The client of Evolution API 2.x. Every call has a time limit, never throws, is made once, and
 * ends in an outcome that can be recorded.
 *
 * @module
 */

import { classifySend } from "./send.ts";
import {
  classifyConnect,
  classifyLogout,
  classifyMemory,
  classifyProbe,
  classifyRegistry,
  classifyRestart,
} from "./session.ts";
import { classifyCreate, classifyRemove, classifySetWebhook, classifyWebhook } from "./settings.ts";
import type { Exchange } from "./exchange.ts";
import { exchange, type GatewayEffects, type GatewayRequest } from "./http-exchange.ts";
import { encodeInstanceName, endpointUrl, type GatewayAddress } from "./instance-path.ts";
import { GATEWAY_LIMITS, type GatewayLimits } from "./limits.ts";
import type {
  AudioMessage,
  InstanceSettings,
  MediaMessage,
  TextMessage,
  WebhookSettings,
} from "./messages.ts";
import type {
  ConnectOutcome,
  CreateOutcome,
  LogoutOutcome,
  MemoryOutcome,
  ProbeOutcome,
  RegistryOutcome,
  RemoveOutcome,
  RestartOutcome,
  SendOutcome,
  SetWebhookOutcome,
  WebhookOutcome,
} from "./outcomes.ts";
import { numberFromJid } from "./own-number.ts";

export type { GatewayAddress } from "./instance-path.ts";
export type { GatewayEffects } from "./http-exchange.ts";
export type { GatewayLimits } from "./limits.ts";
export type * from "./messages.ts";
export type * from "./outcomes.ts";

/** One instance on a gateway. */
export interface Gateway {
  /** `POST /message/sendText`. */
  sendText(message: TextMessage): Promise<SendOutcome>;
  /** `POST /message/sendMedia`. */
  sendMedia(message: MediaMessage): Promise<SendOutcome>;
  /** `POST /message/sendWhatsAppAudio`. */
  sendAudio(message: AudioMessage): Promise<SendOutcome>;
  /**
   * Proves that the socket lives: `POST /chat/fetchBusinessProfile`, a round trip through WhatsApp.
   *
   * @param ownNumber The instance's number, digits or jid.
   */
  probe(ownNumber: string): Promise<ProbeOutcome>;
  /** `DELETE /instance/logout`. */
  logout(): Promise<LogoutOutcome>;
  /** `GET /instance/fetchInstances`: what the gateway's database says. */
  registry(): Promise<RegistryOutcome>;
  /** `GET /instance/connectionState`: what the gateway's process believes. */
  memory(): Promise<MemoryOutcome>;
  /** `GET /instance/connect`. */
  connect(): Promise<ConnectOutcome>;
  /** `POST /instance/restart`. */
  restart(): Promise<RestartOutcome>;
  /** `GET /webhook/find`. */
  webhook(): Promise<WebhookOutcome>;
  /** `POST /webhook/set`. */
  setWebhook(webhook: WebhookSettings): Promise<SetWebhookOutcome>;
  /** `POST /instance/create`. */
  create(settings?: InstanceSettings): Promise<CreateOutcome>;
  /** `DELETE /instance/delete`. */
  remove(): Promise<RemoveOutcome>;
}

/**
 * Makes the client of one instance. Makes no call, and does not throw on a bad address: its calls
 * then end `unreachable` (`gateway_unreachable`) or, for a name that no URL can hold, `not_found`
 * (`instance_not_found`).
 *
 * @param address Where, with which key, and which instance.
 * @param effects fetch, and the clock that the limits are measured with.
 * @param limits Replaces single {@linkcode GATEWAY_LIMITS}.
 */
export function createGateway(
  address: GatewayAddress,
  effects: GatewayEffects,
  limits: Partial<GatewayLimits> = {},
): Gateway {
  const { apiUrl, apiKey, instanceName } = address;
  const { bodyBytes, ...ms } = { ...GATEWAY_LIMITS, ...limits };
  const segment = encodeInstanceName(instanceName);

  const call = async (
    method: GatewayRequest["method"],
    path: string,
    limitMs: number,
    rest: { readonly body?: unknown; readonly query?: Readonly<Record<string, string>> } = {},
  ): Promise<Exchange> => {
    if (segment === null) return { kind: "unanswered", ms: 0, why: "no_such_address" };
    const url = endpointUrl(apiUrl, path, rest.query);
    return await exchange({ method, url, apiKey, body: rest.body, limitMs, bodyBytes }, effects);
  };

  const send = async (
    endpoint: string,
    { quotedId, ...message }: { readonly quotedId?: string; readonly number: string },
    words: readonly (string | undefined)[],
  ): Promise<SendOutcome> => {
    const body = { ...message, ...(quotedId ? { quoted: { key: { id: quotedId } } } : {}) };
    const ended = await call("POST", `message/${endpoint}/${segment}`, ms.send, { body });
    return classifySend(ended, words.filter((text) => text !== undefined));
  };

  return {
    sendText: (message) => send("sendText", message, [message.text]),
    sendMedia: (message) => send("sendMedia", message, [message.caption, message.fileName]),
    sendAudio: (message) => send("sendWhatsAppAudio", message, []),

    probe: async (ownNumber) => {
      const number = numberFromJid(ownNumber);
      if (number === null) return { outcome: "no_number", ms: 0 };
      const path = `chat/fetchBusinessProfile/${segment}`;
      return classifyProbe(await call("POST", path, ms.probe, { body: { number } }), number);
    },
    logout: async () =>
      classifyLogout(await call("DELETE", `instance/logout/${segment}`, ms.logout)),
    registry: async () => {
      const query = { instanceName };
      const ended = await call("GET", "instance/fetchInstances", ms.read, { query });
      return classifyRegistry(ended, instanceName);
    },
    memory: async () => {
      const ended = await call("GET", `instance/connectionState/${segment}`, ms.read);
      return classifyMemory(ended, instanceName);
    },
    connect: async () =>
      classifyConnect(await call("GET", `instance/connect/${segment}`, ms.connect)),
    restart: async () =>
      classifyRestart(await call("POST", `instance/restart/${segment}`, ms.restart)),

    webhook: async () => classifyWebhook(await call("GET", `webhook/find/${segment}`, ms.read)),
    setWebhook: async (webhook) => {
      const body = { webhook: webhookBody(webhook) };
      const ended = await call("POST", `webhook/set/${segment}`, ms.read, { body });
      return classifySetWebhook(ended, webhook.url);
    },
    create: async ({ webhook, ...settings } = {}) => {
      const body = {
        instanceName,
        integration: "WHATSAPP-BAILEYS",
        ...settings,
        ...(webhook ? { webhook: webhookBody(webhook) } : {}),
      };
      return classifyCreate(
        await call("POST", "instance/create", ms.create, { body }),
        instanceName,
      );
    },
    remove: async () =>
      classifyRemove(await call("DELETE", `instance/delete/${segment}`, ms.create)),
  };
}

function webhookBody({ url, events, headers }: WebhookSettings): Record<string, unknown> {
  // With `base64` the gateway repeats every picture in webhooks and answers.
  const fixed = { enabled: true, byEvents: false, base64: false };
  return { ...fixed, url, events, ...(headers ? { headers } : {}) };
}
