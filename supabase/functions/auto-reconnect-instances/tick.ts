/**
 * One tick: takes due instances as places get free, works on a bounded number at once, and stops
 * taking new ones well before the platform would stop the function.
 *
 * @module
 */

import type { Clock } from "../_shared/runtime/clock.ts";
import { takeTurns, type TurnLimits, type TurnsTaken } from "../_shared/runtime/leases.ts";
import type { TurnEnd } from "./reconnect-instance.ts";
import type { Lease, WorkList } from "./work-list.ts";

/** How much one tick may do. */
export interface TickLimits extends TurnLimits {
  /** When a lease ends by itself, in seconds. */
  readonly leaseSeconds: number;
}

/**
 * Within what the platform gives a request, 150 s of time and 2 s of processor: the longest turn
 * takes 48 s (registry 8, attempt 10, connect 20, record 10), and 1,000 turns with a QR each take
 * nearly 2 s of processor (docs/performance.md). The scheduler calls more than one where it can.
 */
export const TICK_LIMITS: TickLimits = {
  concurrency: 40,
  leases: 1000,
  leasingMs: 50_000,
  leaseSeconds: 120,
  gatherMs: 100,
};

/** What came of a tick, in instances. */
export interface TickReport {
  readonly leased: number;
  /** The registry, or a connect, said `open`. */
  readonly connected: number;
  readonly awaitingQr: number;
  /** Connect was accepted and has no QR yet. */
  readonly connecting: number;
  readonly refused: number;
  readonly notFound: number;
  /** The gateway could not be asked, or was not understood; nothing was changed. */
  readonly unknown: number;
  /** No longer ours to connect when its turn came. */
  readonly skipped: number;
  /** Found out, but the database could not be told; the lease ends by itself. */
  readonly failed: number;
  /** Of the findings above: not written, because something newer had changed the row. */
  readonly overtaken: number;
  /** See {@linkcode TurnsTaken}. */
  readonly stopped: TurnsTaken["stopped"];
}

/** What a tick needs. */
export interface TickEffects {
  readonly workList: Pick<WorkList, "lease">;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  /** Takes one instance's turn. */
  readonly reconnect: (lease: Lease) => Promise<TurnEnd>;
  /** Hears of what was thrown: in an instance's turn, or (null) while leasing. */
  readonly onFault: (error: unknown, lease: Lease | null) => void;
}

type Count = Exclude<keyof TickReport, keyof TurnsTaken>;

const COUNTED_AS: Readonly<Record<TurnEnd["result"], Count>> = {
  registry_open: "connected",
  open: "connected",
  qr: "awaitingQr",
  no_qr_yet: "connecting",
  refused: "refused",
  not_found: "notFound",
  unknown: "unknown",
  skipped: "skipped",
};

/**
 * Runs one tick.
 *
 * @returns What came of it; one instance's fault never stops the others.
 * @throws What the first lease throws: then nothing was done at all.
 */
export async function runTick(effects: TickEffects, limits: TickLimits): Promise<TickReport> {
  const counts: Record<Count, number> = {
    connected: 0,
    awaitingQr: 0,
    connecting: 0,
    refused: 0,
    notFound: 0,
    unknown: 0,
    skipped: 0,
    failed: 0,
    overtaken: 0,
  };
  const turn = async (lease: Lease) => {
    try {
      const end = await effects.reconnect(lease);
      counts[COUNTED_AS[end.result]]++;
      if ("overtaken" in end && end.overtaken) counts.overtaken++;
    } catch (error) {
      counts.failed++;
      effects.onFault(error, lease);
    }
  };

  const taken = await takeTurns({
    lease: (limit) => effects.workList.lease(limit),
    turn,
    onLeaseFault: (error) => effects.onFault(error, null),
    clock: effects.clock,
  }, limits);
  return { ...counts, ...taken };
}
