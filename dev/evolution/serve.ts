/**
 * The simulator over HTTP. Node's server is used because it can do what a dead gateway does: close
 * a connection without an answer.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { EvolutionSimulator } from "./simulator.ts";

/** A listening gateway. */
export interface ServedEvolution {
  /** Such as `http://127.0.0.1:8080`, without a slash at the end. */
  readonly url: string;
  /** Stops listening and breaks open connections; the simulator itself goes on. */
  readonly close: () => Promise<void>;
}

/**
 * Listens on loopback.
 *
 * @param gateway Anything that answers requests; where it throws, the connection is broken.
 * @param options.port 0, the default, takes any free one.
 */
export async function serveEvolution(
  gateway: Pick<EvolutionSimulator, "fetch">,
  { port = 0, hostname = "127.0.0.1" }: { readonly port?: number; readonly hostname?: string } = {},
): Promise<ServedEvolution> {
  const server = createServer((incoming, outgoing) => {
    answer(gateway, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    url: `http://${hostname}:${address.port}`,
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
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const { method = "GET", url = "/" } = incoming;
  const left = new AbortController();
  outgoing.once("close", () => left.abort());
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  const body = Buffer.concat(chunks);
  const request = new Request(new URL(url, `http://${incoming.headers.host ?? "localhost"}`), {
    method,
    headers,
    signal: left.signal,
    ...(method === "GET" || method === "HEAD" ? {} : { body }),
  });
  const response = await gateway.fetch(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
