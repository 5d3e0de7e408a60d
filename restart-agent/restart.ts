/**
 * The restart itself, by whichever means is set: Docker, a program, a platform's deploy hook.
 *
 * @module
 */

import Modem from "docker-modem";
import type { Means } from "./settings.ts";

/** How a restart ended. */
export type Restarted = ContainerRestarted | CommandEnded | HookCalled;

/** Restarts the gateway's process. Never throws. */
export async function restart(means: Means, limitMs: number): Promise<Restarted> {
  const signal = AbortSignal.timeout(limitMs);
  switch (means.by) {
    case "docker":
      return await restartContainer(means, signal);
    case "command":
      return await runCommand(means.command, signal);
    case "hook":
      return await callDeployHook(means, signal);
  }
}

/** How a container's restart ended. */
type ContainerRestarted =
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

/**
 * Restarts the container by Docker's Engine API. Never throws. Whoever may use the API's socket may do
 * anything on that machine: behind a proxy that lets `POST /containers/<name>/restart` through and
 * nothing else, this works just as well.
 */
function restartContainer(
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

/** How a program ended. */
type CommandEnded = "restarted" | "timeout" | "command_failed" | "command_unknown";

/** Settings of the agent that are no business of what it runs. */
const OWN_SECRETS: ReadonlySet<string> = new Set([
  "WEBHOOK_SECRET",
  "WEBHOOK_SECRET_OLD",
  "DEPLOY_HOOK_HEADER",
]);

/**
 * Runs a program to its end (`kubectl`, `pm2`, `systemctl`): no shell reads its arguments. It runs
 * in the agent's environment without its secrets, and what it prints goes nowhere: it may hold
 * secrets. Never throws.
 */
async function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<CommandEnded> {
  try {
    const { success } = await new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: Object.fromEntries(
        Object.entries(Deno.env.toObject()).filter(([name]) => !OWN_SECRETS.has(name)),
      ),
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal,
    }).output();
    return signal.aborted ? "timeout" : success ? "restarted" : "command_failed";
  } catch {
    return signal.aborted ? "timeout" : "command_unknown";
  }
}

/** How the call of a hook ended. */
type HookCalled = "restarted" | "timeout" | "hook_refused" | "hook_unreachable";

/**
 * Calls a platform's deploy hook. Never throws. Redirects are not followed: they would carry the
 * header away.
 */
async function callDeployHook(
  { url, headers }: Extract<Means, { by: "hook" }>,
  signal: AbortSignal,
): Promise<HookCalled> {
  try {
    const response = await fetch(url, { method: "POST", headers, redirect: "manual", signal });
    await response.body?.cancel();
    return response.ok ? "restarted" : "hook_refused";
  } catch {
    return signal.aborted ? "timeout" : "hook_unreachable";
  }
}
