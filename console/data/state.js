// @ts-check
/**
 * Everything that the page knows at a moment.
 *
 * @module
 */

/** @import { Conversation, Instance, Language, LocalInfo, Message, QrAnswer, TimelineEvent } from "./types.js" */
/** @import { Say } from "../words/strings.js" */

/** Events that are remembered of each number. */
const REMEMBERED = 400;

/** What each view is given. @typedef {{ say: Say, language: Language }} Voice */

/**
 * @typedef {object} State
 * @property {LocalInfo | null} info Null away from a local stack.
 * @property {Instance[]} instances
 * @property {Map<string, TimelineEvent[]>} events By number, oldest first.
 * @property {Map<string, { bornAt: number, lastWebhookAt: string | null }>} births
 * @property {string | null} selected The number whose details are shown.
 * @property {Conversation[]} conversations Of that number.
 * @property {string | null} conversationId
 * @property {Message[]} messages Of that conversation, oldest first.
 * @property {QrAnswer | null} qr
 * @property {string | null} qrFault
 */

/** @returns {State} */
export function emptyState() {
  return {
    info: null,
    instances: [],
    events: new Map(),
    births: new Map(),
    selected: null,
    conversations: [],
    conversationId: null,
    messages: [],
    qr: null,
    qrFault: null,
  };
}

/** @param {State} state */
export function selectedInstance(state) {
  return state.instances.find(({ id }) => id === state.selected) ?? null;
}

/**
 * Takes new events in.
 *
 * @param {State} state
 * @param {readonly TimelineEvent[]} events Oldest first.
 */
export function addEvents(state, events) {
  for (const event of events) {
    const known = state.events.get(event.instanceId) ?? [];
    if ((known.at(-1)?.id ?? -1) >= event.id) continue;
    known.push(event);
    if (known.length > REMEMBERED) known.shift();
    state.events.set(event.instanceId, known);
  }
}

/**
 * When the scheduler ticks next: a local stack says when it did last; elsewhere it is every full
 * minute.
 *
 * @param {LocalInfo | null} info
 * @param {number} now Epoch milliseconds, on the stack's clock.
 * @returns {{ at: number | null, speed: number }}
 */
export function paceOf(info, now) {
  if (info === null) return { at: Math.ceil(now / 60_000) * 60_000, speed: 1 };
  const { aheadMs, speed, tickSeconds } = info;
  const last = info.jobs.find(({ at }) => at !== undefined);
  if (tickSeconds === 0 || last?.at === undefined) return { at: null, speed };
  const began = Date.parse(last.at) - (last.ms ?? 0) + aheadMs;
  const interval = tickSeconds * 1000;
  return { at: began + interval * Math.max(1, Math.ceil((now - began) / interval)), speed };
}
