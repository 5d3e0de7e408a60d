/**
 * Which of our instances a webhook is about: the id in the path, never what the body claims.
 *
 * @module
 */

// A gateway with "webhook by events" appends `/connection-update` and the like.
const PATH =
  /^(?:\/functions\/v1)?\/evolution-webhook\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:\/|$)/i;

/**
 * The instance's id in a URL such as `https://…/evolution-webhook/<uuid>/messages-upsert`.
 *
 * @returns In lower case; null where the path holds none.
 */
export function instanceIdOf(url: string): string | null {
  return PATH.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? null;
}
