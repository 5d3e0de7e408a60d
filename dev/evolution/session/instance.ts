/**
 * One WhatsApp number on the gateway: its database rows, what the process holds of it, and what
 * WhatsApp knows.
 *
 * @module
 */

import type { Random } from "../random.ts";
import type {
  Acks,
  Delivered,
  GhostKind,
  InstanceSettings,
  Network,
  Qr,
  SentWebhook,
  Socket,
  State,
  WebhookSetting,
} from "../model.ts";

/** The loop that moves an instance while nobody asks. */
export interface Life {
  readonly kind: "reconnect" | "pairing" | "scanning" | "silence" | "blocked" | "flapping";
  readonly stop: AbortController;
}

/** Why a session ended, as the registry keeps it. */
export interface Disconnection {
  readonly code: number;
  /** A serialised Boom error. */
  readonly object: string;
  readonly at: string;
}

/** What an instance is made of at the start. */
export interface InstanceSeed {
  readonly name: string;
  readonly token?: string;
  readonly phone?: string;
}

const DEFAULT_SETTINGS: InstanceSettings = {
  rejectCall: false,
  msgCall: "",
  groupsIgnore: false,
  alwaysOnline: false,
  readMessages: false,
  readStatus: false,
  syncFullHistory: false,
  wavoipToken: "",
};

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
  disconnection: Disconnection | null = null;
  settings = DEFAULT_SETTINGS;
  readonly settingsId: string;
  webhook: WebhookSetting | null = null;
  messageCount = 0;
  readonly createdAt: string;
  updatedAt: string;
  /** Whether the device's keys are stored: the pairing. */
  paired = false;

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
  /** 2.4.0-rc2 after a logout: the next close goes unnoticed. */
  ignoresClose = false;

  // WhatsApp.
  /** The number that pairs, digits only. */
  phone: string;
  /** The code that the device's logins are refused with, once the phone has removed it. */
  refusal: number | null = null;
  /** How WhatsApp answers this instance; undefined: as it answers everybody. */
  network: Network | undefined;
  acks: Acks = "on";
  readonly delivered: Delivered[] = [];
  /** What WhatsApp keeps for the device until it is back. */
  readonly held: (() => void)[] = [];

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
    this.phone = seed.phone ?? `55119${random.text(8, "123456789")}`;
    this.createdAt = now.toISOString();
    this.updatedAt = this.createdAt;
  }

  /** Writes the registry. */
  register(state: State, now: Date): void {
    this.registry = state;
    this.updatedAt = now.toISOString();
  }

  /** Ends what moves the instance. */
  rest(): void {
    this.life?.stop.abort();
    this.life = null;
  }
}
