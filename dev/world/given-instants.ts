/**
 * Instants that the database gave to somebody grow old with its rows: who hands one back means the
 * same moment, and says it by its old value.
 *
 * @module
 */

/** As PostgREST prints a `timestamptz`, in JSON. */
const INSTANT = /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00:00"/g;

/** Remembers what was given, and when. */
export interface GivenInstants {
  /** Reads an answer's text: whatever instants are in it are given now. */
  readonly give: (text: string) => void;
  /** A request's text, each instant that was given as old as the rows are. */
  readonly takeBack: (text: string) => string;
}

/** @param agedMs By how much the rows have aged so far, in milliseconds. */
export function createGivenInstants(agedMs: () => number): GivenInstants {
  const given = new Map<string, number>();
  return {
    give: (text) => {
      for (const [instant] of text.matchAll(INSTANT)) given.set(instant, agedMs());
    },
    takeBack: (text) =>
      text.replaceAll(INSTANT, (instant, seconds: string, fraction = "") => {
        const since = given.get(instant);
        if (since === undefined) return instant;
        const micros = Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, "0"));
        return `"${printed(micros - Math.round((agedMs() - since) * 1000))}"`;
      }),
  };
}

/** JavaScript's dates end at the millisecond. */
function printed(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}+00:00`;
}
