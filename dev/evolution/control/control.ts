/**
 * The control API: what only the world outside could do to a real gateway.
 *
 * @module
 */

import type { Fault, FaultScope } from "../session/gate.ts";
import type { GhostOptions } from "../session/ghosts.ts";
import type { Acks, Delivered, GhostKind, Network, SentWebhook, Version } from "../model.ts";
import type { Qr, Socket, State } from "../model.ts";
import type { ScanOutcome } from "../session/pairing.ts";
import type { WebhookFaults } from "../webhooks/webhooks.ts";
import type { Incoming, IncomingFate } from "../session/whatsapp.ts";

/** An instance to begin with. */
export interface PairedSeed {
  readonly name: string;
  /** The own number, digits only. */
  readonly phone: string;
  /** The instance's own key; invented, unless given. */
  readonly token?: string | undefined;
  readonly webhook?: {
    readonly url: string;
    /** Sent as they are, but for `jwt_key`, which signs a bearer token. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** Event names such as `CONNECTION_UPDATE`; all, unless given. */
    readonly events?: readonly string[] | undefined;
    readonly byEvents?: boolean | undefined;
    readonly base64?: boolean | undefined;
  } | undefined;
}

/** What {@linkcode EvolutionControl.createPaired} made. */
export interface PairedInstance {
  readonly name: string;
  readonly instanceId: string;
  readonly token: string;
  readonly ownerJid: string;
}

/** How WhatsApp answers; exactly one of these. */
export type WhatsAppChange =
  | { readonly reachable: true }
  /** Connections are refused: B1. */
  | { readonly refusing: true }
  /** No answer to the login (B3), or already to the websocket upgrade (B4). */
  | { readonly hanging: true | "login" | "upgrade" }
  /** The login is rejected with this code: B2; 401, 402, 403, 406: D. */
  | { readonly rejecting: number };

/** An instance from inside. */
export interface Inspection {
  readonly name: string;
  readonly instanceId: string;
  /** The database column that `fetchInstances` answers. */
  readonly registry: State;
  /** What `connectionState` answers; null: the process does not hold the instance. */
  readonly memory: State | null;
  readonly socket: Socket;
  /** Whether the device's keys are stored. */
  readonly paired: boolean;
  /** The QR code in memory, stale or showing. */
  readonly qr: Qr & { readonly showing: boolean };
  readonly ghost: GhostKind | null;
  readonly network: Network;
  readonly phone: string;
  readonly ownerJid: string | null;
  /** What really left for WhatsApp, in order. */
  readonly deliveredMessages: readonly Delivered[];
  /** How much WhatsApp keeps for the device until it is back. */
  readonly heldForDevice: number;
  readonly webhooksSent: readonly SentWebhook[];
}

/** The control API in process; over HTTP: `POST /__control/<name>` with a JSON body. */
export interface EvolutionControl {
  /** Makes an instance that is already open. */
  createPaired(seed: PairedSeed): PairedInstance;
  /**
   * Puts an instance into a sick state, whatever state it was in.
   *
   * @throws {ControlError} When the instance was never paired, or is unknown.
   */
  ghost(name: string, kind: GhostKind, options?: GhostOptions): void;
  /** Changes how WhatsApp answers: everybody, or one instance. Live sockets break, unless reachable. */
  whatsapp(change: WhatsAppChange, name?: string): void;
  /** The socket breaks and comes back within a second: no ghost. */
  blip(name: string): void;
  /**
   * Restarts the Evolution process: pairings stay, everything in memory is new.
   *
   * @param options.forgets Instances that the new process fails to load (C3).
   */
  restartProcess(options?: { readonly forgets?: readonly string[] | undefined }): void;
  /** Refuses connections. */
  gatewayDown(on: boolean): void;
  /** Adds milliseconds to every answer of a route such as `sendText`; 0 ends it. */
  slow(route: string, ms: number): void;
  /** Cans the next answers of a route such as `logout`. */
  fault(route: string, fault: Fault, scope?: FaultScope): void;
  /** Ends every fault and slowness, of routes and of webhooks. */
  clearFaults(): void;
  /** A phone scans the QR code that is showing, or an old picture of one (`code`). */
  scan(
    name: string,
    options?: { readonly code?: string | undefined; readonly phone?: string | undefined },
  ): ScanOutcome;
  /** The phone removes the device: at once, or by refusing the next login with `code`. */
  removeDevice(name: string, code?: 401 | 402 | 403 | 406): void;
  /** Somebody writes to the number. */
  inbound(name: string, message: Incoming): IncomingFate;
  /** Whether recipients acknowledge what they get. */
  acks(name: string, acks: Acks): void;
  /** Breaks the way of webhooks; `{}` mends it. */
  webhooks(faults: WebhookFaults): void;
  /** Another gateway version from now on. */
  setVersion(version: Version): void;
  /** Activates or withdraws the licence that 2.4.0-rc2 asks for. */
  licence(active: boolean): void;
  /** An instance from inside. */
  inspect(name: string): Inspection;
  /** The names of all instances. */
  instances(): readonly string[];
  /** What really left for WhatsApp through an instance, in order. */
  delivered(name: string): readonly Delivered[];
}

/** A control call that makes no sense; over HTTP 404 or 400. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  /**
   * @param status 404 for an unknown instance, 400 for a state that does not allow the call.
   * @param message What is wrong.
   */
  constructor(readonly status: 400 | 404, message: string) {
    super(message);
  }
}
