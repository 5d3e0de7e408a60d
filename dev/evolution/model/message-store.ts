/**
 * The messages that a gateway's database holds of an instance, and those that its phone has.
 *
 * @module
 */

import { z } from "zod";

/** A message as `findMessages` shows it. */
export interface StoredMessage {
  /** The row's; `key.id` is WhatsApp's. */
  readonly id: string;
  readonly key: {
    readonly id: string;
    readonly fromMe: boolean;
    readonly remoteJid: string;
    readonly participant?: string;
    readonly addressingMode?: string;
  };
  readonly pushName: string;
  readonly messageType: string;
  readonly message: object;
  /** In seconds. */
  readonly messageTimestamp: number;
  readonly instanceId: string;
  readonly source: string;
  readonly contextInfo: object | null;
  readonly MessageUpdate: readonly { readonly status: string }[];
}

const bound = z.union([z.string(), z.number()]).optional();

/** Which messages are asked for. What is absent, or not looked at, leaves none out. */
export const StoredWhere = z.object({
  key: z.object({
    id: z.string().optional(),
    remoteJid: z.string().optional(),
    fromMe: z.boolean().optional(),
  }).optional(),
  messageTimestamp: z.object({ gte: bound, lte: bound }).optional(),
});

/** See {@linkcode StoredWhere}. */
export type StoredWhere = z.infer<typeof StoredWhere>;

/** Whole histories are played on one gateway: older messages than these are forgotten. */
const REMEMBERED = 20_000;

/** One instance's messages; WhatsApp's id is there once. */
export class MessageStore {
  readonly #rows = new Map<string, StoredMessage>();

  /** Stores a message that is not there yet. @returns Whether it was not. */
  add(message: StoredMessage): boolean {
    if (this.#rows.has(message.key.id)) return false;
    this.#rows.set(message.key.id, message);
    const [oldest] = this.#rows.keys();
    if (this.#rows.size > REMEMBERED && oldest !== undefined) this.#rows.delete(oldest);
    return true;
  }

  /** Whether a message is there, by WhatsApp's id. */
  has(whatsappId: string): boolean {
    return this.#rows.has(whatsappId);
  }

  /** A message, by WhatsApp's id. */
  get(whatsappId: string): StoredMessage | undefined {
    return this.#rows.get(whatsappId);
  }

  /** How many there are. */
  get size(): number {
    return this.#rows.size;
  }

  /** Notes how far a message got, or what became of it (`DELETED`; `EDITED`, with what it is now). */
  update(
    whatsappId: string,
    status: string,
    now: Partial<Pick<StoredMessage, "message" | "messageTimestamp">> = {},
  ): void {
    const row = this.#rows.get(whatsappId);
    if (row === undefined) return;
    const MessageUpdate = [...row.MessageUpdate, { status }];
    this.#rows.set(whatsappId, { ...row, ...now, MessageUpdate });
  }

  /** Everything, in the order in which it was stored. */
  all(): readonly StoredMessage[] {
    return [...this.#rows.values()];
  }

  /**
   * A page, newest first. Measured: `fromMe: false` and one bound alone are not looked at; bounds are
   * milliseconds, so that seconds mean 1970; messages of one second come in another order on another
   * page.
   */
  find(where: StoredWhere, page: number, size: number) {
    const found = this.all().filter(matching(where));
    const turn = page % 2 === 0 ? -1 : 1;
    const sorted = found.map((message, place) => ({ message, place })).sort((a, b) =>
      b.message.messageTimestamp - a.message.messageTimestamp || turn * (a.place - b.place)
    ).map(({ message }) => message);
    return {
      total: found.length,
      pages: Math.ceil(found.length / size),
      currentPage: page,
      records: sorted.slice((page - 1) * size, page * size),
    };
  }
}

/** Which messages a question means. */
function matching({ key, messageTimestamp }: StoredWhere): (message: StoredMessage) => boolean {
  const { gte, lte } = messageTimestamp ?? {};
  const seconds = (bound: string | number) => Math.floor(new Date(bound).getTime() / 1000);
  const [from, until] = gte && lte ? [seconds(gte), seconds(lte)] : [-Infinity, Infinity];
  const { id, remoteJid, fromMe } = key ?? {};
  return (message) =>
    message.messageTimestamp >= from && message.messageTimestamp <= until &&
    (!id || message.key.id === id) && (!remoteJid || message.key.remoteJid === remoteJid) &&
    (!fromMe || message.key.fromMe);
}
