/**
 * Which words belong to a channel's kinds, events and fields.
 *
 * @module
 */

import type { AlertChannel } from "../types.ts";
import type { Word } from "../words/strings.ts";
import type { Field, Kind } from "./channel-draft.ts";

/** What a channel tells of. */
export const EVENT_WORDS: Readonly<Record<AlertChannel["events"][number], Word>> = {
  down: "channelDown",
  qr: "channelQr",
  recovered: "channelRecovered",
};

/** The kinds' names. */
export const KIND_WORDS: Readonly<Record<Kind, Word>> = {
  telegram: "kindTelegram",
  slack: "kindSlack",
  discord: "kindDiscord",
  whatsapp: "kindWhatsapp",
  webhook: "kindWebhook",
};

/** The fields' names. */
export const LABELS: Readonly<Record<Field, Word>> = {
  name: "channelName",
  target: "channelTarget",
  url: "channelUrl",
  secret: "channelSecret",
  events: "channelEvents",
  quiet: "channelQuietHours",
  timeZone: "channelZone",
};

/** What belongs into a field. */
export function hintOf(kind: Kind, field: Field): Word {
  switch (field) {
    case "name":
      return "channelNameHint";
    case "target":
      return kind === "whatsapp" ? "channelTargetWhatsapp" : "channelTargetTelegram";
    case "url":
      return kind === "slack"
        ? "channelUrlSlack"
        : kind === "discord"
        ? "channelUrlDiscord"
        : "channelUrlWebhook";
    case "secret":
      return kind === "telegram" ? "channelSecretTelegram" : "channelSecretWebhook";
    case "events":
      return "channelEventsHint";
    case "quiet":
      return "channelQuietHint";
    case "timeZone":
      return "channelZoneHint";
  }
}
