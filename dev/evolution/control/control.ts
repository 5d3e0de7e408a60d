/**
 * The control API: what only the world outside could do to a real gateway.
 *
 * @module
 */

import type { Gateway } from "../model/gateway.ts";
import type { DeafKind } from "../model/deaf-kinds.ts";
import type { GhostKind } from "../model/ghost-kinds.ts";
import { type Acks, type Delivered, Instance } from "../model/instance.ts";
import type { Version } from "../model/versions.ts";
import type { Fault, FaultScope, Gate } from "../routes/gate.ts";
import { becomeDeaf, type DeafOptions, hearAgain } from "../session/deafness.ts";
import { enterGhost, type GhostOptions, removeDevice } from "../session/ghosts.ts";
import { type Incoming, receiveMessage } from "../session/incoming.ts";
import { nextQr, type ScanOutcome, scanQr } from "../session/pairing.ts";
import { BLIP_MS, dropSocket } from "../session/session.ts";
import type {
  ReceiverAway,
  ReportFault,
  WebhookFaults,
  WebhookSender,
} from "../webhooks/sender.ts";
import { storeWebhook } from "../webhooks/setting.ts";
import { ControlError, networkOf, type PairedSeed, type WhatsAppChange } from "./changes.ts";
import { type Inspected, inspectInstance } from "./inspect.ts";
import { restartProcess } from "./restart.ts";

/** The control API in process; over HTTP see `http.ts`. */
export class EvolutionControl {
  /** Names what it controls. */
  constructor(
    private readonly gateway: Gateway,
    private readonly gate: Gate,
    private readonly sender: WebhookSender,
  ) {}

  #find(name: string): Instance {
    const instance = this.gateway.instances.get(name);
    if (!instance) throw new ControlError(404, `there is no instance "${name}"`);
    return instance;
  }

  /** Makes an instance that is already open. */
  createPaired({ name, phone, token, webhook }: PairedSeed) {
    const { gateway } = this;
    if (gateway.instances.has(name)) throw new ControlError(400, `"${name}" exists already`);
    const instance = new Instance({ name, phone, token }, gateway.settings.random, gateway.now());
    const ownerJid = `${phone}@s.whatsapp.net`;
    gateway.instances.set(name, instance);
    if (webhook) storeWebhook(gateway, instance, { ...webhook, enabled: true });
    instance.qr = nextQr(gateway, instance);
    instance.paired = true;
    instance.ownerJid = ownerJid;
    instance.become("open", "open");
    instance.register("open", gateway.now());
    return { name, instanceId: instance.id, token: instance.token, ownerJid };
  }

  /**
   * Puts an instance into a sick state, whatever state it was in.
   *
   * @throws {ControlError} When the instance was never paired, or is unknown.
   */
  ghost(name: string, kind: GhostKind, options: GhostOptions = {}): void {
    const instance = this.#find(name);
    if (!instance.paired) throw new ControlError(400, `"${name}" is not paired: pair it first`);
    enterGhost(this.gateway, instance, kind, options);
  }

  /** Makes an instance deaf: its session goes on, and nothing comes in. */
  deaf(name: string, kind: DeafKind, options: DeafOptions = {}): void {
    becomeDeaf(this.gateway, this.#find(name), kind, options);
  }

  /** What made it deaf is over. */
  hearAgain(name: string): void {
    hearAgain(this.#find(name));
  }

  /** Switches the own phone off, or on: it acknowledges nothing. */
  phoneOff(name: string, off: boolean): void {
    this.#find(name).phoneOff = off;
  }

  /** Changes how WhatsApp answers: everybody, or one instance. Live sockets break, unless reachable. */
  whatsapp(change: WhatsAppChange, name?: string): void {
    const { gateway } = this;
    const network = networkOf(change);
    const met = name === undefined ? [...gateway.instances.values()] : [this.#find(name)];
    if (name === undefined) gateway.network = network;
    for (const instance of met) {
      instance.network = name === undefined ? undefined : network;
      if (network.kind === "reachable" || instance.socket !== "open") continue;
      dropSocket(gateway, instance, gateway.settings.reconnectLoopMs);
    }
  }

  /** The socket breaks and comes back within a second: no ghost. */
  blip(name: string): void {
    dropSocket(this.gateway, this.#find(name), BLIP_MS);
  }

  /** The Evolution process is another one. See {@linkcode restartProcess}. */
  restartProcess(
    { forgets = [], asMeasured }: {
      readonly forgets?: readonly string[] | undefined;
      readonly asMeasured?: boolean | undefined;
    } = {},
  ): void {
    const forgotten = forgets.map((name) => this.#find(name));
    restartProcess(this.gateway, this.gate, { forgotten, asMeasured });
  }

  /** Refuses connections. */
  gatewayDown(on: boolean): void {
    this.gate.down = on;
  }

  /** Adds milliseconds to every answer of a route such as `sendText`; 0 ends it. */
  slow(route: string, ms: number): void {
    this.gate.slow(route, ms);
  }

  /** Cans the next answers of a route such as `logout`. */
  fault(route: string, fault: Fault, scope: FaultScope = {}): void {
    this.gate.arm(route, fault, scope);
  }

  /** Ends every fault and slowness, of routes and of webhooks. The clock stays as it is. */
  clearFaults(): void {
    this.gate.clear();
    this.sender.faults = {};
    this.sender.away = null;
    this.sender.reportFault = null;
  }

  /** A phone scans the QR code that is showing, or an old picture of one (`code`). */
  scan(
    name: string,
    options: { readonly code?: string | undefined; readonly phone?: string | undefined } = {},
  ): ScanOutcome {
    return scanQr(this.gateway, this.#find(name), options);
  }

  /** The phone removes the device: at once, or by refusing the next login with `code`. */
  removeDevice(name: string, code?: 401 | 402 | 403 | 406): void {
    removeDevice(this.gateway, this.#find(name), code);
  }

  /** Somebody writes to the number. */
  inbound(name: string, message: Incoming) {
    return receiveMessage(this.gateway, this.#find(name), message);
  }

  /** A stored message is another text, or deleted: noted in the gateway's database alone. */
  change(name: string, whatsappId: string, to: { readonly text: string } | "deleted"): void {
    const { messages } = this.#find(name);
    if (to === "deleted") return messages.update(whatsappId, "DELETED");
    const messageTimestamp = this.gateway.seconds();
    messages.update(whatsappId, "EDITED", { message: { conversation: to.text }, messageTimestamp });
  }

  /** WhatsApp's file server has none of the files any more; the phones have them. */
  expireFiles(): void {
    this.gateway.files.expire();
  }

  /** Whether recipients acknowledge what they get. */
  acks(name: string, acks: Acks): void {
    this.#find(name).acks = acks;
  }

  /** Breaks the way of webhooks; `{}` mends it. */
  webhooks(faults: WebhookFaults): void {
    this.sender.faults = faults;
  }

  /** Whoever receives the webhooks is away; null: back. */
  receiverAway(away: ReceiverAway | null): void {
    this.sender.away = away;
  }

  /** The next report of a state is lost, or late. */
  reportFault(fault: ReportFault): void {
    this.sender.reportFault = fault;
  }

  /** Puts the gateway's clock off by so many milliseconds, as its webhooks tell the time. */
  clockOff(ms: number): void {
    this.sender.clockOffMs = ms;
  }

  /** The gateway sends a webhook of its own making: its setting and its key are the instance's. */
  webhook(name: string, event: string, data: unknown): void {
    this.sender.emit(this.#find(name), event, data);
  }

  /** Another gateway version from now on. */
  setVersion(version: Version): void {
    this.gateway.version = version;
  }

  /** Activates or withdraws the licence that 2.4.0-rc2 asks for. */
  licence(active: boolean): void {
    this.gateway.licensed = active;
  }

  /** The names of all instances. */
  instances(): readonly string[] {
    return [...this.gateway.instances.keys()];
  }

  /** WhatsApp's ids of the messages that the gateway has stored of an instance. */
  stored(name: string): readonly string[] {
    return this.#find(name).messages.all().map(({ key }) => key.id);
  }

  /** Of those, what others wrote: WhatsApp's id, and when, in seconds. */
  fromCustomers(name: string): readonly { readonly id: string; readonly seconds: number }[] {
    return this.#find(name).messages.all().filter(({ key }) => !key.fromMe)
      .map(({ key: { id }, messageTimestamp: seconds }) => ({ id, seconds }));
  }

  /** What really left for WhatsApp through an instance, in order. */
  delivered(name: string): readonly Delivered[] {
    return [...this.#find(name).delivered];
  }

  /** The instance itself, for whoever looks at very many very often. */
  instance(name: string): Instance {
    return this.#find(name);
  }

  /** An instance from inside. */
  inspect(name: string): Inspected {
    return inspectInstance(this.gateway, this.#find(name));
  }
}
