/**
 * What happens to a fleet, chosen by a seed: who is in it, and what goes wrong when. Pure.
 *
 * @module
 */

import type { DeafKind } from "../../../evolution/model/deaf-kinds.ts";
import { GHOSTS } from "../../../evolution/model/ghost-kinds.ts";
import { Random } from "../../../evolution/model/random.ts";
import type { GhostOptions } from "../../../evolution/session/ghosts.ts";
import type { PlayedKind, Policy } from "../../shared/kinds.ts";
import { WHATSAPP_FAULTS } from "../faults.ts";
import { HABIT_NAMES, type HabitName, HABITS } from "./habits.ts";
import type { GatewayMood, Happening } from "./happening.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How large a fleet, for how long. */
export interface FleetSize {
  readonly seed: number;
  readonly numbers: number;
  readonly days: number;
  /** Its organizations want canaries, its numbers have a month behind them, and some go deaf. */
  readonly canaries?: boolean;
}

/** A number of the fleet. */
export interface PlannedNumber {
  readonly index: number;
  readonly name: string;
  /** Digits. */
  readonly phone: string;
  readonly gateway: number;
  readonly habit: HabitName;
  readonly policy: Policy;
  /** Its account: the probe's answer names it in another way. */
  readonly isBusiness: boolean;
}

/** A fleet's plan. */
export interface FleetPlan extends FleetSize {
  readonly gateways: number;
  readonly members: readonly PlannedNumber[];
  /** In the order of time; `at` in ms from the beginning. */
  readonly happenings: readonly Happening[];
}

/** Numbers of one gateway. */
const NUMBERS_A_GATEWAY = 50;

/** How often each kind of death comes, of a hundred or so. */
const DEATHS: readonly (readonly [kind: PlayedKind, share: number])[] = [
  ["A1", 20],
  ["A2", 6],
  ["A2b", 8],
  ["B1", 12],
  ["B2", 5],
  ["B3", 5],
  ["B4", 5],
  ["C1", 10],
  ["C3", 2],
  ["D", 8],
  ["H1", 11],
  ["H2", 3],
];

/** From one death of a number to the next, in days, on average. */
const DAYS_A_DEATH = 20;
/** Not two in this time, of one number. */
const DEATHS_APART_MS = 12 * HOUR;

/** A number lives undisturbed at first, and long enough in the end to be found. */
const BEGINS_MS = 30 * MINUTE;
const ENDS_MS = 3 * HOUR;

/** What goes wrong with a gateway: how many days apart, and for how long, in minutes. */
const GATEWAY_TROUBLES = [
  { mood: "down", days: 15, minutes: [2, 40] },
  { mood: "hangs", days: 30, minutes: [3, 15] },
  { mood: "answers anything", days: 30, minutes: [3, 20] },
] as const satisfies readonly {
  readonly mood: GatewayMood;
  readonly days: number;
  readonly minutes: readonly [number, number];
}[];

/** The plan of a seed. */
export function fleetPlanOf(size: FleetSize): FleetPlan {
  const random = new Random(size.seed);
  const gateways = Math.max(2, Math.ceil(size.numbers / NUMBERS_A_GATEWAY));
  const members = Array.from(
    { length: size.numbers },
    (_, index) => memberOf(random, index, gateways),
  );
  const happenings = [
    ...deathsOf(random, size),
    ...troublesOf(random, size, gateways),
    ...everybodysTroubles(random, size),
    ...(size.canaries ? deafnessesOf(new Random(size.seed + 501), size, members) : []),
  ].sort((one, other) => one.at - other.at);
  return { ...size, gateways, members, happenings };
}

function memberOf(random: Random, index: number, gateways: number): PlannedNumber {
  const digits = String(index + 1).padStart(8, "0");
  return {
    index,
    name: `number-${index + 1}`,
    // No number ends in 0000, which is nobody's.
    phone: `5511${digits}7`,
    gateway: index % gateways,
    habit: weighted(random, HABIT_NAMES.map((name) => [name, HABITS[name].share] as const)),
    policy: random.next() < 0.5 ? "keep-pairing" : "logout-first",
    isBusiness: random.next() < 0.2,
  };
}

/** Deaths of single numbers: every kind at least once. */
function deathsOf(random: Random, { numbers, days }: FleetSize): Happening[] {
  const wanted = Math.max(DEATHS.length, Math.round(numbers * days / DAYS_A_DEATH));
  const times = new Map<number, number[]>();
  const deaths: Happening[] = [];
  for (let tries = 0; deaths.length < wanted && tries < wanted * 20; tries++) {
    const ghost = DEATHS[deaths.length]?.[0] ?? weighted(random, DEATHS);
    const number = random.integer(numbers);
    const at = instant(random, days);
    const before = times.get(number) ?? [];
    if (before.some((other) => Math.abs(other - at) < DEATHS_APART_MS)) continue;
    times.set(number, [...before, at]);
    const forMs = GHOSTS[ghost].whatsAppAway ? minutes(random, 3, 90) : 0;
    deaths.push({ at, kind: "death", number, ghost, options: optionsOf(random, ghost), forMs });
  }
  return deaths;
}

/** What canaries can prove of a number whose organization has others; each comes as often. */
const DEAFNESSES: readonly DeafKind[] = ["F2a", "F6", "F5"];

/** How long a deafness lasts where nobody mends it. */
const DEAF_MS = 2 * DAY;

/** Numbers that go deaf, each once: those that are written to often, as the others break no habit soon. */
function deafnessesOf(
  random: Random,
  { days }: FleetSize,
  members: readonly PlannedNumber[],
): Happening[] {
  const often = members.filter(({ habit }) => habit === "busy" || habit === "ordinary");
  return often.map(({ index: number }, place) => ({
    at: instant(random, days),
    kind: "deafness",
    number,
    deafness: DEAFNESSES[place % DEAFNESSES.length]!,
    forMs: DEAF_MS,
  }));
}

function optionsOf(random: Random, ghost: PlayedKind): GhostOptions {
  // Half of the half-open sockets are not noticed by the keep-alive, and some die again and again.
  if (ghost === "A1") {
    const unnoticed = random.next() < 0.5;
    return unnoticed ? { noticedAfterMs: 30 * DAY } : { selfHeals: random.next() < 0.7 };
  }
  if (ghost === "C1") return { hangsForMs: random.integer(2) * 10_000 };
  if (ghost === "D") return random.next() < 0.5 ? {} : { code: [401, 403][random.integer(2)] };
  return {};
}

function troublesOf(random: Random, { numbers, days }: FleetSize, gateways: number): Happening[] {
  const times = (apart: number) => Math.max(1, Math.round(gateways * days / apart));
  const gateway = () => random.integer(gateways);
  const at = () => instant(random, days);
  const several = (apart: number, make: () => Happening): Happening[] =>
    Array.from({ length: times(apart) }, make);
  return [
    ...GATEWAY_TROUBLES.flatMap(({ mood, days: apart, minutes: [least, most] }) =>
      several(apart, () => ({
        at: at(),
        kind: "gateway",
        gateway: gateway(),
        mood,
        forMs: minutes(random, least, most),
      }))
    ),
    ...several(15, () => {
      const which = gateway();
      const loses = random.next() < 0.2;
      const number = which + gateways * random.integer(Math.floor(numbers / gateways));
      return {
        at: at(),
        kind: "process restart",
        gateway: which,
        forgets: loses ? [number] : [],
      };
    }),
    ...several(15, () => ({
      at: at(),
      kind: "webhooks away",
      gateway: gateway(),
      forMs: minutes(random, 3, 60),
    })),
    ...several(2, () => ({ at: at(), kind: "blip", number: random.integer(numbers) })),
    ...several(4, () => ({
      at: at(),
      kind: "rate limit",
      number: random.integer(numbers),
      forMs: minutes(random, 20, 180),
    })),
  ];
}

function everybodysTroubles(random: Random, { days }: FleetSize): Happening[] {
  const several = (apart: number, make: (place: number) => Happening): Happening[] =>
    Array.from({ length: Math.max(1, Math.round(days / apart)) }, (_, place) => make(place));
  return [
    ...several(10, () => ({
      at: instant(random, days),
      kind: "webhooks away",
      gateway: null,
      forMs: minutes(random, 3, 30),
    })),
    ...several(8, (place) => ({
      at: instant(random, days),
      kind: "whatsapp away",
      change: WHATSAPP_FAULTS[
        (place + random.integer(WHATSAPP_FAULTS.length)) %
        WHATSAPP_FAULTS.length
      ]!,
      forMs: minutes(random, 4, 40),
    })),
  ];
}

function instant(random: Random, days: number): number {
  return BEGINS_MS + random.integer(days * DAY - BEGINS_MS - ENDS_MS);
}

function minutes(random: Random, least: number, most: number): number {
  return (least + random.integer(most - least + 1)) * MINUTE;
}

function weighted<Name extends string>(
  random: Random,
  shares: readonly (readonly [name: Name, share: number])[],
): Name {
  let left = random.next() * shares.reduce((sum, [, share]) => sum + share, 0);
  return (shares.find(([, share]) => (left -= share) < 0) ?? shares[0]!)[0];
}

/** The numbers that something happens to. */
export function metBy({ members }: FleetPlan, happening: Happening): readonly PlannedNumber[] {
  if ("number" in happening) return [members[happening.number]!];
  if (!("gateway" in happening) || happening.gateway === null) return members;
  return members.filter(({ gateway }) => gateway === happening.gateway);
}
