/**
 * Signatures are made off the main thread: while one is under way, virtual time stands still.
 *
 * @module
 */

import type { VirtualClock } from "./virtual-clock.ts";

const METHODS = ["sign", "verify", "digest", "importKey"] as const;
const clocks = new Set<VirtualClock>();
let installed = false;

/**
 * Counts WebCrypto's work as real work of `clock`.
 *
 * @returns Ends it.
 */
export function trackCrypto(clock: VirtualClock): () => void {
  if (!installed) install();
  clocks.add(clock);
  return () => void clocks.delete(clock);
}

function install(): void {
  installed = true;
  const subtle = crypto.subtle as unknown as Record<
    string,
    (...args: unknown[]) => Promise<unknown>
  >;
  for (const method of METHODS) {
    const original = subtle[method]!.bind(crypto.subtle);
    subtle[method] = (...args) => {
      let work = original(...args);
      for (const clock of clocks) work = clock.track(work);
      return work;
    };
  }
}
