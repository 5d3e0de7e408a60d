/**
 * The ways an alert can go. What may have been taken is `unknown`, and never sent again to a chat.
 *
 * @module
 */

import { gatewayOf } from "../_shared/gateway/instance.ts";
import { post } from "../_shared/http/post.ts";
import { callSigned } from "../_shared/http/signed-call.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { type AlertOutcome, bodyOf, judgeStatus, textOf } from "./decide.ts";
import type { AlertMessage, OwnAlerts } from "./work-list.ts";

type ChannelEffects = Pick<Effects, "fetch" | "clock" | "resolve" | "allowPrivate">;

/** How long a channel may take, in ms. */
const SEND_LIMIT_MS = 10_000;

/** A dead socket says Connection Closed within milliseconds. */
const AT_ONCE_MS = 5_000;

/** Where Telegram takes a bot's messages. */
const TELEGRAM = "https://api.telegram.org";

/** Sends a message by its channel. Never throws. */
export async function sendAlert(
  message: AlertMessage,
  effects: ChannelEffects,
  ownAlerts: OwnAlerts,
): Promise<AlertOutcome> {
  const { url, target, secrets: [secret] } = message;
  const text = textOf(message);
  switch (message.kind) {
    case "telegram":
      // Without `parse_mode` nothing of a name is markup.
      return await tell(`${TELEGRAM}/bot${secret}/sendMessage`, {
        chat_id: target,
        text,
        link_preview_options: { is_disabled: true },
      }, effects);
    case "slack":
      return await tell(url!, { text, unfurl_links: false }, effects);
    case "discord":
      // 2,000 characters is the most that Discord takes; nobody is mentioned.
      return await tell(
        url!,
        { content: text.slice(0, 2_000), allowed_mentions: { parse: [] } },
        effects,
      );
    case "webhook":
      return await callWebhook(message, effects);
    case "whatsapp":
      return await sendByWhatsApp(message, text, effects, ownAlerts);
  }
}

async function tell(
  url: string,
  message: unknown,
  effects: ChannelEffects,
): Promise<AlertOutcome> {
  const body = JSON.stringify(message);
  const posted = await post({ url, body, limitMs: SEND_LIMIT_MS }, effects);
  switch (posted.kind) {
    case "answered":
      return judgeStatus(posted.status);
    case "timeout":
      return "unknown";
    case "failed":
      return "unreachable";
    case "address_refused":
      return "address_refused";
  }
}

/** The receiver knows a message by its id: what may have been taken is sent again. */
async function callWebhook(
  message: AlertMessage,
  effects: ChannelEffects,
): Promise<AlertOutcome> {
  const hook = { url: message.url!, secrets: message.secrets, limitMs: SEND_LIMIT_MS };
  const call = await callSigned(hook, message.message_id, bodyOf(message), effects);
  if (call.kind === "answered") return judgeStatus(call.status);
  return call.kind === "failed" ? "unknown" : call.kind;
}

/**
 * Through another number of the organization; never through one that the message is about. What cannot
 * be written down before does not leave: the number's gateway would report it as somebody's message.
 */
async function sendByWhatsApp(
  { sender, target }: AlertMessage,
  text: string,
  effects: ChannelEffects,
  ownAlerts: OwnAlerts,
): Promise<AlertOutcome> {
  if (sender === null || target === null) return "no_living_number";
  const begun = await ownAlerts.begin(sender.instance_name, text).catch(() =>
    "not_written" as const
  );
  if (begun === null) return "no_living_number";
  if (begun === "not_written") return "unreachable";
  const sent = await gatewayOf(sender, effects).sendText({ number: target, text });
  switch (sent.outcome) {
    case "sent":
      // Not written down, it is known by its words.
      if (sent.whatsappMessageId !== null) {
        await ownAlerts.name(begun, sent.whatsappMessageId).catch(() => {});
      }
      return "sent";
    case "gateway_timeout":
      return "unknown";
    case "connection_closed":
      // A half-open socket takes 60 s for that, and may have written.
      return sent.ms > AT_ONCE_MS ? "unknown" : "refused";
    case "gateway_unreachable":
      return "unreachable";
    default:
      return "refused";
  }
}
