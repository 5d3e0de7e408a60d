/**
 * Restarts the gateway by a platform's deploy hook.
 *
 * @module
 */

import type { Means } from "../settings.ts";

/** How it ended. */
export type HookCalled = "restarted" | "timeout" | "hook_refused" | "hook_unreachable";

/** Calls the hook. Never throws. Redirects are not followed: they would carry the header away. */
export async function callDeployHook(
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
