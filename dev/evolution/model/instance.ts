/**
 * One WhatsApp number on the gateway. Three things that people take for one are kept apart: the
 * registry (a database column), the memory (what the process believes) and the websocket (what is
 * true).
 *
 * @module
 */

import type { Network, Socket, State } from "./connection.ts";
import { type Deafness, deafRules } from "./deaf-kinds.ts";
import type { GhostKind } from "./ghost-kinds.ts";
import { MessageStore, type StoredMessage } from "./message-store.ts";
import type { Random } from "./random.ts";
import type { VersionRules } from "./versions.ts";

/** A QR code as the process remembers it; it goes on remembering it after the pairing. */
export interface Qr {
  /** How many this process has shown for the instance; 0: none yet. */
  readonly count: number;
  readonly code?: string;
  readonly base64?: string;
}

/** The loop that moves an instance while nobody asks. */
export interface Life {
  readonly kind: "reconnect" | "pairing" | "scanning" | "silence" | "blocked" | "conflict";
  readonly stop: AbortController;
}

/** What a message is. */
export type MessageKind = "text" | "image" | "video" | "audio" | "document";

/** A message that really left for WhatsApp. */
export interface Delivered {
  readonly id: string;
  readonly number: string;
  readonly kind: MessageKind;
  /** The text, or the caption. */
  readonly content: string;
  /** The file's URL, or how much base64 came. */
  readonly media: string | null;
  readonly at: Date;
}

/** Delivery acks that the virtual recipients send: none, delivered, or delivered and read. */
export type Acks = "off" | "on" | "read";

/** What WhatsApp keeps for a device that is away. */
interface Held {
  readonly handOver: () => void;
  /** The message in it; null: a report about another one. */
  readonly message: StoredMessage | null;
}

/** A webhook and what became of it. */
export interface SentWebhook {
  readonly event: string;
  readonly at: Date;
  readonly data: unknown;
  /** One entry for every try: the status, or why there was none. */
  readonly attempts: (number | "timeout" | "error")[];
  outcome: "pending" | "delivered" | "given-up" | "dropped";
}

/** What `POST /webhook/set` keeps. */
export interface WebhookSetting {
  readonly id: string;
  readonly url: string;
  headers: Readonly<Record<string, string>> | null;
  readonly enabled: boolean;
  readonly events: readonly string[];
  readonly webhookByEvents: boolean;
  readonly webhookBase64: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly instanceId: string;
}

const DEFAULT_SETTINGS = {
  rejectCall: false,
  msgCall: "",
  groupsIgnore: false,
  alwaysOnline: false,
  readMessages: false,
  readStatus: false,
  syncFullHistory: false,
  wavoipToken: "",
};

/** The picture every number of the simulator has. */
export const PROFILE_PICTURE = "https://pps.whatsapp.net/v/simulated.jpg";

/** What an instance is made of at the start. */
interface InstanceSeed {
  readonly name: string;
  /** The instance's own key; invented, unless given. */
  readonly token?: string | undefined;
  /** The own number, digits only; invented, unless given. */
  readonly phone?: string | undefined;
}

/** An instance's whole state; the functions around it change it. */
export class Instance {
  readonly id: string;
  readonly name: string;
  readonly token: string;

  // The database.
  /** `connectionStatus`: what `fetchInstances` answers. */
  registry: State = "close";
  /** The own number's jid, from the first `open` on. */
  ownerJid: string | null = null;
  /** Why the last session ended: a code, a serialised Boom error, and when. */
  disconnection: { code: number; object: string; at: string } | null = null;
  /** What `POST /settings/set` keeps. */
  settings = DEFAULT_SETTINGS;
  readonly settingsId: string;
  webhook: WebhookSetting | null = null;
  /** The messages in the database. */
  readonly messages = new MessageStore();
  readonly createdAt: string;
  updatedAt: string;
  /** Whether the device's keys are stored: the pairing. */
  paired = false;
  /** Paired, and not logged in since: then the phone hands its history over. */
  historyOwed = false;

  // The process.
  /** False: the process does not know the instance although the database does. */
  inMemory = true;
  /** `connectionState`. */
  memory: State = "close";
  socket: Socket = "none";
  /** 2 after a connect inside a live reconnect loop. */
  sockets: 1 | 2 = 1;
  qr: Qr = { count: 0 };
  life: Life | null = null;
  /** The sick state by name; null while healthy, new, or pairing. */
  ghost: GhostKind | null = null;
  /** Half-open again after every reopening by the keep-alive. */
  relapses = false;
  /** A half-open send to a known number answers 201 and is lost. */
  falseSuccess = false;
  /** C1: how long a connect waits for the version check that hangs, in milliseconds. */
  versionFetchMs = 0;
  /** 2.4.0-rc2 after a logout: closes go unnoticed. */
  ignoresClose = false;
  /** 2.3.6 after a logout: what comes in is not told. */
  deaf = false;
  /** Why what comes in is not told; null: it is. */
  deafness: Deafness | null = null;

  // WhatsApp.
  /** The own phone is switched off: it acknowledges nothing. */
  phoneOff = false;
  /** The number that pairs, digits only. */
  phone: string;
  /** The code that the device's logins are refused with, once the phone has removed it. */
  refusal: number | null = null;
  /** How WhatsApp answers this instance; undefined: as it answers everybody. */
  network: Network | undefined;
  acks: Acks = "on";
  readonly delivered: Delivered[] = [];
  /** What WhatsApp keeps for the device until it is back. */
  readonly held: Held[] = [];
  /** What the phone has: a device that is paired anew is told of it. */
  phoneMessages = new MessageStore();

  // Webhooks.
  readonly webhooksSent: SentWebhook[] = [];
  /** Settles when the first tries of all webhooks so far are over. */
  webhookTurn: Promise<void> = Promise.resolve();

  /**
   * @param seed Name, and what else is given.
   * @param random Invents the rest.
   * @param now The instant of the creation.
   */
  constructor(seed: InstanceSeed, random: Random, now: Date) {
    this.name = seed.name;
    this.id = random.uuid();
    this.token = seed.token || random.uuid().toUpperCase();
    this.settingsId = random.cuid();
    this.phone = seed.phone || `55119${random.text(8, "123456789")}`;
    this.createdAt = now.toISOString();
    this.updatedAt = this.createdAt;
  }

  /** The name its number shows. */
  get profileName(): string {
    return `Loja ${this.ownerJid?.split("@")[0] ?? this.phone}`;
  }

  /** Writes the registry. */
  register(state: State, now: Date): void {
    this.registry = state;
    this.updatedAt = now.toISOString();
  }

  /** What the process believes of the session, and what its websocket is. */
  become(memory: State, socket: Socket): void {
    this.memory = memory;
    this.socket = socket;
  }

  /** Forgets how the process treats its session apart from that. */
  reset(): void {
    this.rest();
    this.inMemory = true;
    this.sockets = 1;
    this.relapses = false;
    this.falseSuccess = false;
    this.versionFetchMs = 0;
  }

  /** What a logout that answered 200 does to the process, by its version. */
  afterLogout(rules: VersionRules): void {
    this.deaf ||= rules.deafAfterLogout;
    this.ignoresClose ||= rules.ignoresCloseAfterLogout;
  }

  /** A new process: what an earlier logout did to the old one is over. */
  startAnew(): void {
    this.reset();
    this.become("close", "none");
    this.ignoresClose = false;
    this.deaf = false;
    this.#leaveQueue();
    this.qr = { count: 0 };
    this.ghost = null;
  }

  /** What waited in the process's queue is lost with it; what WhatsApp still has comes again. */
  #leaveQueue(): void {
    const { deafness } = this;
    if (deafness === null) return;
    const { place, processCures } = deafRules(deafness.kind);
    const kept = place === "mutex" ? deafness.stuck : [];
    this.held.unshift(...kept.map((handOver) => ({ handOver, message: null })));
    deafness.stuck.length = 0;
    if (!processCures) return;
    deafness.stop.abort();
    this.deafness = null;
  }

  /** Ends what moves the instance. */
  rest(): void {
    this.life?.stop.abort();
    this.life = null;
  }
}
