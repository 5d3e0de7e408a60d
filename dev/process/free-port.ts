/**
 * TCP ports nobody listens on.
 *
 * @module
 */

import { ProgramExitedError } from "./program.ts";

const ATTEMPTS = 4;

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/**
 * Starts something on free ports, again where another program took one of them in between.
 *
 * @param start Gets a function that gives a port.
 * @returns What `start` returned.
 * @throws Whatever `start` throws that is not about a port in use.
 */
export async function onFreePorts<T>(start: (port: () => number) => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await start(freePort);
    } catch (error) {
      const taken = error instanceof ProgramExitedError && /in use/i.test(error.output);
      if (!taken || attempt === ATTEMPTS) throw error;
    }
  }
}
