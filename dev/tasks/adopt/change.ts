/**
 * A file that is to be made, changed or deleted, and how that is shown. Pure.
 *
 * @module
 */

/** One file. */
export interface Change {
  /** From the project's root. */
  readonly path: string;
  /** Null: it was not there. */
  readonly before: string | null;
  /** Null: it is not there afterwards. */
  readonly after: string | null;
}

/** Lines around what changed. */
const CONTEXT = 2;

/** More lines than these are counted, not shown. */
const SHOWN = 40;

/** Leaves out what stays as it is. */
export function realChanges(changes: readonly Change[]): readonly Change[] {
  return changes.filter(({ before, after }) => before !== after);
}

/** A change as a unified diff; a file that is made or deleted as a line. */
export function showChange({ path, before, after }: Change): string {
  const lines = (text: string | null) => text === null ? [] : text.replace(/\n$/, "").split("\n");
  const [from, to] = [lines(before), lines(after)];
  if (before === null) return `new     ${path} (${to.length} lines)`;
  if (after === null) return `deleted ${path} (${from.length} lines)`;
  const hunks = findHunks(from, to);
  const sum = (size: (hunk: Hunk) => number) => hunks.reduce((all, hunk) => all + size(hunk), 0);
  const [removed, added] = [
    sum(({ start, end }) => end - start),
    sum(({ to }) => to.end - to.start),
  ];
  if (removed + added > SHOWN) {
    return `changed ${path} (${removed} lines taken out, ${added} put in)`;
  }
  return [
    `--- a/${path}`,
    `+++ b/${path}`,
    ...hunks.flatMap(({ start, end, to: { start: first, end: last } }) => {
      const above = from.slice(Math.max(0, start - CONTEXT), start);
      const below = from.slice(end, end + CONTEXT);
      const around = above.length + below.length;
      return [
        `@@ -${start - above.length + 1},${end - start + around} ` +
        `+${first - above.length + 1},${last - first + around} @@`,
        ...above.map((line) => ` ${line}`),
        ...from.slice(start, end).map((line) => `-${line}`),
        ...to.slice(first, last).map((line) => `+${line}`),
        ...below.map((line) => ` ${line}`),
      ];
    }),
  ].join("\n");
}

/** Lines that are taken out, from `start` to before `end`, and those that take their place. */
interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly to: { readonly start: number; readonly end: number };
}

/** Where two texts differ. What is changed is small: the nearest line that both have goes on. */
function findHunks(from: readonly string[], to: readonly string[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  let [at, other] = [0, 0];
  while (at < from.length || other < to.length) {
    if (at < from.length && from[at] === to[other]) {
      [at, other] = [at + 1, other + 1];
      continue;
    }
    const [out, put] = nextSame(from.slice(at), to.slice(other));
    hunks.push({ start: at, end: at + out, to: { start: other, end: other + put } });
    [at, other] = [at + out, other + put];
  }
  return hunks;
}

/** How many lines go and come until both texts go on alike. */
function nextSame(from: readonly string[], to: readonly string[]): readonly [number, number] {
  for (let away = 1; away <= SHOWN; away++) {
    for (let out = 0; out <= away; out++) {
      const put = away - out;
      const ends = out === from.length && put === to.length;
      if (ends || (out < from.length && from[out] === to[put])) return [out, put];
    }
  }
  return [from.length, to.length];
}
