/**
 * Tests of what a foreign program does.
 *
 * @module
 */

/**
 * Registers one. What it starts outlives single tests, so nothing is counted as a leak.
 *
 * @param missing Why its program cannot be had here: then the test is not run, and its name says why.
 */
export function foreignTest(name: string, missing: string | null, run: () => Promise<void>): void {
  Deno.test({
    name: missing === null ? name : `${name} (skipped: ${missing})`,
    ignore: missing !== null,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: run,
  });
}
