/**
 * What reaches the database's API: each request is seen when it comes and when it was answered.
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
  let requests: string[] = [];
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
    requests.push(name);
    try {
      return await inner(input, init);
    } finally {
      hearAnswer(name);
    }
  };
  return {
    /** Stands before PostgREST. */
    fetch: watched,
    /** The requests since the last call of this, oldest first. */
    take: (): readonly string[] => {
      const taken = requests;
      requests = [];
      return taken;
    },
    /** Settles when a function was called so many times more than now, and answered. */
    untilAnswered: (name: string, times: number): Promise<void> =>
      new Promise((resolve) => {
        waiting.add({ name, left: times, resolve });
      }),
  };
}
