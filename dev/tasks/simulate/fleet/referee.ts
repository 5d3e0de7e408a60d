/**
 * Judges a fleet: who was really alive when, compared with what the product believed and did.
 *
 * @module
 */

import { GATEWAY_LIMITS } from "../../../../supabase/functions/_shared/gateway/client.ts";
import type { GhostKind } from "../../../evolution/model/ghost-kinds.ts";
import type { FleetCall, FleetGateways } from "./gateways.ts";
import type { FleetPlan, PlannedNumber } from "./plan.ts";
import { instanceIdOf } from "./product.ts";
import { Stories } from "./stories.ts";

const MINUTE = 60_000;

/** A death that nobody found in this time is missed; time in which its gateway was silent is none. */
const MISSED_AFTER_MS = 60 * MINUTE;

/**
 * From a session's return to the end of what was decided while it was dead: two probes of 8 s with a
 * pause, a look of 12 s and more, and the call that follows.
 */
const DECIDED_WITHIN_MS = 45_000;

/** The same of a send: it waited for its answer while the session was dead, and then came back. */
const SEND_ANSWERED_WITHIN_MS = GATEWAY_LIMITS.send + 5_000;

/** Sooner than this it was a blink. */
const BLINK_MS = 30_000;

/** Found after more than this it was found late. */
const LATE_MS = 7 * MINUTE;

/** So long after its return a number is one like others. */
const QUIET_MS = 10 * MINUTE;

/** Events by which somebody says that a number is dead. */
const SUSPICIONS: ReadonlySet<string> = new Set([
  "suspected",
  "connection_closed",
  "marked_disconnected",
  "watch_dead",
]);

/** Events by which the gateway itself says so. */
const TOLD: ReadonlySet<string> = new Set(["webhook_close", "qr_required"]);

/** Calls that change a session. */
const CHANGING: ReadonlySet<string> = new Set(["restart", "logout", "connect"]);

/** A number's death. */
export interface Death {
  readonly number: PlannedNumber;
  /** Null: of no plan's making, such as a relapse. */
  readonly ghost: GhostKind | null;
  /** In virtual ms. */
  readonly at: number;
  /** How long it took until somebody noticed, in ms; null: not yet, or it was over by then. */
  foundAfterMs: number | null;
  /** `watch`, `send`, `told` by the gateway, or another reason of the product's; `nobody`. */
  foundBy: string | null;
  over: boolean;
  /** Whether it died with everybody. */
  readonly isOutage: boolean;
}

/** What the product wrote about a number. */
export interface FleetEvent {
  readonly id: number;
  readonly instance_id: string;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** In virtual ms. */
  readonly at: number;
}

interface Outage {
  readonly from: number;
  until: number;
  readonly restarts: Map<number, number>;
}

/** See the module. */
export class Referee {
  readonly deaths: Death[] = [];
  readonly violations: string[] = [];
  /** Told like violations: one in a hundred may be. */
  readonly late: string[] = [];
  falseRepairs = 0;
  missed = 0;
  /** What happened to each number, for the telling. */
  readonly stories: Stories;
  /** The number of the last event that was judged. */
  lastEvent = 0;
  /** Whether a number that is alive may be restarted: it hears nothing. */
  isMended: (number: number) => boolean = () => false;
  /** Hears every event of the product. */
  onEvent: (event: FleetEvent, number: PlannedNumber) => void = () => {};
  readonly #byId: ReadonlyMap<string, PlannedNumber>;
  readonly #aliveSince: (number | null)[];
  readonly #open = new Map<number, Death>();
  readonly #outages: Outage[] = [];

  /** @param now Virtual ms. */
  constructor(
    private readonly plan: FleetPlan,
    private readonly gateways: FleetGateways,
    private readonly now: () => number,
  ) {
    this.#byId = new Map(plan.members.map((member) => [instanceIdOf(member), member]));
    this.#aliveSince = plan.members.map(() => now());
    this.stories = new Stories(plan.members.length, now);
  }

  /** WhatsApp is away for everybody from now on; ends it. */
  beginOutage(): () => void {
    const outage: Outage = { from: this.now(), until: Infinity, restarts: new Map() };
    this.#outages.push(outage);
    return () => void (outage.until = this.now() + DECIDED_WITHIN_MS);
  }

  /** Looks who is alive; of those told alone. @returns Who has died. */
  look(numbers: Iterable<PlannedNumber> = this.plan.members): readonly Death[] {
    const now = this.now();
    const died: Death[] = [];
    for (const number of numbers) {
      const { index } = number;
      const isAlive = this.gateways.isAlive(index);
      const death = this.#open.get(index);
      if (isAlive && death !== undefined) this.#revive(death, now);
      if (isAlive || death !== undefined) continue;
      const fresh: Death = {
        number,
        ghost: this.gateways.instance(index).ghost,
        at: now,
        foundAfterMs: null,
        foundBy: null,
        over: false,
        isOutage: this.#outages.some(({ from, until }) => from <= now && now <= until),
      };
      this.#aliveSince[index] = null;
      this.#open.set(index, fresh);
      this.deaths.push(fresh);
      died.push(fresh);
      this.stories.note(index, `dead: ${fresh.ghost ?? "no socket"}`);
    }
    this.#countMissed();
    return died;
  }

  /** Whether a number has been alive for a while. */
  isQuiet(number: number, now: number): boolean {
    return now - (this.#aliveSince[number] ?? now) > QUIET_MS;
  }

  #revive(death: Death, now: number): void {
    const { index } = death.number;
    death.over = true;
    this.#open.delete(index);
    this.#aliveSince[index] = now;
    this.stories.note(index, "alive");
    if (death.foundAfterMs === null && now - death.at < BLINK_MS) {
      this.deaths.splice(this.deaths.lastIndexOf(death), 1);
    }
  }

  /** Judges what the product wrote since the last time. */
  judge(events: readonly FleetEvent[]): void {
    for (const event of events) {
      this.lastEvent = event.id;
      const number = this.#byId.get(event.instance_id);
      if (number !== undefined) this.#judge(event, number);
    }
  }

  #judge(event: FleetEvent, number: PlannedNumber): void {
    const { index } = number;
    this.stories.note(index, `${event.kind} ${JSON.stringify(event.detail)}`, event.at);
    const death = this.#open.get(index);
    if (SUSPICIONS.has(event.kind) || TOLD.has(event.kind)) {
      if (death !== undefined && death.foundAfterMs === null && event.at >= death.at) {
        death.foundAfterMs = Math.max(0, event.at - this.#seenSince(death));
        death.foundBy = finderOf(event);
        if (death.foundAfterMs > LATE_MS && !death.isOutage) {
          const seconds = Math.round(death.foundAfterMs / 1000);
          this.late.push(this.stories.tellOf(number, `found late: after ${seconds} s`));
        }
      }
    }
    const aliveSince = this.#aliveSince[index] ?? null;
    if (
      SUSPICIONS.has(event.kind) && aliveSince !== null &&
      event.at - aliveSince >
        (event.kind === "connection_closed" ? SEND_ANSWERED_WITHIN_MS : DECIDED_WITHIN_MS)
    ) {
      this.falseRepairs++;
      this.#violated(number, `false repair: ${event.kind} of a number that was alive`);
    }
    this.onEvent(event, number);
  }

  /** A function's call reaches a number's gateway. */
  onCall({ route, number }: FleetCall): void {
    if (!CHANGING.has(route)) return;
    const now = this.now();
    const { index, policy } = number;
    this.stories.note(index, `call: ${route}`);
    const aliveSince = this.#aliveSince[index] ?? null;
    if (
      aliveSince !== null && now - aliveSince > DECIDED_WITHIN_MS &&
      this.gateways.isAlive(index) && !(route === "restart" && this.isMended(index))
    ) {
      this.falseRepairs++;
      this.#violated(number, `false repair: ${route} of a number that was alive`);
    }
    const outage = this.#outages.find(({ from, until }) => from <= now && now <= until);
    const death = this.#open.get(index);
    // One that was dead before it has its own repair.
    if (outage === undefined || (death !== undefined && death.at < outage.from)) return;
    if (route === "restart") {
      const restarts = (outage.restarts.get(index) ?? 0) + 1;
      outage.restarts.set(index, restarts);
      if (restarts > 1) this.#violated(number, `storm: restart no. ${restarts} in one outage`);
    }
    if (route === "logout" && policy === "keep-pairing") {
      this.#violated(number, "storm: a logout under keep-pairing while WhatsApp is away");
    }
  }

  #countMissed(): void {
    const now = this.now();
    for (const death of this.#open.values()) {
      if (death.foundAfterMs !== null || now - this.#seenSince(death) < MISSED_AFTER_MS) continue;
      death.foundAfterMs = Infinity;
      death.foundBy = "nobody";
      this.missed++;
      const kind = death.ghost ?? "no socket";
      this.#violated(death.number, `missed: dead (${kind}) for an hour, and nobody noticed`);
    }
  }

  /** From when on a death could be seen: its gateway answers as itself. */
  #seenSince({ at, number }: Death): number {
    const { mood, answersSince } = this.gateways.of(number);
    return mood === null ? Math.max(at, answersSince) : this.now();
  }

  #violated(number: PlannedNumber, what: string): void {
    this.violations.push(this.stories.tellOf(number, what));
  }

  /** Something of no number's is wrong. */
  violated(what: string): void {
    this.violations.push(what);
  }
}

/** Who noticed. */
function finderOf({ kind, detail }: FleetEvent): string {
  if (TOLD.has(kind)) return "told";
  if (kind === "connection_closed") return "send";
  if (kind === "watch_dead") return "watch";
  const reason = detail["reason"] ?? detail["source"];
  return typeof reason === "string" ? reason : kind;
}
