/**
 * What reaches the database's API: each request is seen when it was answered.
 *
 * @module
 */

interface Waiting {
  readonly name: string;
  left: number;
  readonly resolve: () => void;
}

/** Makes a watch over `inner`. */
export function watchRest(inner: typeof fetch = fetch) {
  let answered: string[] = [];
  const waiting = new Set<Waiting>();

  const hearAnswer = (name: string) => {
    for (const each of waiting) {
      if (each.name !== name || --each.left > 0) continue;
      waiting.delete(each);
      each.resolve();
    }
  };
  const watched: typeof fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const name = pathname.replace(/^\/(rpc\/)?/, "");
    try {
      return await inner(input, init);
    } finally {
      answered.push(name);
      hearAnswer(name);
    }
  };
  return {
    /** Stands before PostgREST. */
    fetch: watched,
    /** What was answered since the last call of this, oldest first. */
    take: (): readonly string[] => {
      const taken = answered;
      answered = [];
      return taken;
    },
    /** Settles when a function was called so many times more than now, and answered. */
    untilAnswered: (name: string, times: number): Promise<void> =>
      new Promise((resolve) => {
        waiting.add({ name, left: times, resolve });
      }),
  };
}
