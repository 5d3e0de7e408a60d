/**
 * The gateways' webhooks on their way into the database, without HTTP: read by the product's own
 * reader, written by its own functions, tried again where nobody takes them. Messages go in batches.
 *
 * @module
 */

import type { Effects } from "../../../../supabase/functions/_shared/runtime/effects.ts";
import { applyChanges } from "../../../../supabase/functions/evolution-webhook/changes.ts";
import { readEvent } from "../../../../supabase/functions/evolution-webhook/read-event.ts";
import { settleDoubt } from "../../../../supabase/functions/evolution-webhook/registry-look.ts";
import type { FleetDatabase } from "./database.ts";
import type { FleetGateways } from "./gateways.ts";
import type { PlannedNumber } from "./plan.ts";

/** From a webhook to its later tries, as on the real gateway; after the last it is given up. */
const RETRIES_MS = [0, 5, 15, 35, 75, 155, 315, 615, 915, 1215].map((seconds) => seconds * 1000);

/** A number's `connecting` is written down at most so often: a look takes 12 s and more. */
const CONNECTING_EVERY_MS = 10_000;

/** What became of a message that somebody wrote. */
export type MessageFate =
  /** It is here. */
  | "here"
  /** On its way, or kept by WhatsApp until the device is back. */
  | "waits"
  /** Its webhook was given up; the gateway holds it, `findMessages` could bring it. */
  | "at the gateway"
  /** WhatsApp kept it for a pairing that is gone; only the new pairing's history could bring it. */
  | "with the old pairing";

interface Inbound {
  readonly number: PlannedNumber;
  readonly id: string;
  readonly from: string;
  readonly fromMe: boolean;
  readonly sentAt: string;
  fate: MessageFate;
  /** How WhatsApp hands it over once the device is back. */
  handOver?: () => void;
}

/** The way of all webhooks. */
export class Webhooks {
  /** Gateways whose webhooks reach nobody; null: none does. */
  readonly away = new Set<number | null>();
  /** Numbers whose `connecting` somebody counts. */
  isCounted: (number: number) => boolean = () => true;
  readonly #messages: Inbound[] = [];
  #ready: Inbound[] = [];
  readonly #connectingAt = new Map<number, number>();
  #reports = 0;

  /** @param effects Of the product's functions. */
  constructor(
    private readonly database: FleetDatabase,
    private readonly gateways: FleetGateways,
    private readonly effects: Effects,
    private readonly idOf: (number: PlannedNumber) => string,
  ) {}

  /** A gateway reports something; see `FleetGateways.onWebhook`. */
  report(number: PlannedNumber, event: string, data: unknown): void {
    const now = this.effects.clock.now();
    if (event === "connection.update" && (data as { state?: unknown }).state === "connecting") {
      const last = this.#connectingAt.get(number.index) ?? -Infinity;
      if (!this.isCounted(number.index) || now.getTime() - last < CONNECTING_EVERY_MS) return;
      this.#connectingAt.set(number.index, now.getTime());
    }
    const delivery = { digest: `report ${this.#reports++}`, signedAt: now };
    this.#try(number, async () => {
      const read = readEvent(
        { event, data, date_time: now.toISOString() },
        this.effects.clock.now(),
      );
      if (read.outcome !== "changes") return;
      const id = this.idOf(number);
      const { result } = await applyChanges(this.database, id, read.changes, delivery);
      if (result !== "doubted") return;
      for (const change of read.changes) await settleDoubt(this.effects, id, change, delivery);
    }, () => {});
  }

  /** Somebody writes to a number (or its owner, from the phone): the device has it, or WhatsApp. */
  write(number: PlannedNumber, fromMe: boolean): void {
    const place = this.#messages.length;
    const message: Inbound = {
      number,
      id: `3AFLEET${place}`,
      from: `55119${String(70_000_000 + number.index * 7 + place % 7)}@s.whatsapp.net`,
      fromMe,
      sentAt: this.effects.clock.now().toISOString(),
      fate: "waits",
    };
    this.#messages.push(message);
    const instance = this.gateways.instance(number.index);
    if (!instance.paired) message.fate = "with the old pairing";
    else if (this.gateways.isAlive(number.index)) this.#deliver(message);
    else {
      message.handOver = () => this.#deliver(message);
      instance.held.push({ handOver: message.handOver, message: null });
    }
  }

  #deliver(message: Inbound): void {
    delete message.handOver;
    this.#try(message.number, () => {
      this.#ready.push(message);
      return Promise.resolve();
    }, () => message.fate = "at the gateway");
  }

  /** Hands something over now, or when somebody takes it; `lost`: nobody did. */
  #try({ gateway }: PlannedNumber, take: () => Promise<void>, lost: () => void): void {
    const isAway = () => this.away.has(null) || this.away.has(gateway);
    if (!isAway()) return this.#begin(take());
    this.#begin((async () => {
      for (const [place, after] of RETRIES_MS.slice(1).entries()) {
        await this.effects.clock.sleep(after - RETRIES_MS[place]!);
        if (!isAway()) return await take();
      }
      lost();
    })());
  }

  #begin(work: Promise<void>): void {
    this.effects.background.run(work, this.effects.log);
  }

  /** Writes the messages that have arrived. */
  async flush(): Promise<void> {
    const batch = this.#ready;
    if (batch.length === 0) return;
    this.#ready = [];
    const rows = batch.map(({ number, id, from, fromMe, sentAt }) => ({
      number: this.idOf(number),
      message: {
        whatsapp_message_id: id,
        remote_jid: from,
        hidden_jid: null,
        from_me: fromMe,
        type: "text",
        content: "Olá",
        sent_at: sentAt,
        contact_name: fromMe ? null : "Cliente",
      },
    }));
    const said = await this.database.run<{ answer: string }>(
      `select public.apply_message(w.number, w.message) as answer
        from json_to_recordset($1::text::json) as w (number uuid, message jsonb)`,
      [JSON.stringify(rows)],
    );
    for (const [place, { answer }] of said.entries()) {
      if (answer === "stored") batch[place]!.fate = "here";
    }
  }

  /** How many messages somebody else wrote came to what. */
  count(): Readonly<Record<MessageFate, number>> {
    const counts = { "here": 0, "waits": 0, "at the gateway": 0, "with the old pairing": 0 };
    for (const { fate, fromMe, number, handOver } of this.#messages) {
      if (fromMe) continue;
      const { held } = this.gateways.instance(number.index);
      // WhatsApp keeps nothing for a pairing that has ended.
      const isGone = handOver !== undefined && !held.some((kept) => kept.handOver === handOver);
      counts[isGone ? "with the old pairing" : fate]++;
    }
    return counts;
  }
}
