/**
 * The restart itself, by whichever means is set.
 *
 * @module
 */

import { type CommandEnded, runCommand } from "./restarts/command.ts";
import { callDeployHook, type HookCalled } from "./restarts/deploy-hook.ts";
import { type ContainerRestarted, restartContainer } from "./restarts/docker.ts";
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
