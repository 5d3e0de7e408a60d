/**
 * Restarts a container by Docker's Engine API. Whoever may use the API's socket may do anything on
 * that machine: behind a proxy that lets `POST /containers/<name>/restart` through and nothing else,
 * this works just as well.
 *
 * @module
 */

import Modem from "docker-modem";
import type { Means } from "../settings.ts";

/** How it ended. */
export type ContainerRestarted =
  | "restarted"
  | "timeout"
  | "container_unknown"
  | "docker_refused"
  | "docker_unreachable";

/** What is used of the library, which comes without types. */
interface Dialler {
  dial(
    request: {
      readonly path: string;
      readonly method: string;
      readonly options: object;
      readonly statusCodes: object;
      readonly abortSignal: AbortSignal;
    },
    done: (error: { readonly statusCode?: number } | null) => void,
  ): void;
}

/** What Docker says, by status. */
const STATUSES = { 204: true, 404: "container_unknown", 500: "docker_failed" };

/** How long the process has to end by itself before it is killed. */
const GRACE_SECONDS = 10;

/** Restarts the container. Never throws. */
export function restartContainer(
  { container, host }: Extract<Means, { by: "docker" }>,
  signal: AbortSignal,
): Promise<ContainerRestarted> {
  const modem: Dialler = new Modem(
    host.startsWith("unix://") ? { socketPath: host.slice("unix://".length) } : addressOf(host),
  );
  return new Promise((resolve) => {
    modem.dial({
      path: `/containers/${encodeURIComponent(container)}/restart?`,
      method: "POST",
      options: { _query: { t: GRACE_SECONDS }, _body: {} },
      statusCodes: STATUSES,
      abortSignal: signal,
    }, (error) => {
      const status = error?.statusCode;
      if (error === null) resolve("restarted");
      else if (status === 404) resolve("container_unknown");
      else if (status !== undefined) resolve("docker_refused");
      else resolve(signal.aborted ? "timeout" : "docker_unreachable");
    });
  });
}

function addressOf(host: string): { protocol: "http"; host: string; port: string } {
  const { hostname, port } = new URL(host.replace(/^tcp:/, "http:"));
  return { protocol: "http", host: hostname, port: port || "2375" };
}
