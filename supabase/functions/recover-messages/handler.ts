/**
 * `recover-messages`: what a number may have missed is compared with what its gateway has stored, and
 * what is not here is stored. Called by a scheduler where a gap is due; answers counts only.
 *
 * It only reads at the gateway, a page at a time, from the newest message of a gap back, and may be
 * stopped after each: the next turn goes on there.
 *
 * @module
 */

import type { Gateway } from "../_shared/gateway/client.ts";
import { gatewayOf } from "../_shared/gateway/instance.ts";
import { serveScheduled } from "../_shared/http/serve-scheduled.ts";
import { tryRefreshVersions } from "../_shared/messages/refresh-versions.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { takeTurns, type TurnLimits } from "../_shared/runtime/leases.ts";
import type { Log } from "../_shared/runtime/log.ts";
import { type PageRecord, readPage, type TurnEnd } from "./decide.ts";
import { createWorkList, type Lease, type WorkList } from "./work-list.ts";

/** Within what the platform gives a request: the longest turn takes 30 s and one page (25 s) more. */
const LIMITS: TurnLimits & { readonly leaseSeconds: number } = {
  concurrency: 4,
  leases: 40,
  leasingMs: 45_000,
  leaseSeconds: 120,
  gatherMs: 100,
};

/**
 * Pages of all in one call: one of 100 messages takes some 10 ms of processor, and there are 2 s of
 * it.
 */
const PAGES = 60;

/** Pages of one number in one call. */
const PAGES_OF_A_NUMBER = 20;

/** No further page of a number is asked for after this time, in ms. */
const TURN_MS = 30_000;

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveScheduled("recover-messages", effects, async (log) => {
    const workList = createWorkList(effects.database, LIMITS.leaseSeconds);
    const budget = { pages: PAGES };
    return await takeTurns<Lease>({
      lease: (limit) => budget.pages > 0 ? workList.lease(limit) : Promise.resolve([]),
      turn: async (lease) => {
        const gateway = gatewayOf(lease, effects);
        const version = lease.version ?? await readVersion(lease, effects, log);
        const told = { ...lease, version };
        const end = await compare(told, { gateway, workList, budget, ...effects });
        log.write("debug", "compared", { instanceId: lease.instance_id, outcome: end });
        return end;
      },
      faultEvent: "compare_failed",
      log,
      clock: effects.clock,
    }, LIMITS);
  });
}

/**
 * What a gateway calls deleted is believed by its version, and a gap is compared once: where nobody has
 * asked the gateway yet, it is asked now. Null: it does not say.
 */
async function readVersion(
  { instance_id: instanceId }: Lease,
  effects: Effects,
  log: Log,
): Promise<string | null> {
  const [found] = await tryRefreshVersions(1, effects, log.with({ instanceId }), instanceId);
  return found?.kind === "evolution" ? found.version : null;
}

/** What a number's turn needs. */
interface TurnEffects {
  readonly gateway: Pick<Gateway, "findMessages">;
  readonly workList: WorkList;
  /** What is left of the call's pages. */
  readonly budget: { pages: number };
  readonly clock: Clock;
}

/** Takes one number's turn: page after page, until there is no more, or enough. */
async function compare(lease: Lease, effects: TurnEffects): Promise<TurnEnd> {
  const { workList, budget, clock } = effects;
  const end = clock.monotonicMs() + TURN_MS;
  let place: Pick<Lease, "window_until" | "page" | "page_size"> = lease;
  for (let pages = 0;; pages++) {
    const enough = pages >= PAGES_OF_A_NUMBER || clock.monotonicMs() >= end;
    if (enough || budget.pages-- <= 0) {
      const { next } = await workList.record(lease, { outcome: "pause" });
      return next === "later" ? "paused" : "overtaken";
    }
    const recorded = await workList.record(lease, await askForPage(lease, place, effects));
    if (recorded.next !== "more") return recorded.next;
    place = recorded;
  }
}

async function askForPage(
  { window_from, version }: Lease,
  { window_until, page, page_size: size }: Pick<Lease, "window_until" | "page" | "page_size">,
  { gateway, clock }: TurnEffects,
): Promise<PageRecord> {
  const outcome = await gateway.findMessages({
    from: new Date(window_from),
    until: new Date(window_until),
    page,
    size,
  });
  return outcome.outcome === "page"
    ? readPage(outcome, size, version, clock.now())
    : { outcome: outcome.outcome };
}
