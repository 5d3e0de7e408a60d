/**
 * What a look at a waiting number tells the database, and how its end is counted. Pure.
 *
 * @module
 */

import { type Finding, finding } from "../_shared/gateway/instance.ts";
import type { LogoutOutcome, RegistryOutcome } from "../_shared/gateway/outcomes.ts";

/** What the registry said of a number; no number, no key. */
export type Look = Finding<"registry"> & { readonly outcome: RegistryOutcome["outcome"] };

/** Says what was found, and nothing else of the answer. */
export function lookAt(registry: RegistryOutcome): Look {
  return { outcome: registry.outcome, ...finding("registry", registry) };
}

/** What an owed logout came to: its own answer, and the registry's afterwards, which counts. */
export interface OwedLogout {
  readonly logout: LogoutOutcome["outcome"];
  readonly registry: RegistryOutcome["outcome"];
  readonly ms: number;
  readonly httpStatus?: number;
}

/** See {@linkcode OwedLogout}. */
export function readOwedLogout(logout: LogoutOutcome, registry: RegistryOutcome): OwedLogout {
  const { ms, httpStatus } = finding("logout", logout);
  const status = httpStatus === undefined ? {} : { httpStatus };
  return { logout: logout.outcome, registry: registry.outcome, ms, ...status };
}

/**
 * How a number's turn ended.
 * - `connected`: it is open, and nobody had disconnected it;
 * - `logout`: it was open against a person's wish, and was logged out;
 * - `waits`: as it was;
 * - `overtaken`: something newer had changed the number by then, nothing was written;
 * - `failed`: the database could not be told; the lease ends by itself.
 */
export type TurnEnd = "connected" | "logout" | "waits" | "overtaken" | "failed";

const COUNTED_AS = {
  connected: "connected",
  logout: "loggedOut",
  waits: "waiting",
  overtaken: "overtaken",
  failed: "failed",
} as const satisfies Record<TurnEnd, string>;

/** Counts a tick's ends. */
export function countTurns(
  ends: readonly TurnEnd[],
): Record<typeof COUNTED_AS[TurnEnd], number> {
  const counts = { connected: 0, loggedOut: 0, waiting: 0, overtaken: 0, failed: 0 };
  for (const end of ends) counts[COUNTED_AS[end]]++;
  return counts;
}
