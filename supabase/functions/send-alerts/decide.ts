/**
 * What an alert says, and what its answer means. Pure. No phone number, no customer's data.
 *
 * @module
 */

import { ADVICE, HEARING, knownReason } from "../_shared/contracts/reasons.ts";
import type { Language } from "../_shared/http/language.ts";
import { fill, utcMinute, withoutNumbers } from "../_shared/contracts/plain-words.ts";
import type { AlertMessage } from "./work-list.ts";

type Item = AlertMessage["items"][number];

/** So many numbers are named in a digest; the others are counted. */
const NAMED = 20;

const WORDS = {
  pt: {
    test: "Teste: os alertas do reparo de sessões chegam aqui.",
    down: "🔴 {name} está sem WhatsApp desde {since}.",
    unheard: "🟠 {name} envia, mas talvez não receba, desde {since}.",
    qr: "📱 {name} espera a leitura de um QR code desde {since}.",
    scan: "Abra no celular e leia o código.",
    recovered: "🟢 {name} voltou, depois de {away}.",
    digest: {
      down: ["🔴 1 número sem WhatsApp", "🔴 {n} números sem WhatsApp"],
      qr: ["📱 1 número espera um QR code", "📱 {n} números esperam um QR code"],
      recovered: ["🟢 1 número voltou", "🟢 {n} números voltaram"],
    },
    others: "e mais {n}",
  },
  en: {
    test: "A test: alerts of the session repair arrive here.",
    down: "🔴 {name} has been without WhatsApp since {since}.",
    unheard: "🟠 {name} sends but may not hear, since {since}.",
    qr: "📱 {name} has been waiting for its QR code to be scanned since {since}.",
    scan: "Open it on a phone and scan the code.",
    recovered: "🟢 {name} is back, after {away}.",
    digest: {
      down: ["🔴 1 number without WhatsApp", "🔴 {n} numbers without WhatsApp"],
      qr: ["📱 1 number waits for a QR code", "📱 {n} numbers wait for a QR code"],
      recovered: ["🟢 1 number is back", "🟢 {n} numbers are back"],
    },
    others: "and {n} more",
  },
} as const satisfies Record<Language, object>;

/** The message as text. */
export function textOf(message: AlertMessage): string {
  const { items, language } = message;
  const [only, ...more] = items;
  if (only === undefined) return WORDS[language].test;
  return more.length === 0 ? single(only, message) : digest(message);
}

function single(item: Item, message: AlertMessage): string {
  const { language } = message;
  const words = WORDS[language];
  const values = {
    name: plainName(item.name),
    since: utcMinute(item.since),
    away: duration(item.awaySeconds),
  };
  const advice = item.kind === "down"
    ? ADVICE[knownReason(item.reason)][language]
    : item.kind === "qr"
    ? words.scan
    : "";
  const kind = item.kind === "down" && HEARING.has(item.reason ?? "") ? "unheard" : item.kind;
  return [fill(words[kind], values), advice, linkOf(item, message)]
    .filter((part) => part !== "").join("\n");
}

/** One message for everything of a gateway: by kind and reason, with what to do once each. */
function digest(message: AlertMessage): string {
  const { items, language } = message;
  const words = WORDS[language];
  const parts = (["down", "qr", "recovered"] as const).flatMap((kind) => {
    const reasons = new Set(items.filter((item) => item.kind === kind).map(({ reason }) => reason));
    return [...reasons].map((reason) => {
      const those = items.filter((item) => item.kind === kind && item.reason === reason);
      const head = words.digest[kind][those.length === 1 ? 0 : 1];
      const names = those.slice(0, NAMED).map(({ name }) => plainName(name));
      const others = those.length - names.length;
      return [
        `${fill(head, { n: those.length })}:`,
        [...names, ...(others > 0 ? [fill(words.others, { n: others })] : [])].join(", "),
        ...(kind === "down" ? [ADVICE[knownReason(reason)][language]] : []),
      ].join("\n");
    });
  });
  return parts.join("\n\n");
}

/** The body of a webhook. */
export function bodyOf(message: AlertMessage): Record<string, unknown> {
  const { items } = message;
  return {
    type: items.length === 0 ? "ghost_repair.alert_test" : "ghost_repair.alert",
    data: {
      text: textOf(message),
      numbers: items.map((item) => {
        const { name, instanceId, ...told } = item;
        const url = addressOf(item, message);
        return { instanceId, name: plainName(name), ...told, ...(url === null ? {} : { url }) };
      }),
    },
  };
}

/** Where a person finds the number; who is to scan finds its code alone. */
function addressOf({ instanceId, kind }: Item, { number_page, qr_page }: AlertMessage) {
  const page = kind === "qr" ? qr_page : number_page;
  return page === null ? null : page.replace("{id}", instanceId);
}

function linkOf(item: Item, message: AlertMessage): string {
  return item.kind === "recovered" ? "" : addressOf(item, message) ?? "";
}

/** One line, and nothing that a chat would read as its own markup or mention. */
function plainName(name: string): string {
  return withoutNumbers(name).replace(/[\s<>@*_~`|[\]()#&]+/g, " ").trim().slice(0, 60) || "?";
}

/** The two largest units, the same in both languages: `2 h 5 min`. */
function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ] as const;
  const said = parts.filter(([amount]) => amount > 0).slice(0, 2)
    .map(([amount, unit]) => `${amount} ${unit}`).join(" ");
  return said === "" ? "0 s" : said;
}

/** How sending ended; only `sent` and `unknown` are not tried again. */
export type AlertOutcome =
  | "sent"
  /** It may have been taken. */
  | "unknown"
  | "refused"
  | "unreachable"
  | "address_refused"
  | "no_living_number";

/** What a chat's answer means, by its status. A proxy that gave up waiting may have passed it on. */
export function judgeStatus(status: number): AlertOutcome {
  if (status >= 200 && status < 300) return "sent";
  return status === 408 || status === 504 ? "unknown" : "refused";
}
