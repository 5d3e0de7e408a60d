/**
 * What the security tests did, counted where they do it.
 *
 * @module
 */

/** What is counted. */
export type Counted =
  | "access checks"
  | "malformed bodies"
  | "canary searches"
  | "faults"
  | "fault runs"
  | "lock calls"
  | "deadlocks"
  | "foreign-key errors"
  | "lost sweeps"
  | "lost"
  | "doubled";

/** Names the file that takes one JSON line for each count. Without it nothing is written down. */
export const COUNTS_VARIABLE = "SECURITY_COUNTS";

/** Set for the long form of the tests that have one. */
export const LONG_VARIABLE = "SECURITY_LONG";

/** Whether the long form was asked for. */
export const isLong = Deno.env.get(LONG_VARIABLE) === "true";

/** Adds to a count. */
export function count(what: Counted, by = 1): void {
  const file = Deno.env.get(COUNTS_VARIABLE);
  if (file === undefined) return;
  Deno.writeTextFileSync(file, `${JSON.stringify({ what, by })}\n`, { append: true });
}
