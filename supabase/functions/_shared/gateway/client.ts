/**
 * The client of Evolution API 2.x. Every call has a time limit, never throws, is made once, and
 * ends in an outcome that can be recorded.
 *
 * @module
 */

import {
  encodeInstanceName,
  endpointUrl,
  type Exchange,
  exchange,
  type FileAnswer,
  type GatewayEffects,
  type GatewayRequest,
} from "./exchange.ts";
import type {
  AudioMessage,
  CallOutcome,
  ConnectOutcome,
  CreateOutcome,
  FileOutcome,
  InstanceSettings,
  LogoutOutcome,
  MediaMessage,
  MemoryOutcome,
  MessagesOutcome,
  MessagesWindow,
  ProbeOutcome,
  RegistryOutcome,
  RemoveOutcome,
  RestartOutcome,
  SendOutcome,
  SetWebhookOutcome,
  TextMessage,
  WebhookOutcome,
  WebhookSettings,
} from "./outcomes.ts";
import { classifyFile } from "./file.ts";
import { classifyMessages, findMessagesBody } from "./messages.ts";
import { numberFromJid } from "./own-number.ts";
import { classifySend } from "./send.ts";
import {
  classifyConnect,
  classifyDeletion,
  classifyLogout,
  classifyMemory,
  classifyPresence,
  classifyProbe,
  classifyRegistry,
  classifyRestart,
} from "./session.ts";
import {
  classifyCreate,
  classifyRemove,
  classifySetWebhook,
  classifyWebhook,
} from "./existence.ts";

export type { GatewayEffects } from "./exchange.ts";
export type * from "./outcomes.ts";

/** A gateway, its key, and one instance on it. */
export interface GatewayAddress {
  /** `https://host`, with or without a path and a slash at the end. */
  readonly apiUrl: string;
  /** The global key or the instance's own token. Goes into the header `apikey`, nowhere else. */
  readonly apiKey: string;
  /** As it is, not encoded. */
  readonly instanceName: string;
}

/** Time limits in milliseconds, and the size of an answer in bytes. */
export interface GatewayLimits {
  /** A send. A half-open socket answers after 60 s: less would hide what it says. */
  readonly send: number;
  /** Logout. Answers within 0.2 s in every state that was measured. */
  readonly logout: number;
  /** The probe. A live socket answers in 0.1 s, a half-open one not at all. */
  readonly probe: number;
  /** Registry, memory and the webhook's settings, reading and writing. */
  readonly read: number;
  /** Connect. Answers after 2.2 s where a socket has to be opened. */
  readonly connect: number;
  /** Restart. Answers within 0.2 s. */
  readonly restart: number;
  /** Create (5.3 s with a QR code) and delete. */
  readonly create: number;
  /**
   * A page of stored messages: 0.2 s for an hour's among 100,000; the gateway's database may be
   * busy.
   */
  readonly find: number;
  /** A message's file, which the gateway fetches first: twice, five seconds apart, where it has to. */
  readonly file: number;
  /** What is read of an answer; the rest is dropped. */
  readonly bodyBytes: number;
  /** The same of a page of stored messages, each with its thumbnail, written byte by byte. */
  readonly pageBytes: number;
}

/** Measured on Evolution API 2.3.7, with room. */
export const GATEWAY_LIMITS: GatewayLimits = {
  send: 70_000,
  logout: 10_000,
  probe: 8_000,
  read: 8_000,
  connect: 20_000,
  restart: 20_000,
  create: 30_000,
  find: 15_000,
  file: 45_000,
  bodyBytes: 2_000_000,
  pageBytes: 4_000_000,
};

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
  /** `POST /chat/findMessages`: one page of what the gateway has stored. */
  findMessages(window: MessagesWindow): Promise<MessagesOutcome>;
  /**
   * `POST /chat/getBase64FromMediaMessage`: a message's file. The gateway holds all of it in its memory
   * for that, so {@linkcode Gateway.findMessages} is asked first how large it is.
   *
   * @param whatsappMessageId WhatsApp's id of the message.
   * @param file How much of it is read, and who admits it.
   */
  file(whatsappMessageId: string, file: FileAnswer): Promise<FileOutcome>;
  /**
   * `POST /chat/sendPresence`: what comes back as `presence.update` has passed the queue of the
   * instance's events.
   *
   * @param number Digits.
   */
  presence(number: string): Promise<CallOutcome>;
  /**
   * `DELETE /chat/deleteMessageForEveryone`.
   *
   * @param number Whom it was sent to, digits.
   * @param whatsappMessageId WhatsApp's id of it.
   */
  deleteMessage(number: string, whatsappMessageId: string): Promise<CallOutcome>;
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
 * @example
 * ```ts
 * const gateway = createGateway(
 *   { apiUrl: "https://evolution.example.com", apiKey, instanceName: "sales" },
 *   { fetch, clock: systemClock },
 * );
 * const end = await gateway.sendText({ number: "5511999998888", text: "Hello" });
 * if (end.outcome === "sent") console.log(end.whatsappMessageId, `after ${end.ms} ms`);
 * else console.log(end.outcome);
 * ```
 */
export function createGateway(
  address: GatewayAddress,
  effects: GatewayEffects,
  limits: Partial<GatewayLimits> = {},
): Gateway {
  const { apiUrl, apiKey, instanceName } = address;
  const { bodyBytes, pageBytes, ...ms } = { ...GATEWAY_LIMITS, ...limits };
  const segment = encodeInstanceName(instanceName);

  const call = async (
    method: GatewayRequest["method"],
    path: string,
    limitMs: number,
    rest: {
      readonly body?: unknown;
      readonly query?: Readonly<Record<string, string>>;
      readonly bodyBytes?: number;
      readonly file?: FileAnswer;
    } = {},
  ): Promise<Exchange> => {
    if (segment === null) return { kind: "unanswered", ms: 0, why: "no_such_address" };
    const url = endpointUrl(apiUrl, path, rest.query);
    const request = { method, url, apiKey, body: rest.body, limitMs, file: rest.file };
    return await exchange({ ...request, bodyBytes: rest.bodyBytes ?? bodyBytes }, effects);
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
      return classifyRegistry(ended, instanceName, apiKey);
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
    findMessages: async (window) => {
      const asked = { body: findMessagesBody(window), bodyBytes: pageBytes };
      return classifyMessages(
        await call("POST", `chat/findMessages/${segment}`, ms.find, asked),
        window,
      );
    },
    file: async (id, file) => {
      const path = `chat/getBase64FromMediaMessage/${segment}`;
      const body = { message: { key: { id } }, convertToMp4: false };
      return classifyFile(await call("POST", path, ms.file, { body, file }));
    },
    presence: async (number) => {
      const body = { number, presence: "paused", delay: 200 };
      return classifyPresence(
        await call("POST", `chat/sendPresence/${segment}`, ms.read, { body }),
      );
    },
    deleteMessage: async (number, id) => {
      const path = `chat/deleteMessageForEveryone/${segment}`;
      const body = { id, remoteJid: `${number}@s.whatsapp.net`, fromMe: true };
      return classifyDeletion(await call("DELETE", path, ms.read, { body }), id);
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
