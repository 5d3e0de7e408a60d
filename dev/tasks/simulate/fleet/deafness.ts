/**
 * Judges what a fleet's canaries say: who was really deaf when, and how long after the silence had
 * broken its habit that was known.
 *
 * @module
 */

import type { DeafKind } from "../../../evolution/model/deaf-kinds.ts";
import type { FleetDatabase } from "./database.ts";
import type { FleetGateways } from "./gateways.ts";
import type { PlannedNumber } from "./plan.ts";
import { instanceIdOf } from "./product.ts";
import type { FleetEvent } from "./referee.ts";

const MINUTE = 60_000;

/** What began while a number was deaf may end so long after. */
const JUDGED_WITHIN_MS = 15 * MINUTE;

/** Broken for so long, and nobody noticed: missed. */
const MISSED_AFTER_MS = 60 * MINUTE;

/** A deafness of a number. */
export interface FleetDeafness {
  readonly number: PlannedNumber;
  readonly kind: DeafKind;
  /** In virtual ms. */
  readonly at: number;
  /** When the silence broke the number's habit; null: it has not. */
  brokenAt: number | null;
  /** From then on until canaries said so, in ms; null: not yet. */
  foundAfterMs: number | null;
  verdict: string | null;
  endedAt: number | null;
}

/** See the module. */
export class Deafnesses {
  readonly all: FleetDeafness[] = [];
  /** Numbers of which something false was said, and those that were missed. */
  readonly violations: { readonly number: PlannedNumber; readonly what: string }[] = [];

  /**
   * @param database Knows when a silence breaks a habit.
   * @param areWebhooksAway Whether nobody hears of a number by its webhooks, or did not lately.
   * @param now Virtual ms.
   */
  constructor(
    private readonly database: FleetDatabase,
    private readonly gateways: FleetGateways,
    private readonly areWebhooksAway: (number: PlannedNumber) => boolean,
    private readonly now: () => number,
  ) {}

  /** A number is deaf from now on. */
  begin(number: PlannedNumber): void {
    const { deafness } = this.gateways.instance(number.index);
    if (deafness === null) return;
    this.all.push({
      ...{ number, kind: deafness.kind, at: this.now() },
      ...{ brokenAt: null, foundAfterMs: null, verdict: null, endedAt: null },
    });
  }

  /** What made it deaf is over. Its silence may have broken its habit though the product never said so. */
  async end(number: PlannedNumber): Promise<void> {
    const now = this.now();
    const at = await readHabitBreak(this.database, number);
    if (at !== null && at < now) this.#breakAt(number, at);
    const deafness = this.#openOf(number);
    if (deafness === undefined) return;
    deafness.endedAt = now;
    const { brokenAt, foundAfterMs } = deafness;
    if (foundAfterMs === null && brokenAt !== null && now - brokenAt > MISSED_AFTER_MS) {
      this.violations.push({ number, what: `missed: deaf (${deafness.kind}), and nobody noticed` });
    }
  }

  /** A new login, or a new process, has ended what nobody meant to end. */
  async endMended(): Promise<void> {
    for (const number of this.#open()) {
      if (this.gateways.instance(number.index).deafness === null) await this.end(number);
    }
  }

  /** With the last day. */
  async endAll(): Promise<void> {
    for (const number of this.#open()) {
      await this.end(number);
      this.gateways.of(number).simulator.control.hearAgain(number.name);
    }
  }

  /** The product says that a number's silence has broken its habit. */
  async hearSilence(number: PlannedNumber): Promise<void> {
    const at = await readHabitBreak(this.database, number);
    if (at !== null) this.#breakAt(number, at);
  }

  #breakAt(number: PlannedNumber, at: number): void {
    const deafness = this.#openOf(number);
    if (deafness !== undefined) deafness.brokenAt ??= Math.max(at, deafness.at);
  }

  /** The product says something of a number's hearing. */
  judge({ kind, detail, at }: FleetEvent, number: PlannedNumber): void {
    if (kind !== "hearing") return;
    const verdict = String(detail["verdict"]);
    const deafness = this.#openOf(number) ??
      this.all.findLast((one) =>
        one.number.index === number.index && at - (one.endedAt ?? at) < JUDGED_WITHIN_MS
      );
    if (verdict === "hears") return;
    if (deafness === undefined) {
      const mute = verdict === "webhook_mute" || verdict === "lagging";
      if (mute && this.areWebhooksAway(number)) return;
      this.violations.push({ number, what: `false: ${verdict} is said of a number that hears` });
    } else if (deafness.foundAfterMs === null) {
      deafness.foundAfterMs = Math.max(0, at - (deafness.brokenAt ?? at));
      deafness.verdict = verdict;
    }
  }

  /** Those whose end nobody saw. */
  #open(): readonly PlannedNumber[] {
    return this.all.filter(({ endedAt }) => endedAt === null).map(({ number }) => number);
  }

  #openOf({ index }: PlannedNumber): FleetDeafness | undefined {
    return this.all.find((one) => one.number.index === index && one.endedAt === null);
  }
}

/** When the silence of a number breaks its habit, in virtual ms; null: within a week it does not. */
async function readHabitBreak(
  database: FleetDatabase,
  number: PlannedNumber,
): Promise<number | null> {
  const [row] = await database.run<{ at: number | null }>(
    `select (extract(epoch from ghost_repair.habit_breaks_at(h.instance_id,
        greatest(i.last_received_at, h.canary_heard_at, h.opened_at, h.heard_since),
        s.habit_expected * h.habit_stretch)) * 1000)::float8 as at
      from ghost_repair.hearing h
      join public.whatsapp_instances i on i.id = h.instance_id, ghost_repair.settings s
      where h.instance_id = $1::text::uuid`,
    [instanceIdOf(number)],
  );
  return row?.at ?? null;
}
