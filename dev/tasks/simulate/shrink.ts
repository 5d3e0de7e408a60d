/**
 * From a history that fails to a short one that fails too.
 *
 * @module
 */

/**
 * Leaves out what is not needed: halves first, then ever smaller parts (delta debugging).
 *
 * @param items What fails as a whole.
 * @param fails Whether a part of it, in order, still fails.
 * @param tries At most so many calls of `fails`.
 * @returns A part that fails, of which no single item could be left out unless the tries ran out.
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  tries: number,
): Promise<readonly T[]> {
  let left = items;
  let size = Math.ceil(left.length / 2);
  while (left.length > 0 && tries > 0) {
    const shorter = await leaveOut(size);
    if (shorter !== null) left = shorter;
    else if (size === 1) break;
    else size = Math.ceil(size / 2);
    size = Math.max(1, Math.min(size, left.length));
  }
  return left;

  async function leaveOut(size: number): Promise<readonly T[] | null> {
    // What came last is the likeliest to be of no account.
    for (let end = left.length; end > 0 && tries > 0; end -= size) {
      const start = Math.max(0, end - size);
      const rest = [...left.slice(0, start), ...left.slice(end)];
      tries--;
      if (await fails(rest)) return rest;
    }
    return null;
  }
}
