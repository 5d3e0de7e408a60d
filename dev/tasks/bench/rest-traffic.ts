/**
 * What reaches the database's API: each request is seen when it comes and when it was answered.
 *
 * @module
 */

/** Watches the requests to PostgREST. */
export interface RestTraffic {
  /** Stands before PostgREST. */
  readonly fetch: typeof fetch;
  /**
   * The requests since the last call of this, oldest first, as the function or table they name.
   */
  take(): readonly string[];
  /**
   * Settles when a function was called so many times more than now, and answered.
   *
   * @param name The SQL function.
   */
  untilAnswered(name: string, times: number): Promise<void>;
}

interface Waiting {
  readonly name: string;
  left: number;
  readonly resolve: () => void;
}

/** Makes a watch over `inner`. */
export function watchRest(inner: typeof fetch = fetch): RestTraffic {
  let requests: string[] = [];
  const waiting = new Set<Waiting>();

  const answered = (name: string) => {
    for (const each of waiting) {
      if (each.name !== name || --each.left > 0) continue;
      waiting.delete(each);
      each.resolve();
    }
  };
  return {
    fetch: async (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const name = pathname.replace(/^\/(rpc\/)?/, "");
      requests.push(name);
      try {
        return await inner(input, init);
      } finally {
        answered(name);
      }
    },
    take: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
    untilAnswered: (name, times) =>
      times === 0 ? Promise.resolve() : new Promise((resolve) => {
        waiting.add({ name, left: times, resolve });
      }),
  };
}
