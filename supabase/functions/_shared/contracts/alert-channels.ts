/**
 * Requests and answers of the actions on alert channels: where people are told of numbers that need
 * them. Runs in browsers too.
 *
 * @module
 */

import * as z from "zod/mini";
import { optional } from "./optional-field.ts";

const success = z.literal(true);
const kind = z.enum(["telegram", "slack", "discord", "whatsapp", "webhook"]);
const language = z.enum(["pt", "en"]);
const event = z.enum(["down", "qr", "recovered"]);
/** `22:30`. */
const time = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/));

/** A channel as its managers see it: without its secrets. */
const channelView = z.object({
  id: z.uuid(),
  kind,
  name: z.string(),
  /** Telegram's chat; of a WhatsApp number the last two digits. */
  target: z.nullable(z.string()),
  /** Of its address, which may be a secret. */
  host: z.nullable(z.string()),
  events: z.array(event),
  language,
  quietFrom: z.nullable(z.string()),
  quietUntil: z.nullable(z.string()),
  timeZone: z.string(),
  enabled: z.boolean(),
  /** How its newest message ended: `sent`, or why not. */
  lastOutcome: z.nullable(z.string()),
  lastSentAt: z.nullable(z.iso.datetime({ offset: true })),
});

const channelId = z.object({ channelId: z.uuid() });

/** What each kind needs, where it is told: an address of its own, or any of https. */
const ADDRESSES = {
  slack: /^https:\/\/hooks\.slack\.com\/\S+$/,
  discord: /^https:\/\/(?:(?:canary|ptb)\.)?discord(?:app)?\.com\/api\/webhooks\/\S+$/,
  webhook: /^https?:\/\/\S+$/,
} as const;

const saveRequest = z.object({
  /** Of a channel that is changed: what is not told stays. */
  channelId: optional(z.uuid()),
  /** Of a new one, like `kind` and `name`. */
  organizationId: optional(z.uuid()),
  kind: optional(kind),
  name: optional(z.string().check(z.maxLength(60))),
  /** Telegram's chat id, or the WhatsApp number to write to, digits with the country's code. */
  target: optional(z.string().check(z.regex(/^(?:-?\d{5,20}|@\w{5,32})$/))),
  /** Slack's, Discord's or your own webhook's address. */
  url: optional(z.string().check(z.maxLength(500))),
  /** Telegram's bot token; what a webhook is signed with, 16 characters or more. */
  secret: optional(z.string().check(z.maxLength(200), z.regex(/^\S+$/))),
  events: optional(z.array(event).check(z.minLength(1))),
  language: optional(language),
  /** Hours in which nobody is told, over midnight where `until` is not after `from`; false: none. */
  quiet: optional(z.union([z.literal(false), z.object({ from: time, until: time })])),
  timeZone: optional(z.string().check(z.maxLength(60))),
  enabled: optional(z.boolean()),
}).check(
  z.refine((asked) => asked.channelId !== undefined || asked.organizationId !== undefined, {
    path: ["organizationId"],
  }),
  z.refine((asked) => asked.channelId !== undefined || asked.kind !== undefined, {
    path: ["kind"],
  }),
  z.refine((asked) => asked.channelId !== undefined || asked.name !== undefined, {
    path: ["name"],
  }),
  z.refine((asked) => asked.url === undefined || isAddressOf(asked.kind, asked.url), {
    path: ["url"],
  }),
);

/** Whether an address is one of this kind's; of an unknown kind, of any. */
function isAddressOf(kind: string | undefined, url: string): boolean {
  return Object.entries(ADDRESSES).some(([each, pattern]) =>
    (kind === undefined || kind === each) && pattern.test(url)
  );
}

/** An organization's channels. */
export const listAlertChannelsContract = {
  request: z.object({ organizationId: z.uuid() }),
  response: z.object({ success, channels: z.array(channelView) }),
};

/** Makes or changes one. */
export const saveAlertChannelContract = {
  request: saveRequest,
  response: z.object({ success, channel: channelView }),
};

/** Sends a word of trial. */
export const testAlertChannelContract = {
  request: channelId,
  /** It goes within ten seconds or a minute; `lastOutcome` then says how it ended. */
  response: z.object({ success, queued: z.literal(true) }),
};

/** Deletes one. */
export const deleteAlertChannelContract = {
  request: channelId,
  response: z.object({ success, deleted: z.literal(true) }),
};
