/**
 * What all parts of one simulated gateway share.
 *
 * @module
 */

import type { Clock } from "../../supabase/functions/_shared/runtime/clock.ts";
import type { Background } from "./background.ts";
import type { Instance, Life } from "./session/instance.ts";
import { WHATSAPP_ROUND_TRIP } from "./latency.ts";
import type { Network } from "./model.ts";
import type { Random } from "./random.ts";
import type { VersionRules } from "./versions.ts";
import type { WebhookSender } from "./webhooks/webhooks.ts";

/** What does not change while the simulator runs. */
export interface WorldSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly background: Background;
  readonly webhooks: WebhookSender;
  /** The global key. */
  readonly apiKey: string;
  /** Milliseconds by route. */
  readonly latency: (route: string) => number;
  /** Pause between two tries of a live reconnect loop, in milliseconds. */
  readonly reconnectLoopMs: number;
  /** How long a socket lives until the other one of its device throws it out, in milliseconds. */
  readonly conflictMs: number;
  /** How long a QR code is valid, in milliseconds. */
  readonly qrLifetimeMs: number;
  /** QR codes shown before the gateway gives up. */
  readonly qrLimit: number;
  /** How long a deleted instance's name stays taken, in milliseconds. */
  readonly nameFreedAfterMs: number;
}

/** The gateway's process, its database and the WhatsApp around it. */
export class World {
  readonly instances = new Map<string, Instance>();
  /** Names of deleted instances, and until when they stay taken (epoch milliseconds). */
  readonly takenNames = new Map<string, number>();
  /** The database's cache of numbers known to be on WhatsApp, shared by all instances. */
  readonly verifiedNumbers = new Set<string>();
  network: Network = { kind: "reachable" };
  rules: VersionRules;
  licensed: boolean;

  /**
   * @param settings What does not change.
   * @param rules The version to start with.
   * @param licensed Whether a version that needs a licence has one.
   */
  constructor(readonly settings: WorldSettings, rules: VersionRules, licensed: boolean) {
    this.rules = rules;
    this.licensed = licensed;
  }

  /** The current instant. */
  now(): Date {
    return this.settings.clock.now();
  }

  /** Waits on behalf of a request; ends with the simulator. */
  sleep(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return this.settings.clock.sleep(ms, this.settings.background.signal);
  }

  /** One round trip through WhatsApp. */
  roundTrip(): Promise<void> {
    return this.sleep(this.settings.latency(WHATSAPP_ROUND_TRIP));
  }

  /** How WhatsApp answers `instance`. */
  networkOf(instance: Instance): Network {
    return instance.network ?? this.network;
  }

  /**
   * Replaces what moves `instance`. The task's first steps are done when this returns; a task that
   * begins another one must return at once.
   */
  begin(
    instance: Instance,
    kind: Life["kind"],
    task: (sleep: (ms: number) => Promise<void>) => Promise<void>,
  ): void {
    instance.rest();
    const stop = new AbortController();
    instance.life = { kind, stop };
    this.settings.background.start(async (signal) => {
      await task((ms) => this.settings.clock.sleep(ms, signal));
      if (instance.life?.stop === stop) instance.life = null;
    }, stop);
  }

  /** Emits a webhook of `instance`. */
  emit(instance: Instance, event: string, data: unknown): void {
    this.settings.webhooks.emit(instance, event, data);
  }
}
