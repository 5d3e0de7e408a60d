/**
 * A fleet in shares that are played at once, each with a database of its own: whole gateways with
 * their numbers, and everybody's troubles in each. Pure.
 *
 * @module
 */

import type { Happening } from "./happening.ts";
import type { FleetPlan, FleetSize } from "./plan.ts";
import type { FleetReport } from "./run.ts";

/** Far enough apart that no two seeds meet. */
const SEEDS_APART = 1_000_003;

/** One of so many shares of a plan; its numbers and gateways are counted anew, from 0. */
export function shareOf(plan: FleetPlan, share: number, shares: number): FleetPlan {
  const isOurs = (gateway: number) => gateway % shares === share;
  const ours = plan.members.filter(({ gateway }) => isOurs(gateway));
  const places = new Map(ours.map(({ index }, place) => [index, place]));
  const members = ours.map((member, index) => ({
    ...member,
    index,
    gateway: Math.floor(member.gateway / shares),
  }));
  const happenings = plan.happenings.flatMap((happening): readonly Happening[] => {
    if ("number" in happening) {
      const number = places.get(happening.number);
      return number === undefined ? [] : [{ ...happening, number }];
    }
    if (!("gateway" in happening) || happening.gateway === null) return [happening];
    if (!isOurs(happening.gateway)) return [];
    const gateway = Math.floor(happening.gateway / shares);
    return happening.kind === "process restart"
      ? [{ ...happening, gateway, forgets: happening.forgets.map((it) => places.get(it)!) }]
      : [{ ...happening, gateway }];
  });
  return {
    ...plan,
    seed: plan.seed + share * SEEDS_APART,
    numbers: members.length,
    gateways: Math.ceil((plan.gateways - share) / shares),
    members,
    happenings,
  };
}

/** The reports of all shares of a fleet, in their order, as one. */
export function joinReports(size: FleetSize, reports: readonly FleetReport[]): FleetReport {
  const sum = (of: (report: FleetReport) => number) =>
    reports.reduce((all, report) => all + of(report), 0);
  const told = (of: (report: FleetReport) => readonly string[]) => reports.flatMap(of);
  return {
    ...size,
    deaths: reports.flatMap(({ deaths }, share) =>
      deaths.map((death) => ({
        ...death,
        number: {
          ...death.number,
          gateway: death.number.gateway * reports.length + share,
        },
      }))
    ),
    deafnesses: reports.flatMap(({ deafnesses }) => deafnesses),
    falseRepairs: sum(({ falseRepairs }) => falseRepairs),
    missed: sum(({ missed }) => missed),
    inbound: {
      "here": sum(({ inbound }) => inbound.here),
      "waits": sum(({ inbound }) => inbound.waits),
      "at the gateway": sum(({ inbound }) => inbound["at the gateway"]),
    },
    probesPerNumberAndDay:
      sum(({ probesPerNumberAndDay, numbers }) => probesPerNumberAndDay * numbers) / size.numbers,
    violations: told(({ violations }) => violations),
    late: told(({ late }) => late),
  };
}
