/**
 * The kinds of deafness: the one list of them. Memory and registry say `open`, the probe is answered,
 * sends arrive, and nothing comes in. Where each stands in the way of what WhatsApp hands over:
 *
 * ```
 * WhatsApp ── routing (F6) ── poison (F8) ── keys (F9) ── mutex (F2) ── queue (F3, F7, F10) ── webhook (F5)
 * ```
 *
 * What own canary, pair canary, restarts and `sendPresence` come to in each is written nowhere: it
 * follows from the place, as measured on 2.3.7 (docs/ghosts.md).
 *
 * @module
 */

/** Where what comes in is stopped. */
type Place =
  /** One mutex a socket: messages, receipts and notifications wait; `presence.update` passes. */
  | "mutex"
  /** One queue of events an instance: everything waits, also that the connection changes. */
  | "queue"
  /** The same queue moves, a minute for each message. */
  | "slow queue"
  /** WhatsApp routes no message to the device; receipts come. */
  | "routing"
  /** The head of what waited while the device was away cannot be read; the rest waits behind it. */
  | "poison"
  /** What customers write cannot be read; who answers a retry is heard 1.6 s later. */
  | "keys"
  /** What waited while the device was away comes up to 30 s late. */
  | "late batch"
  /** The gateway's database has it, its webhook does not leave. */
  | "webhook";

/** What a kind is. */
interface DeafKindRules {
  readonly title: string;
  readonly place: Place;
  /** When it ends by itself, in ms; absent: it does not. */
  readonly endsAfterMs?: number;
  /** A restart of the process ends it; what sat in the queue is lost with it. */
  readonly processCures?: true;
  /** Sends hang too, until it ends. */
  readonly sendsHang?: true;
  /** The registry is not answered. */
  readonly registryHangs?: true;
}

const describe = <Kind extends string>(kinds: Readonly<Record<Kind, DeafKindRules>>) => kinds;

/** The kinds, by their names in docs and measurements. */
const DEAF_KINDS = describe({
  F1: { title: "WhatsApp never ends the offline batch", place: "late batch" },
  F2a: {
    title: "a history download hangs",
    place: "mutex",
    endsAfterMs: 305_000,
    processCures: true,
  },
  F2b: {
    title: "an undecryptable message waits for keys",
    place: "mutex",
    endsAfterMs: 65_000,
    processCures: true,
    sendsHang: true,
  },
  F3: { title: "a media download hangs", place: "queue", endsAfterMs: 305_000, processCures: true },
  F3b: { title: "an integration never answers", place: "queue", processCures: true },
  F3e: {
    title: "an edit came while the receiver was down",
    place: "queue",
    endsAfterMs: 1_215_000,
    processCures: true,
  },
  F5: { title: "the webhook does not leave", place: "webhook" },
  F6: { title: "WhatsApp routes nothing to the device", place: "routing" },
  F7: { title: "the picture query is never answered", place: "slow queue" },
  F8: { title: "a poisonous stanza heads the offline queue", place: "poison" },
  F9: { title: "signal keys are lost", place: "keys" },
  F10: { title: "a lock in the gateway's database", place: "queue", registryHangs: true },
});

/** One of {@linkcode DEAF_KINDS}. */
export type DeafKind = keyof typeof DEAF_KINDS;

/** The names of all of them. */
export const DEAF_KIND_NAMES = Object.keys(DEAF_KINDS) as readonly DeafKind[];

/** A number's deafness. */
export interface Deafness {
  readonly kind: DeafKind;
  /** What waits inside the process, in order. */
  readonly stuck: (() => void)[];
  /** When the slow queue is free, in epoch ms. */
  freeAt: number;
  /** Epoch ms; Infinity: it does not end by itself. */
  readonly endsAt: number;
  /** F6: whether WhatsApp routes again from the next login on. */
  readonly routesAtLogin: boolean;
  /** Ends its own end. */
  readonly stop: AbortController;
}

/** The place where a number's deafness is; null where it hears. */
export function deafPlace(deafness: Deafness | null): Place | null {
  return deafness === null ? null : (DEAF_KINDS[deafness.kind] as DeafKindRules).place;
}

/** What is known of a kind. */
export function deafRules(kind: DeafKind): DeafKindRules {
  return DEAF_KINDS[kind];
}
