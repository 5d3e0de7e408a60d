/**
 * What a person fills in for an alert channel, and the request that is made of it. Pure.
 *
 * @module
 */

import type { AlertChannel, Language } from "../types.ts";

/** How a channel reaches people. */
export type Kind = AlertChannel["kind"];

const FIELDS = ["name", "target", "url", "secret", "events", "quiet", "timeZone"] as const;
/** Something that is filled in. */
export type Field = typeof FIELDS[number];

/** All kinds, in the order in which they are offered. */
export const KINDS: readonly Kind[] = ["telegram", "slack", "discord", "whatsapp", "webhook"];
/** All that a channel can tell of. */
export const EVENTS: readonly AlertChannel["events"][number][] = ["down", "qr", "recovered"];

/** Where each kind's messages go, and what opens the door there. */
const PLACES: Readonly<Record<Kind, readonly ("target" | "url" | "secret")[]>> = {
  telegram: ["target", "secret"],
  slack: ["url"],
  discord: ["url"],
  whatsapp: ["target"],
  webhook: ["url", "secret"],
};

/** What signs a webhook's messages is at least so long. */
const LEAST_SECRET = 16;
const MOST_NAME = 60;

/** A form as it stands. */
export interface Draft {
  kind: Kind;
  name: string;
  target: string;
  /** Empty in the form of a channel that is there: its address and secret are never shown again. */
  url: string;
  secret: string;
  events: AlertChannel["events"];
  language: Language;
  quiet: boolean;
  from: string;
  until: string;
  timeZone: string;
}

/** A form for a new channel, or for one that is there. */
export function draftOf(
  channel: AlertChannel | null,
  usual: { language: Language; timeZone: string },
): Draft {
  return {
    kind: channel?.kind ?? "telegram",
    name: channel?.name ?? "",
    // Of a WhatsApp number only its end is told.
    target: channel === null || channel.kind === "whatsapp" ? "" : channel.target ?? "",
    url: "",
    secret: "",
    events: channel?.events ?? [...EVENTS],
    language: channel?.language ?? usual.language,
    quiet: channel !== null && channel.quietFrom !== null,
    from: channel?.quietFrom ?? "22:00",
    until: channel?.quietUntil ?? "07:00",
    timeZone: channel?.timeZone ?? usual.timeZone,
  };
}

/** What this kind asks for besides its name. */
export function placesOf(kind: Kind) {
  return PLACES[kind];
}

/**
 * The first field that cannot be right, before anybody is asked; null: none.
 *
 * @param isNew Otherwise what is left empty stays as it is.
 */
export function wrongField(draft: Draft, isNew: boolean): Field | null {
  const { name, kind, secret, events, quiet, from, until, timeZone } = draft;
  if (name.trim() === "" || name.trim().length > MOST_NAME) return "name";
  for (const place of placesOf(kind)) {
    if (isNew && draft[place].trim() === "") return place;
  }
  const short = kind === "webhook" && secret !== "" && secret.length < LEAST_SECRET;
  if (placesOf(kind).includes("secret") && (short || /\s/.test(secret.trim()))) return "secret";
  if (events.length === 0) return "events";
  if (quiet && (from === "" || until === "")) return "quiet";
  return isZone(timeZone.trim()) ? null : "timeZone";
}

/** What the action `save_alert_channel` is asked; what is left empty is not told. */
export function requestOf(
  draft: Draft,
  of: { organizationId: string; channelId: string | null },
): Record<string, unknown> {
  const { kind, name, events, language, quiet, from, until, timeZone } = draft;
  const places = placesOf(kind).map((place) => [place, draft[place].trim()] as const);
  return {
    ...(of.channelId === null
      ? { organizationId: of.organizationId }
      : { channelId: of.channelId }),
    kind,
    name: name.trim(),
    ...Object.fromEntries(places.filter(([, typed]) => typed !== "")),
    events,
    language,
    quiet: quiet && { from, until },
    timeZone: timeZone.trim(),
  };
}

/** Which field a refusal is about, by the path that it names; null: none of the form's. */
export function fieldAt(path: string): Field | null {
  const [first] = path.split(".");
  return FIELDS.find((each) => each === first) ?? null;
}

function isZone(name: string): boolean {
  try {
    return name !== "" && new Intl.DateTimeFormat("en", { timeZone: name }) !== null;
  } catch {
    return false;
  }
}
