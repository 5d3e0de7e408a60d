// @ts-check
/**
 * The local stack that served this page, if one did.
 *
 * @module
 */

/** @import { LocalInfo } from "./types.js" */

/**
 * What the stack tells of itself.
 *
 * @returns {Promise<LocalInfo | null>} Null where the page comes from elsewhere.
 */
export async function readLocalInfo() {
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
 * Does to the simulated gateway what only the world outside could do.
 *
 * @param {string} method A method of the control API.
 * @param {Record<string, unknown>} body Its arguments.
 * @returns {Promise<any>} What the method returned.
 * @throws {Error} With the simulator's own words.
 */
export async function control(method, body) {
  const response = await fetch(`/dev/control/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!answer.ok) throw new Error(answer.error);
  return answer.result;
}
