/**
 * A migration's name. Pure.
 *
 * @module
 */

/** Today's time, or right after the last migration where that has a later one. */
export function stampedName(names: Iterable<string>, now: Date, subject: string): string {
  const stamp = now.toISOString().replaceAll(/\D/g, "").slice(0, 14);
  const last = [...names].map((name) => /^\d+/.exec(name)?.[0] ?? "")
    .filter((version) => version.length === stamp.length).toSorted().at(-1);
  const version = last === undefined || last < stamp ? stamp : String(BigInt(last) + 1n);
  return `${version}_${subject}.sql`;
}
