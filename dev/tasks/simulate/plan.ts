/**
 * From a seed to what happens: every choice of a run is made here, before it begins. Each action
 * carries all its parameters and how long the world goes on afterwards, so that any part of a list
 * of actions is a history of its own.
 *
 * fast-check's arbitraries were tried: they make it longer, because an action takes its company from
 * the beginning of the run and may refer to the sends before it.
 *
 * @module
 */

import { Random } from "../../evolution/model/random.ts";
import type { Version } from "../../evolution/model/versions.ts";
import { POLICIES, type Policy } from "../shared/kinds.ts";
import { CUSTOMERS, VERSIONS } from "./faults.ts";
import { type Action, pickHappening } from "./happenings.ts";

/**
 * Who tells whether a company's number hears: nobody, because it does not want canaries, the number
 * alone, or another one of it.
 */
const LISTENERS = ["nobody", "itself", "a pair", "a pair"] as const;
/** One of {@linkcode LISTENERS}. */
type Listener = typeof LISTENERS[number];

/** A run: how it begins, and what happens. */
export interface Plan {
  readonly seed: number;
  /** Each company's policy at the start; the number of companies. */
  readonly policies: readonly Policy[];
  /** Who tells whether each company's number hears. */
  readonly listeners: readonly Listener[];
  /** The gateway's version. */
  readonly version: Version;
  /** How many QR codes it shows before it gives up. */
  readonly qrLimit: number;
  readonly actions: readonly Action[];
}

const SECOND = 1_000;
const MINUTE = 60_000;

/** What a run of this seed does. */
export function planOf(seed: number): Plan {
  const random = new Random(seed * 2_654_435_761);
  const policies = Array.from({ length: 2 + random.integer(3) }, () => random.pick(POLICIES));
  const listeners = policies.map(() => random.pick(LISTENERS));
  const version = random.pick(VERSIONS);
  const qrLimit = random.next() < 0.3 ? 3 : 30;
  const actions: Action[] = [];
  for (let left = 12 + random.integer(13); left > 0; left--) {
    const happening = pickHappening(random, policies.length, actions);
    actions.push({ ...happening, thenMs: pause(random) });
    // A sick session that nobody uses is not noticed: most of them are used.
    if (happening.kind === "ghost" && random.next() < 0.75) {
      const { company } = happening;
      actions.push({ kind: "send", company, message: actions.length, thenMs: pause(random) });
    }
    // Deafness alone is not noticed: mostly somebody used to write at this time.
    if (happening.kind === "deaf" && random.next() < 0.75) {
      const { company } = happening;
      actions.push({ kind: "inbound", company, from: random.pick(CUSTOMERS), thenMs: 0 });
      actions.push({ kind: "silence", company, thenMs: (1 + random.integer(12)) * MINUTE });
    }
  }
  return { seed, policies, listeners, version, qrLimit, actions };
}

/** Mostly soon, so that things meet; now and then much later. */
function pause(random: Random): number {
  const kind = random.next();
  if (kind < 0.2) return 0;
  if (kind < 0.55) return random.integer(20) * SECOND;
  if (kind < 0.97) return random.integer(150) * SECOND;
  return random.integer(720) * MINUTE;
}

/** A line for people. */
export function describe(action: Action): string {
  const { kind, thenMs, ...rest } = action;
  const details = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [kind, ...details, `then ${Math.round(thenMs / 1000)} s`].join("  ");
}
