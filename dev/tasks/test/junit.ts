/**
 * Counts from a JUnit report, as `deno test --junit-path` writes it.
 *
 * @module
 */

/** How many tests passed and failed; ignored ones are neither. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Adds up the suites of a report.
 *
 * @throws {Error} When there is no suite in it: no tests ran, and that is not a success.
 */
export function readCounts(xml: string): Counts {
  const suites = [...xml.matchAll(/<testsuite [^>]*>/g)].map(([tag]) => ({
    tests: attribute(tag, "tests"),
    failed: attribute(tag, "failures") + attribute(tag, "errors"),
    ignored: attribute(tag, "disabled"),
  }));
  if (suites.length === 0) throw new Error("no tests ran");
  const sum = (of: (suite: typeof suites[number]) => number) =>
    suites.reduce((total, suite) => total + of(suite), 0);
  const failed = sum((suite) => suite.failed);
  return { passed: sum((suite) => suite.tests) - failed - sum((suite) => suite.ignored), failed };
}

function attribute(tag: string, name: string): number {
  return Number(new RegExp(`\\b${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
}
