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
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  let end = 0;
  while (
    end < from.length - start && end < to.length - start &&
    from[from.length - 1 - end] === to[to.length - 1 - end]
  ) end++;
  const removed = from.slice(start, from.length - end);
  const added = to.slice(start, to.length - end);
  if (removed.length + added.length > SHOWN) {
    return `changed ${path} (${removed.length} lines taken out, ${added.length} put in)`;
  }
  const first = Math.max(0, start - CONTEXT);
  const before_ = from.slice(first, start);
  const after_ = from.slice(from.length - end, from.length - end + CONTEXT);
  const around = before_.length + after_.length;
  return [
    `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -${first + 1},${removed.length + around} +${first + 1},${added.length + around} @@`,
    ...before_.map((line) => ` ${line}`),
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
    ...after_.map((line) => ` ${line}`),
  ].join("\n");
}
