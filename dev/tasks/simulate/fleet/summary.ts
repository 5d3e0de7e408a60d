/**
 * What a fleet came to, in words and figures. Pure.
 *
 * @module
 */

import { GHOST_KINDS } from "../../../evolution/model/ghost-kinds.ts";
import type { FleetDeafness } from "./deafness.ts";
import type { Death } from "./referee.ts";
import type { FleetReport } from "./run.ts";

/** What must be true of the time in which deaths are found, in seconds. */
const FOUND_WITHIN_S = { silentP50: 180, allP99: 420 } as const;

/** What a canary can prove is known so soon after a silence has broken its number's habit, in seconds. */
const DEAF_WITHIN_S = 1_200;

/** Fewer deaths than this say nothing about the slowest in a hundred. */
const ENOUGH_DEATHS = 100;

/** What is printed, and whether all of it held. */
interface Summary {
  readonly lines: readonly string[];
  readonly violations: readonly string[];
  readonly last: string;
}

/** Sums a report up. */
export function summarize(report: FleetReport): Summary {
  const { inbound } = report;
  const deaths = report.deaths.filter(({ isOutage }) => !isOutage);
  const found = secondsOf(deaths);
  const silent = secondsOf(
    deaths.filter(({ number: { habit } }) => habit === "quiet" || habit === "receives only"),
  );
  const written = Object.values(inbound).reduce((sum, count) => sum + count, 0);
  const too = (what: string, seconds: number, most: number) =>
    found.length >= ENOUGH_DEATHS && seconds > most
      ? [`${what} was ${seconds} s, at most ${most} s are promised`]
      : [];
  return {
    lines: [
      ...GHOST_KINDS.flatMap((kind) =>
        tellKind(kind, deaths.filter(({ ghost }) => ghost === kind))
      ),
      ...tellKind("other", deaths.filter(({ ghost }) => ghost === null)),
      ...tellOutages(report.deaths.filter(({ isOutage }) => isOutage)),
      ...tellDeafnesses(report.deafnesses),
      `silent numbers: found p50 ${percentile(silent, 50)} s p99 ${percentile(silent, 99)} s`,
      `inbound: ${written} written; ${inbound["at the gateway"]} only the gateway has ` +
      `(findMessages), ${inbound.waits} wait for a device or a pairing`,
    ],
    violations: [
      ...report.violations,
      ...too("found p50 of silent numbers", percentile(silent, 50), FOUND_WITHIN_S.silentP50),
      ...too("found p99", percentile(found, 99), FOUND_WITHIN_S.allP99),
      ...(percentile(deafSecondsOf(report.deafnesses), 99) > DEAF_WITHIN_S
        ? [`deafness: p99 was more than the ${DEAF_WITHIN_S} s that are promised`]
        : []),
      ...(inbound.here < written
        ? [`${written - inbound.here} inbound messages are not here`]
        : []),
    ],
    last:
      `fleet: ${report.numbers} numbers, ${report.days} virtual days, ${deaths.length} deaths, ` +
      `found p50 ${percentile(found, 50)} s p99 ${percentile(found, 99)} s, ` +
      `${report.falseRepairs} false repairs, ${report.missed} missed, ` +
      `${inbound.here} of ${written} inbound messages here, ` +
      `${report.probesPerNumberAndDay.toFixed(0)} probes per number and day`,
  };
}

/**
 * How long it took to find them, in whole seconds, the shortest first. What the gateway told of was
 * not found.
 */
function secondsOf(deaths: readonly Death[]): readonly number[] {
  return deaths.flatMap(({ foundAfterMs, foundBy }) =>
    foundAfterMs === null || foundBy === "told" || !Number.isFinite(foundAfterMs)
      ? []
      : [Math.round(foundAfterMs / 1000)]
  ).sort((one, other) => one - other);
}

/** The value that so many in a hundred do not exceed; 0 of none. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)] ?? 0;
}

/** How long after their habits were broken they were known, in whole seconds, the shortest first. */
function deafSecondsOf(deafnesses: readonly FleetDeafness[]): readonly number[] {
  return deafnesses.flatMap(({ foundAfterMs }) =>
    foundAfterMs === null ? [] : [Math.round(foundAfterMs / 1000)]
  ).sort((one, other) => one - other);
}

function tellDeafnesses(deafnesses: readonly FleetDeafness[]): readonly string[] {
  const seconds = deafSecondsOf(deafnesses);
  const broken = deafnesses.filter(({ brokenAt }) => brokenAt !== null).length;
  return deafnesses.length === 0 ? [] : [
    `deaf: ${deafnesses.length} numbers, ${broken} habits broken, ${seconds.length} known after ` +
    `p50 ${percentile(seconds, 50)} s p99 ${percentile(seconds, 99)} s`,
  ];
}

/** Of those that die together few are found: then their gateway is known for dead. */
function tellOutages(deaths: readonly Death[]): readonly string[] {
  if (deaths.length === 0) return [];
  const first = new Map<string, number>();
  for (const { at, number: { gateway }, foundAfterMs } of deaths) {
    const place = `${at} ${gateway}`;
    first.set(place, Math.min(first.get(place) ?? Infinity, foundAfterMs ?? Infinity));
  }
  const seconds = [...first.values()].filter(Number.isFinite).map((ms) => Math.round(ms / 1000))
    .sort((one, other) => one - other);
  const repairs = deaths.filter(({ foundAfterMs }) => foundAfterMs !== null).length;
  return [
    `with everybody ${deaths.length} deaths, ${repairs} of them found; the first of a gateway after ` +
    `p50 ${percentile(seconds, 50)} s p99 ${percentile(seconds, 99)} s`,
  ];
}

function tellKind(kind: string, deaths: readonly Death[]): readonly string[] {
  if (deaths.length === 0) return [];
  const by = new Map<string, number>();
  for (const { foundBy, over } of deaths) {
    const who = foundBy ?? (over ? "healed first" : "not yet");
    by.set(who, (by.get(who) ?? 0) + 1);
  }
  const who = [...by].sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`).join(", ");
  const seconds = secondsOf(deaths);
  const found = seconds.length === 0
    ? ""
    : `; p50 ${percentile(seconds, 50)} s p99 ${percentile(seconds, 99)} s`;
  return [`${kind.padEnd(6)} ${deaths.length} deaths: ${who}${found}`];
}
