/**
 * What a tick does about a disconnected number, and how its end is counted. Pure.
 *
 * @module
 */

import {
  type ConnectRecord,
  decideByRegistry,
  type RegistryDecision,
} from "../_shared/gateway/instance.ts";
import type { RegistryOutcome } from "../_shared/gateway/outcomes.ts";
import { countEnds } from "../_shared/runtime/leases.ts";

/** What a tick does next. */
type Decision = Exclude<RegistryDecision, { readonly next: "connect" | "connecting" }> | {
  readonly next: "connect";
};

/**
 * Decides by what the registry says. A number that is `connecting` there for longer than the
 * database's patience is connected like a closed one.
 */
export function decide(registry: RegistryOutcome): Decision {
  const decision = decideByRegistry(registry);
  return decision.next === "record" ? decision : { next: "connect" };
}

/**
 * How a number's turn ended.
 * - `skipped`: it was no longer ours to connect (disconnected by hand, already back, out of
 *   attempts); nothing was called and nothing written;
 * - `failed`: the database could not be told; the lease ends by itself;
 * - any other: what was found. `overtaken`: something newer, usually the webhook, had changed the
 *   row by then, and the finding was not written over it.
 */
export type TurnEnd =
  | { readonly result: "skipped" | "failed" }
  | { readonly result: ConnectRecord["result"]; readonly overtaken: boolean };

const COUNTED_AS = {
  registry_open: "connected",
  open: "connected",
  qr: "awaitingQr",
  no_qr_yet: "connecting",
  refused: "refused",
  not_found: "notFound",
  unknown: "unknown",
  skipped: "skipped",
  failed: "failed",
} as const satisfies Record<TurnEnd["result"], string>;

/** How many numbers ended how; `overtaken` ones are counted by their finding as well. */
type Counts = Record<typeof COUNTED_AS[TurnEnd["result"]] | "overtaken", number>;

/** Counts a tick's ends. */
export function countTurns(ends: readonly TurnEnd[]): Counts {
  const overtaken = ends.filter((end) => "overtaken" in end && end.overtaken).length;
  return { ...countEnds(ends.map(({ result }) => result), COUNTED_AS), overtaken };
}
