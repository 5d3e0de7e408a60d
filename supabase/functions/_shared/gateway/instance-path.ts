/**
 * Where the gateway's endpoints are. A name that is not encoded reaches another instance, or
 * another endpoint.
 *
 * @module
 */

/** A gateway, its key, and one instance on it. */
export interface GatewayAddress {
  /** `https://host`, with or without a path and a slash at the end. */
  readonly apiUrl: string;
  /** The global key or the instance's own token. Goes into the header `apikey`, nowhere else. */
  readonly apiKey: string;
  /** As it is, not encoded. */
  readonly instanceName: string;
}

/**
 * One path segment for an instance name.
 *
 * @returns null for a name that no path can hold: empty, `.` and `..` (URLs resolve those, encoded
 * or not), half a surrogate pair.
 */
export function encodeInstanceName(name: string): string | null {
  if (name === "" || name === "." || name === "..") return null;
  try {
    return encodeURIComponent(name);
  } catch {
    return null;
  }
}

/**
 * The URL of an endpoint.
 *
 * @param apiUrl The gateway.
 * @param path Encoded segments, without a slash at the start.
 * @param query What goes behind the question mark, not encoded.
 * @returns null where `apiUrl` is no http or https URL.
 */
export function endpointUrl(
  apiUrl: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
): string | null {
  if (!URL.canParse(apiUrl)) return null;
  const url = new URL(apiUrl);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  url.hash = "";
  url.search = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}
