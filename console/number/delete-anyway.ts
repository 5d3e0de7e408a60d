/**
 * When a deletion that failed may be insisted on. Pure.
 *
 * @module
 */

/** The gateway could not be asked, or its answer is worth nothing; it may be gone for good. */
const NOT_ASKED = new Set([
  "GATEWAY_UNREACHABLE",
  "GATEWAY_TIMEOUT",
  "GATEWAY_UNAUTHORIZED",
  "GATEWAY_ERROR",
  "GATEWAY_UNLICENSED",
]);

/**
 * Whether "delete anyway" helps. Not where the gateway is there and refuses: its process has to be
 * restarted then, and the number is not lost.
 *
 * @param code The answer's `errorCode`.
 */
export function mayDeleteAnyway(code: string): boolean {
  return NOT_ASKED.has(code);
}
