/**
 * Who may talk to the local stack's own pages: a browser on this machine, on a page of ours.
 *
 * @module
 */

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Whether a request comes from a page of this origin. A foreign site whose name was pointed at
 * 127.0.0.1 shows its own name in `Host`; one that posts across shows its own `Origin`.
 */
export function isLocal(request: Request): boolean {
  const url = new URL(request.url);
  if (!LOOPBACK.has(url.hostname)) return false;
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== url.origin) return false;
  const site = request.headers.get("sec-fetch-site");
  return site === null || site === "same-origin" || site === "none";
}
