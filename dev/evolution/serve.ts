/**
 * The simulator over HTTP. Node's server is used because it can do what a dead gateway does: close
 * a connection without an answer.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { arrayBuffer } from "node:stream/consumers";
import type { EvolutionSimulator } from "./simulator.ts";

/** A listening gateway. */
interface ServedEvolution {
  /** Such as `http://127.0.0.1:8080`, without a slash at the end. */
  readonly url: string;
  /** Stops listening and breaks open connections; the simulator itself goes on. */
  readonly close: () => Promise<void>;
}

/**
 * Listens on any free port of loopback.
 *
 * @param gateway Anything that answers requests; where it throws, the connection is broken.
 */
export async function serveEvolution(
  gateway: Pick<EvolutionSimulator, "fetch">,
): Promise<ServedEvolution> {
  const server = createServer((incoming, outgoing) => {
    answer(gateway, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  gateway: Pick<EvolutionSimulator, "fetch">,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = "GET", url = "/", headers } = incoming;
  const body = await arrayBuffer(incoming);
  const left = new AbortController();
  outgoing.once("close", () => left.abort());
  const request = new Request(new URL(url, `http://${headers.host ?? "localhost"}`), {
    method,
    headers: Object.entries(headers).map((
      [name, value],
    ): [string, string] => [name, String(value)]),
    signal: left.signal,
    ...(method === "GET" || method === "HEAD" ? {} : { body }),
  });
  const response = await gateway.fetch(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.bytes());
}
