/**
 * Judges what a fleet's canaries say: who was really deaf when, and how long after the silence had
 * broken its habit that was known.
 *
 * @module
 */

import type { DeafKind } from "../../../evolution/model/deaf-kinds.ts";
import type { FleetGateways } from "./gateways.ts";
import type { PlannedNumber } from "./plan.ts";
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
  canaries = 0;

  /**
   * @param areWebhooksAway Whether nobody hears of a number by its webhooks, or did not lately.
   * @param now Virtual ms.
   */
  constructor(
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

  /** Those whose end nobody saw. */
  open(): readonly FleetDeafness[] {
    return this.all.filter(({ endedAt }) => endedAt === null);
  }

  /** What made it deaf was over then. */
  end(number: PlannedNumber, at: number): void {
    const deafness = this.#open(number);
    if (deafness === undefined) return;
    deafness.endedAt = at;
    const { brokenAt, foundAfterMs } = deafness;
    if (foundAfterMs === null && brokenAt !== null && at - brokenAt > MISSED_AFTER_MS) {
      this.violations.push({ number, what: `missed: deaf (${deafness.kind}), and nobody noticed` });
    }
  }

  /** A silence broke the number's habit then. */
  breakAt(number: PlannedNumber, at: number): void {
    const deafness = this.#open(number);
    if (deafness !== undefined) deafness.brokenAt ??= Math.max(at, deafness.at);
  }

  /** The product says something of a number's hearing. */
  judge({ kind, detail, at }: FleetEvent, number: PlannedNumber): void {
    if (kind !== "hearing") return;
    const verdict = String(detail["verdict"]);
    const deafness = this.#open(number) ??
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

  #open({ index }: PlannedNumber): FleetDeafness | undefined {
    return this.all.find((one) => one.number.index === index && one.endedAt === null);
  }
}
