/**
 * The local stack that served this page, if one did.
 *
 * @module
 */

import type { LocalInfo } from "../types.ts";

/**
 * What the stack tells of itself.
 *
 * @returns Null where the page comes from elsewhere.
 */
export async function readLocalInfo(): Promise<LocalInfo | null> {
  try {
    const response = await fetch("/dev/info", { signal: AbortSignal.timeout(5_000) });
    const known = response.headers.get("content-type")?.startsWith("application/json");
    if (!response.ok || !known) return null;
    const info = await response.json();
    return { ...info, aheadMs: info.now - Date.now() };
  } catch {
    return null;
  }
}

/**
 * The one project that this copy of the page is for, where it says so: `project.json` beside it, as
 * `task console --url … --key …` writes it.
 *
 * @returns Null where it is for any.
 */
export async function readProject(): Promise<{ url: string; key: string } | null> {
  try {
    const response = await fetch("project.json", { signal: AbortSignal.timeout(5_000) });
    if (!response.ok) return null;
    const { url, key } = await response.json();
    return typeof url === "string" && typeof key === "string" ? { url, key } : null;
  } catch {
    return null;
  }
}

/**
 * Does to the simulated gateway what only the world outside could do.
 *
 * @param method A method of the control API.
 * @param body Its arguments.
 * @returns What the method returned.
 * @throws {Error} With the simulator's own words.
 */
export async function control(
  method: string,
  body: Record<string, unknown>,
): Promise<Record<string, unknown> | null> {
  const response = await fetch(`/dev/control/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!answer.ok) throw new Error(answer.error);
  return answer.result;
}
