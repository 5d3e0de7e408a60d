/**
 * What all parts of one simulated gateway share: its process, its database and the WhatsApp around
 * it.
 *
 * @module
 */

import type { Clock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import type { Background } from "./background.ts";
import { deafPlace } from "./deaf-kinds.ts";
import type { Network } from "./connection.ts";
import type { Instance, Life } from "./instance.ts";
import type { Random } from "./random.ts";
import { type Version, VERSION_RULES, type VersionRules } from "./versions.ts";

/** How long things take, in milliseconds, and how often the gateway tries. */
export interface GatewayTimes {
  /** The gateway's own share of a route's answer, by the route's name; `whatsapp`: a round trip. */
  readonly latency: (route: string) => number;
  /** Pause between two tries, and two `connecting` webhooks, of a live reconnect loop. */
  readonly reconnectLoopMs: number;
  /** How long a socket lives until the other one of its device throws it out. */
  readonly conflictMs: number;
  /** How long a QR code is valid. */
  readonly qrLifetimeMs: number;
  /** QR codes shown before the gateway gives up. */
  readonly qrLimit: number;
  /** How long a deleted instance's name stays taken. */
  readonly nameFreedAfterMs: number;
}

const LATENCY_MS: Readonly<Record<string, number>> = {
  whatsapp: 35,
  fetchInstances: 13,
  connectionState: 2,
  connect: 4,
  logout: 8,
  restart: 5,
  delete: 5,
  create: 17,
  "webhook/set": 6,
  "webhook/find": 4,
  sendText: 12,
  sendMedia: 12,
  sendWhatsAppAudio: 40,
  fetchBusinessProfile: 12,
  findMessages: 50,
  sendPresence: 12,
};

/** As measured on an idle server. */
export const MEASURED_TIMES: GatewayTimes = {
  latency: (route) => LATENCY_MS[route] ?? 5,
  reconnectLoopMs: 200,
  conflictMs: 600,
  qrLifetimeMs: 25_000,
  qrLimit: 30,
  nameFreedAfterMs: 27_000,
};

/** What does not change while the simulator runs. */
interface GatewaySettings extends GatewayTimes {
  readonly clock: Clock;
  readonly random: Random;
  readonly background: Background;
  /** The global key. */
  readonly apiKey: string;
  /** A paired device of another gateway, by its number. */
  readonly elsewhere: (phone: string) => Device | undefined;
  /** Sends a webhook, where the instance's setting asks for this event. Never throws. */
  readonly emit: (instance: Instance, event: string, data: unknown, more?: object) => void;
}

/** A number's device, and the gateway that holds it. */
export interface Device {
  readonly gateway: Gateway;
  readonly instance: Instance;
}

/** Files remembered. */
const FILES = 200;

/** The files that messages name. */
class FileServer {
  readonly #files = new Map<string, { readonly base64: string; isGone: boolean }>();

  /** A sender's device uploads a file, or the phone uploads it once more. */
  upload(path: string, base64: string): void {
    this.#files.delete(path);
    this.#files.set(path, { base64, isGone: false });
    const [oldest] = this.#files.keys();
    if (this.#files.size > FILES && oldest !== undefined) this.#files.delete(oldest);
  }

  /** A file; null where the server has it no more. */
  download(path: string): string | null {
    const file = this.#files.get(path);
    return file === undefined || file.isGone ? null : file.base64;
  }

  /** What the phone, which keeps its files, would upload. */
  onPhone(path: string): string | null {
    return this.#files.get(path)?.base64 ?? null;
  }

  /** After some weeks none of them is there any more. */
  expire(): void {
    for (const file of this.#files.values()) file.isGone = true;
  }
}

/** One gateway. */
export class Gateway {
  readonly instances = new Map<string, Instance>();
  /** Names of deleted instances, and until when they stay taken (epoch milliseconds). */
  readonly takenNames = new Map<string, number>();
  /** The database's cache of numbers known to be on WhatsApp, shared by all instances. */
  readonly verifiedNumbers = new Set<string>();
  /** WhatsApp's file server: what was uploaded to it, by path. */
  readonly files = new FileServer();
  network: Network = { kind: "reachable" };

  /**
   * @param settings What does not change.
   * @param version The version to start with.
   * @param licensed Whether a version that needs a licence has one.
   */
  constructor(
    readonly settings: GatewaySettings,
    public version: Version,
    public licensed: boolean,
  ) {}

  /** What its version does. */
  get rules(): VersionRules {
    return VERSION_RULES[this.version];
  }

  /** The current instant. */
  now(): Date {
    return this.settings.clock.now();
  }

  /** The same in seconds, as WhatsApp counts. */
  seconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }

  /** The device of a number, wherever it is paired. */
  deviceOf(phone: string): Device | undefined {
    const instance = this.instances.values().find((one) => one.paired && one.phone === phone);
    return instance === undefined ? this.settings.elsewhere(phone) : { gateway: this, instance };
  }

  /** Waits on behalf of a request; ends with the simulator. */
  sleep(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return this.settings.clock.sleep(ms, this.settings.background.signal);
  }

  /** One round trip through WhatsApp. */
  roundTrip(): Promise<void> {
    return this.sleep(this.settings.latency("whatsapp"));
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

  /** Sends a webhook of `instance`; `more`: what stands beside its data. */
  emit(instance: Instance, event: string, data: unknown, more?: object): void {
    if (deafPlace(instance.deafness) === "webhook") return;
    this.settings.emit(instance, event, data, more);
  }
}
