/**
 * A mistake that somebody could make, as a change of text.
 *
 * @module
 */

/** One mistake. */
export interface Mutation {
  /** What the code then does wrong. */
  readonly name: string;
  /** From the project's root. */
  readonly file: string;
  /** Each text, found exactly once, and what takes its place. */
  readonly edits: readonly (readonly [from: string, to: string])[];
  /** The quickest tests that should notice, from `tests/`. */
  readonly tests: readonly string[];
}

/**
 * Mistakes in one file that the same tests should notice.
 *
 * @param tests One or several.
 * @param mistakes Each one's name, and its edits.
 */
export function mistakesIn(
  file: string,
  tests: string | readonly string[],
  mistakes: Readonly<Record<string, Mutation["edits"]>>,
): Mutation[] {
  return Object.entries(mistakes).map(([name, edits]) => ({
    name,
    file,
    edits,
    tests: [tests].flat(),
  }));
}

/** A mutation whose text is not found exactly once: the code has changed since. */
class StaleMutationError extends Error {
  override readonly name = "StaleMutationError";
}

/**
 * The file's text with the mistake in it.
 *
 * @throws {StaleMutationError} Where a text is not found exactly once.
 */
export function mutate(source: string, { name, file, edits }: Mutation): string {
  return edits.reduce((text, [from, to]) => {
    const found = text.split(from).length - 1;
    if (found !== 1) {
      throw new StaleMutationError(`"${name}": found ${found} times in ${file}: ${from}`);
    }
    return text.replace(from, () => to);
  }, source);
}

/**
 * What is out of date in a list: texts that are not found exactly once, files that are not there,
 * names that are given twice.
 *
 * @param root The project's folder.
 * @returns A sentence for each; none where all of them can be tried.
 */
export async function findStale(
  mutations: readonly Mutation[],
  root: URL,
): Promise<readonly string[]> {
  const names = mutations.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const found = await Promise.all(mutations.map(async (mutation) => {
    try {
      mutate(await Deno.readTextFile(new URL(mutation.file, root)), mutation);
      for (const test of mutation.tests) await Deno.stat(new URL(`tests/${test}`, root));
      return [];
    } catch (error) {
      if (error instanceof StaleMutationError) return [error.message];
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return [`"${mutation.name}": a file is not there: ${error.message}`];
    }
  }));
  return [...twice.map((name) => `"${name}": the name is given twice`), ...found.flat()];
}
