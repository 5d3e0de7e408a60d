/**
 * The gateways' webhooks on their way into the database, without HTTP: read by the product's own
 * reader, written by its own functions, tried again where nobody takes them. Messages go in batches.
 *
 * @module
 */

import * as z from "zod/mini";
import { messageRow } from "../../../../supabase/functions/_shared/messages/received-message.ts";
import type { Effects } from "../../../../supabase/functions/_shared/runtime/effects.ts";
import {
  applyWebhook,
  type Change,
  type WebhookDelivery,
} from "../../../../supabase/functions/evolution-webhook/changes.ts";
import { applyHistory } from "../../../../supabase/functions/evolution-webhook/history.ts";
import { readEvent } from "../../../../supabase/functions/evolution-webhook/read-event.ts";
import { settleDoubt } from "../../../../supabase/functions/evolution-webhook/registry-look.ts";
import { PAUSES_MS } from "../../../evolution/webhooks/sender.ts";
import type { FleetDatabase } from "./database.ts";
import type { FleetGateways } from "./gateways.ts";
import type { PlannedNumber } from "./plan.ts";

/** A number's `connecting` is written down at most so often: a look takes 12 s and more. */
const CONNECTING_EVERY_MS = 10_000;

/** The database calls a webhook late after this, in ms (`late_after` of its settings). */
const LATE_MS = 60_000;

/** What was said of a gateway's numbers so long after its webhooks were away may be their fault. */
const WAS_AWAY_MS = 60 * 60_000;

const keyRows = z.array(z.object({ key_id: z.string() }));

/** What became of a message that a customer wrote. */
export type MessageFate =
  /** It is here. */
  | "here"
  /** The gateway has it; `findMessages` could bring it. */
  | "at the gateway"
  /** WhatsApp keeps it for a device that is away, or the phone for one that is to be paired. */
  | "waits";

interface Written {
  readonly number: PlannedNumber;
  readonly id: string;
}

/** A canary is waited for; customers' messages are not. */
function isMarked({ content }: { readonly content: { readonly content: string | null } }): boolean {
  return content.content?.includes("[canary ") ?? false;
}

/** A message that has arrived and is not written yet. */
interface Arrived {
  readonly number: string;
  readonly message: ReturnType<typeof messageRow>;
}

/** The way of all webhooks. */
export class Webhooks {
  /** Gateways whose webhooks reach nobody; null: none does. */
  readonly away = new Set<number | null>();
  /** Numbers whose `connecting` somebody counts. */
  isCounted: (number: number) => boolean = () => true;
  /** What customers wrote. */
  readonly #inbound: Written[] = [];
  #arrived: Arrived[] = [];
  /** When somebody was not reached last, in virtual ms. */
  readonly #awayAt = new Map<number | null, number>();
  readonly #connectingAt = new Map<number, number>();
  /** What each number's webhooks are verified by. */
  readonly #keyIds = new Map<string, string>();
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
    const signedAt = this.effects.clock.now();
    if (event === "connection.update" && (data as { state?: unknown }).state === "connecting") {
      const last = this.#connectingAt.get(number.index) ?? -Infinity;
      if (!this.isCounted(number.index) || signedAt.getTime() - last < CONNECTING_EVERY_MS) return;
      this.#connectingAt.set(number.index, signedAt.getTime());
    }
    const delivery = { digest: `report ${this.#reports++}`, signedAt };
    this.#try(number, async () => {
      const now = this.effects.clock.now();
      const read = readEvent({ event, data, date_time: signedAt.toISOString() }, now);
      if (read.outcome !== "changes") return;
      const id = this.idOf(number);
      const { changes, history } = read;
      const messages = changes.flatMap((change) => change.kind === "message" ? [change] : []);
      if (history !== undefined) await applyHistory(this.database, id, history, now);
      else if (
        messages.length > 0 && messages.length === changes.length && !messages.some(isMarked)
      ) {
        for (const it of messages) this.#arrived.push({ number: id, message: messageRow(it) });
      } else {
        const result = await this.#apply(id, changes, delivery);
        if (result === "doubted") {
          for (const change of changes) await settleDoubt(this.effects, id, change, delivery);
        }
        return;
      }
      // What came late is noted beside its changes.
      if (now.getTime() - signedAt.getTime() > LATE_MS) await this.#apply(id, [], delivery);
    });
  }

  async #apply(id: string, changes: readonly Change[], delivery: WebhookDelivery): Promise<string> {
    let keyId = this.#keyIds.get(id);
    if (keyId === undefined) {
      const [row] = await this.database.call("webhook_keys", { p_instance_id: id }, keyRows);
      this.#keyIds.set(id, keyId = row?.key_id ?? "");
    }
    const all = { ...delivery, unread: 0 };
    return (await applyWebhook(this.database, id, keyId, changes, all)).result;
  }

  /** Somebody writes to a number (or its owner, from the phone): the device has it, or WhatsApp. */
  write(number: PlannedNumber, fromMe: boolean): void {
    const { control } = this.gateways.of(number).simulator;
    const from = `55119${70_000_000 + number.index * 7 + this.#inbound.length % 7}`;
    const { id } = control.inbound(number.name, { from, text: "Olá", fromMe });
    if (!fromMe) this.#inbound.push({ number, id });
  }

  /** Whether a gateway's webhooks reach nobody, or did not a while ago. */
  wasAway(gateway: number): boolean {
    const since = Math.max(
      this.#awayAt.get(null) ?? -Infinity,
      this.#awayAt.get(gateway) ?? -Infinity,
    );
    return this.effects.clock.monotonicMs() - since < WAS_AWAY_MS;
  }

  /** Hands something over now, or when somebody takes it. */
  #try({ gateway }: PlannedNumber, take: () => Promise<void>): void {
    const isAway = () => {
      for (const place of [null, gateway]) {
        if (this.away.has(place)) this.#awayAt.set(place, this.effects.clock.monotonicMs());
      }
      return this.away.has(null) || this.away.has(gateway);
    };
    if (!isAway()) return this.#begin(take());
    this.#begin((async () => {
      for (const pause of PAUSES_MS) {
        await this.effects.clock.sleep(pause);
        if (!isAway()) return await take();
      }
    })());
  }

  #begin(work: Promise<void>): void {
    this.effects.background.run(work, this.effects.log);
  }

  /**
   * What a gateway says all day and all night, and nobody stores: people post statuses and write in
   * groups. Only that it came is written down.
   */
  async hum(): Promise<void> {
    if (this.away.has(null)) return;
    const spoke = this.gateways.all.flatMap(({ numbers, mood }, gateway) => {
      const one = mood === null && !this.away.has(gateway)
        ? numbers.find(({ index }) => this.gateways.isAlive(index))
        : undefined;
      return one === undefined ? [] : [this.idOf(one)];
    });
    await this.database.run(
      "select ghost_repair.webhook_delivered(id) from unnest($1::text::uuid[]) n (id)",
      [`{${spoke}}`],
    );
  }

  /** Writes the messages that have arrived. */
  async flush(): Promise<void> {
    if (this.#arrived.length === 0) return;
    const rows = JSON.stringify(this.#arrived);
    this.#arrived = [];
    await this.database.run(
      `select count(ghost_repair.apply_message(w.number, w.message))
        from json_to_recordset($1::text::json) as w (number uuid, message jsonb)`,
      [rows],
    );
  }

  /** What became of what customers wrote. */
  async count(): Promise<Readonly<Record<MessageFate, number>>> {
    const here = new Set(
      (await this.database.run<{ id: string }>(
        `select m.whatsapp_message_id as id from public.messages m
          where m.whatsapp_message_id is not null and not m.is_from_me`,
      )).map(({ id }) => id),
    );
    const counts = { "here": 0, "waits": 0, "at the gateway": 0 };
    for (const { number, id } of this.#inbound) {
      const { messages } = this.gateways.instance(number.index);
      counts[here.has(id) ? "here" : messages.has(id) ? "at the gateway" : "waits"]++;
    }
    return counts;
  }
}
