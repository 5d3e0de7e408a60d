/**
 * Webhooks as Evolution sends them: one after the other for each instance, retried with growing
 * pauses, given up at once where the receiver says that the request itself is wrong.
 *
 * @module
 */

import { z } from "zod";
import {
  type Clock,
  TimeLimitError,
  withTimeLimit,
} from "../../../supabase/functions/_shared/runtime/clock.ts";
import { type Background, orAborted } from "../model/background.ts";
import type { Instance, SentWebhook } from "../model/instance.ts";
import type { VersionRules } from "../model/versions.ts";
import { headersOf } from "./setting.ts";

/** From one try to the next; after the last of them a webhook is given up. */
export const PAUSES_MS = [5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1000);
const TIME_LIMIT_MS = 30_000;
/** Answers after which Evolution does not try again. */
export const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 422]);
/** A slow receiver holds the next webhook's first try up for so long, not longer. */
const TURN_MS = 1_000;
/** With `reorder`, a webhook waits so long for another to overtake it. */
const OVERTAKEN_WITHIN_MS = 1_000;
/** Webhooks remembered for each instance. */
const REMEMBERED = 2_000;

/** What goes wrong on the way to the receiver. */
export const WebhookFaults = z.object({
  /** Every webhook is delivered twice. */
  duplicate: z.boolean().optional(),
  /** True: none arrives. Event names such as `connection.update`: those do not. */
  drop: z.union([z.boolean(), z.array(z.string()).readonly()]).optional(),
  /** Each arrives so much later than it happened, in milliseconds; the order is kept. */
  delayMs: z.number().optional(),
  /** Each second webhook of an instance arrives before the one before it. */
  reorder: z.boolean().optional(),
});

/** See {@linkcode WebhookFaults}. */
export type WebhookFaults = z.infer<typeof WebhookFaults>;

/** The receiver is away: each try finds nobody, or this status, and Evolution tries again. */
export const ReceiverAway = z.union([z.literal("unreachable"), z.literal(503)]);

/** See {@linkcode ReceiverAway}. */
export type ReceiverAway = z.infer<typeof ReceiverAway>;

/** What becomes of the next report of a state: it never arrives, or so many milliseconds late. */
export const ReportFault = z.object({
  state: z.enum(["open", "close", "connecting"]),
  lateMs: z.union([z.literal("lost"), z.number()]),
});

/** See {@linkcode ReportFault}. */
export type ReportFault = z.infer<typeof ReportFault>;

/** What {@linkcode WebhookSender} needs. */
interface WebhookSenderSettings {
  readonly clock: Clock;
  readonly background: Background;
  readonly deliver: (request: Request) => Promise<Response>;
  /** The gateway's own address, which the bodies name. */
  readonly serverUrl: string;
  /** What its version does. */
  readonly rules: () => Pick<VersionRules, "signsWebhooks" | "webhookPauseMs">;
}

interface Parcel {
  readonly instance: Instance;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly record: SentWebhook;
}

/** Sends the webhooks of all instances. */
export class WebhookSender {
  /** Set by the control API. */
  faults: WebhookFaults = {};
  /** Set by the control API; null: the receiver is there. */
  away: ReceiverAway | null = null;
  /** Set by the control API; the next report of its state ends it. */
  reportFault: ReportFault | null = null;
  /** How far the gateway's clock is from the true one, in milliseconds: its zone, or a wrong clock. */
  clockOffMs = 0;
  readonly #overtakable = new Map<Instance, Parcel>();

  /** @param settings Where and how to send. */
  constructor(private readonly settings: WebhookSenderSettings) {}

  /** Queues a webhook, where the instance's setting asks for this event. Never throws. */
  emit(instance: Instance, event: string, data: unknown, more: object = {}): void {
    const setting = instance.webhook;
    const asked = event.replaceAll(".", "_").toUpperCase();
    if (!setting?.enabled || !setting.events.includes(asked)) return;
    const now = this.settings.clock.now();
    const path = setting.webhookByEvents ? `/${event.replaceAll(".", "-").toLowerCase()}` : "";
    const url = setting.url + path;
    const body = JSON.stringify({
      event,
      instance: instance.name,
      data,
      destination: url,
      date_time: new Date(now.getTime() + this.clockOffMs).toISOString(),
      ...(instance.ownerJid === null ? {} : { sender: instance.ownerJid }),
      server_url: this.settings.serverUrl,
      apikey: instance.token,
      ...more,
    });
    const record: SentWebhook = { event, at: now, data, attempts: [], outcome: "pending" };
    if (instance.webhooksSent.push(record) > REMEMBERED) instance.webhooksSent.shift();
    const { drop, duplicate } = this.faults;
    const lateMs = this.#meetReport(event, data);
    if (lateMs === "lost" || drop === true || (typeof drop === "object" && drop.includes(event))) {
      record.outcome = "dropped";
      return;
    }
    const headers = headersOf(setting.headers, now, this.settings.rules().signsWebhooks);
    const parcel = { instance, url, headers, body, record };
    if (lateMs !== undefined) return this.#overtaken(parcel, lateMs);
    this.#line(parcel);
    if (duplicate) this.#line(parcel);
  }

  /** What becomes of a connection event that a fault waits for. */
  #meetReport(event: string, data: unknown): "lost" | number | undefined {
    const fault = this.reportFault;
    if (fault === null || event !== "connection.update") return undefined;
    if ((data as { readonly state?: unknown }).state !== fault.state) return undefined;
    this.reportFault = null;
    return fault.lateMs;
  }

  /** Stays on its way while whatever comes after it arrives. */
  #overtaken(parcel: Parcel, lateMs: number): void {
    this.settings.background.start(async (signal) => {
      await this.settings.clock.sleep(lateMs, signal);
      this.#queue(parcel);
    });
  }

  /** Puts a parcel into its instance's line; with `reorder`, every other one is overtaken. */
  #line(parcel: Parcel): void {
    const overtaken = this.#overtakable.get(parcel.instance);
    if (overtaken) {
      this.#overtakable.delete(parcel.instance);
      this.#queue(parcel);
      return this.#queue(overtaken);
    }
    if (!this.faults.reorder) return this.#queue(parcel);
    this.#overtakable.set(parcel.instance, parcel);
    this.settings.background.start(async (signal) => {
      await this.settings.clock.sleep(OVERTAKEN_WITHIN_MS, signal);
      if (this.#overtakable.get(parcel.instance) !== parcel) return;
      this.#overtakable.delete(parcel.instance);
      this.#queue(parcel);
    });
  }

  #queue(parcel: Parcel): void {
    const { instance, record } = parcel;
    const due = record.at.getTime() + (this.faults.delayMs ?? 0);
    const turn = instance.webhookTurn;
    const over = Promise.withResolvers<void>();
    instance.webhookTurn = over.promise;
    this.settings.background.start(async (signal) => {
      try {
        await turn;
        const wait = due - this.settings.clock.now().getTime();
        if (wait > 0) await this.settings.clock.sleep(wait, signal);
        signal.throwIfAborted();
      } catch (error) {
        over.resolve();
        throw error;
      }
      await this.#deliver(parcel, signal, over.resolve);
    });
  }

  async #deliver(parcel: Parcel, signal: AbortSignal, firstTryOver: () => void): Promise<void> {
    const { clock } = this.settings;
    const { record } = parcel;
    const patience = new AbortController();
    clock.sleep(TURN_MS, AbortSignal.any([signal, patience.signal])).then(firstTryOver, () => {});
    for (let tries = 0;; tries++) {
      const result = await this.#attempt(parcel, signal).finally(() => {
        patience.abort();
        firstTryOver();
      });
      record.attempts.push(result);
      if (typeof result === "number" && result >= 200 && result < 300) {
        record.outcome = "delivered";
        return;
      }
      const { webhookPauseMs } = this.settings.rules();
      const final = webhookPauseMs === null && typeof result === "number" &&
        FINAL_STATUSES.has(result);
      const pause = PAUSES_MS[tries];
      if (final || pause === undefined) {
        // A duplicate's failure does not undo the first one's delivery.
        if (record.outcome === "pending") record.outcome = "given-up";
        return;
      }
      await clock.sleep(webhookPauseMs ?? pause, signal);
    }
  }

  async #attempt(parcel: Parcel, signal: AbortSignal): Promise<number | "timeout" | "error"> {
    const { url, headers, body } = parcel;
    const { away } = this;
    if (away !== null) return away === "unreachable" ? "error" : away;
    try {
      return await withTimeLimit(this.settings.clock, TIME_LIMIT_MS, async (limit) => {
        const either = AbortSignal.any([limit, signal]);
        const request = new Request(url, { method: "POST", headers, body, signal: either });
        const response = await orAborted(this.settings.deliver(request), either);
        await response.body?.cancel();
        return response.status;
      });
    } catch (error) {
      if (signal.aborted) throw error;
      return error instanceof TimeLimitError ? "timeout" : "error";
    }
  }
}
