/**
 * Runs plans in a thread of its own, and makes a history that fails short.
 *
 * @module
 */

/// <reference lib="webworker" />

import { attachPostgres, type PostgresServer } from "../../platform/database/postgres.ts";
import { createGround, type Ground } from "../../world/ground.ts";
import { planOf } from "./plan.ts";
import { run, type RunReport } from "./run.ts";

/** What the thread is asked. */
export interface WorkerRequest {
  readonly adminUrl: string;
  readonly seed: number;
  readonly only: readonly number[] | null;
}

/** What it answers. */
export type WorkerAnswer =
  | { readonly kind: "passed"; readonly report: RunReport }
  | {
    readonly kind: "failed";
    readonly report: RunReport;
    /** The numbers of the actions of a short history that fails. */
    readonly shortest: readonly number[];
    readonly violations: readonly string[];
  }
  | { readonly kind: "broken"; readonly error: string };

/** Where one run after another is played. */
interface Place {
  readonly server: PostgresServer;
  readonly ground: Ground;
}

/** A history is shortened by so many runs at the most: each takes seconds. */
const TRIES = 40;

if (typeof WorkerGlobalScope !== "undefined") {
  let place: Place | undefined;
  const leave = async () => {
    const left = place;
    place = undefined;
    await left?.ground.close();
    await left?.server.stop();
  };
  self.onmessage = async ({ data }: MessageEvent<WorkerRequest | "end">) => {
    if (data === "end") {
      await leave().catch(() => {});
      return self.postMessage("ended");
    }
    let answer: WorkerAnswer;
    try {
      answer = await work(place ??= await enter(data.adminUrl), data);
    } catch (error) {
      answer = { kind: "broken", error: error instanceof Error ? `${error.stack}` : `${error}` };
      // Whatever was wrong with it, the next run does not stand on it.
      await leave().catch(() => {});
    }
    self.postMessage(answer);
  };
}

async function enter(adminUrl: string): Promise<Place> {
  const server = attachPostgres(adminUrl);
  return { server, ground: await createGround(server) };
}

/** Runs one seed; a failing history is made short. */
async function work(
  { server, ground }: Place,
  { seed, only }: WorkerRequest,
): Promise<WorkerAnswer> {
  const plan = planOf(seed);
  const part = (numbers: readonly number[]) =>
    run(server, { ...plan, actions: numbers.map((number) => plan.actions[number]!) }, ground);
  const all = only ?? [...plan.actions.keys()];
  const report = await part(all);
  if (report.violations.length === 0) return { kind: "passed", report };
  let { violations } = report;
  const shortest = only ?? await shrink(all, async (numbers) => {
    const again = await part(numbers);
    if (again.violations.length > 0) violations = again.violations;
    return again.violations.length > 0;
  }, TRIES);
  return { kind: "failed", report, shortest, violations };
}

/**
 * Leaves out what is not needed: halves first, then ever smaller parts (delta debugging).
 *
 * fast-check's shrinking of a `subarray` was tried: it needs twice as many runs, and after 40 of
 * them five needless actions are left of a history that needs three, where this leaves none.
 *
 * @param items What fails as a whole.
 * @param fails Whether a part of it, in order, still fails.
 * @param tries At most so many calls of `fails`.
 * @returns A part that fails, of which no single item could be left out unless the tries ran out.
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  tries: number,
): Promise<readonly T[]> {
  let left = items;
  for (let size = Math.ceil(left.length / 2); size > 0;) {
    const before = left.length;
    // What came last is the likeliest to be of no account.
    for (let end = left.length; end > 0; end -= size) {
      if (tries-- <= 0) return left;
      const shorter = [...left.slice(0, Math.max(0, end - size)), ...left.slice(end)];
      if (!await fails(shorter)) continue;
      left = shorter;
      break;
    }
    // As large a part once more, where one could go.
    if (left.length === before) size = size === 1 ? 0 : Math.ceil(size / 2);
    size = Math.min(size, left.length);
  }
  return left;
}
