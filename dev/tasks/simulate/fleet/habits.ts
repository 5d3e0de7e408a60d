/**
 * When people write to a number, and from it: by the hour, the day of the week and the kind of number.
 * Pure.
 *
 * @module
 */

import { Random } from "../../../evolution/model/random.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a kind of number is used for. */
interface Habit {
  /** Its share of a fleet. */
  readonly share: number;
  /** Messages that come in on a weekday. */
  readonly inbound: number;
  /** Messages that are sent from it on a weekday. */
  readonly outbound: number;
  /** How much of a weekday a day of the weekend is. */
  readonly weekend: number;
}

/** The kinds of numbers. */
export const HABITS = {
  /** Hears from somebody three times a day. */
  quiet: { share: 0.5, inbound: 3, outbound: 0.5, weekend: 0.4 },
  /** A line for orders or codes: nobody ever answers from it. */
  "receives only": { share: 0.25, inbound: 4, outbound: 0, weekend: 0.8 },
  ordinary: { share: 0.2, inbound: 10, outbound: 6, weekend: 0.3 },
  busy: { share: 0.05, inbound: 40, outbound: 30, weekend: 0.7 },
} as const satisfies Record<string, Habit>;

/** One of {@linkcode HABITS}. */
export type HabitName = keyof typeof HABITS;

/** The names of all of them. */
export const HABIT_NAMES = Object.keys(HABITS) as readonly HabitName[];

/** How much of a day falls into each hour: nights are silent, lunch is a dip. */
const HOURS = [
  ...[1, 0, 0, 0, 0, 1, 3, 8, 18, 24, 24, 22],
  ...[14, 16, 22, 24, 22, 18, 14, 10, 8, 6, 4, 2],
] as const;
const HOURS_SUM = HOURS.reduce<number>((sum, share) => sum + share, 0);

/** The numbers' own time: three hours behind UTC. */
const ZONE_MS = -3 * HOUR_MS;

/** A message that somebody writes. */
export interface Traffic {
  /** In ms from the beginning of the run. */
  readonly at: number;
  readonly number: number;
  readonly direction: "inbound" | "outbound";
}

/** Whose habits, and when. */
interface TrafficOf {
  readonly seed: number;
  readonly number: number;
  readonly habit: HabitName;
  /** The run's day, from 0. */
  readonly day: number;
  /** The instant that the run begins, in ms; a whole UTC day. */
  readonly startMs: number;
}

/** What is written to and from a number on one day, in no order. */
export function trafficOf({ seed, number, habit, day, startMs }: TrafficOf): readonly Traffic[] {
  const random = new Random(seed * 1_000_003 + number * 101 + day * 7_919 + 13);
  const { inbound, outbound, weekend } = HABITS[habit];
  const begins = day * DAY_MS;
  const local = new Date(startMs + begins + ZONE_MS + DAY_MS / 2).getUTCDay();
  const share = local === 0 || local === 6 ? weekend : 1;
  const draw = (direction: Traffic["direction"], mean: number): Traffic[] =>
    Array.from({ length: countOf(random, mean * share) }, () => ({
      at: begins + (hourOf(random) * HOUR_MS - ZONE_MS) % DAY_MS +
        Math.floor(random.next() * HOUR_MS),
      number,
      direction,
    }));
  return [...draw("inbound", inbound), ...draw("outbound", outbound)];
}

/** How many of what happens independently, so often on average (Knuth). */
function countOf(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count++;
  return count;
}

function hourOf(random: Random): number {
  let left = random.next() * HOURS_SUM;
  return Math.max(0, HOURS.findIndex((share) => (left -= share) < 0));
}
