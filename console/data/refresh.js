// @ts-check
/**
 * Keeps the state up to date: asks for new events, and only where there are some, or from time to
 * time, for the rest.
 *
 * @module
 */

import { addEvents, selectedInstance } from "./state.js";

/** @import { Data } from "./data.js" */
/** @import { State } from "./state.js" */

/** The numbers are read this often where no event asks for it, in milliseconds. */
const NUMBERS_MS = 4_000;
/** Since when numbers exist changes seldom. */
const BIRTHS_MS = 30_000;
/** The gateway renews a QR code every 20 to 30 seconds. */
const QR_MS = 2_000;

/**
 * @param {State} state Is changed.
 * @param {Data} data
 * @param {() => Promise<import("./types.js").LocalInfo | null>} readInfo
 */
export function createRefresh(state, data, readInfo) {
  /** @type {number | null} */
  let lastId = null;
  let numbersAt = -Infinity;
  let birthsAt = -Infinity;
  let qrAt = -Infinity;

  const numbers = async () => {
    state.instances = await data.instances();
    const known = state.instances.some(({ id }) => id === state.selected);
    if (state.selected !== null && !known) state.selected = null;
  };
  const births = async () => {
    const rows = await data.births();
    state.births = new Map(rows.map((row) => [row.id, {
      bornAt: Date.parse(row.created_at),
      lastWebhookAt: row.last_webhook_at,
    }]));
  };
  /** @param {boolean} others Whether new conversations are looked for. */
  const conversation = async (others) => {
    const of = state.selected;
    if (of === null) return;
    if (others || state.conversations.length === 0) {
      const conversations = await data.conversations(of);
      if (of !== state.selected) return;
      state.conversations = conversations;
      if (!conversations.some(({ id }) => id === state.conversationId)) {
        state.conversationId = conversations[0]?.id ?? null;
      }
    }
    const open = state.conversationId;
    const messages = open === null ? [] : await data.messages(open);
    if (open === state.conversationId) state.messages = messages;
  };
  /** @param {number} now */
  const qr = async (now) => {
    const instance = selectedInstance(state);
    if (instance?.status !== "awaiting_qr") {
      state.qr = null;
      state.qrFault = null;
      qrAt = -Infinity;
      return;
    }
    if (now < qrAt) return;
    try {
      const answer = await data.qr(instance.id);
      state.qr = answer;
      state.qrFault = null;
      qrAt = now + Math.max(QR_MS, answer?.qr ? 0 : (answer?.retryAfterSeconds ?? 0) * 1000);
    } catch (error) {
      state.qrFault = error instanceof Error ? error.message : String(error);
      qrAt = now + 10_000;
    }
  };

  return {
    /** The numbers are read again with the next {@link run}. */
    hurry: () => {
      numbersAt = -Infinity;
    },

    /** @param {number} now A clock's milliseconds. */
    run: async (now) => {
      const [events] = await Promise.all([
        data.events(lastId),
        readInfo().then((info) => void (state.info = info ?? state.info)),
      ]);
      addEvents(state, events);
      lastId = events.at(-1)?.id ?? lastId ?? 0;
      const due = events.length > 0 || now >= numbersAt + NUMBERS_MS;
      if (due) {
        await numbers();
        numbersAt = now;
      }
      if (now >= birthsAt + BIRTHS_MS) {
        // Another project's table may have other columns: the bar does without.
        await births().catch(() => {});
        birthsAt = now;
      }
      // Acknowledgements and incoming messages are no events.
      await Promise.all([conversation(due), qr(now)]);
    },
  };
}
