/**
 * The platform's keys: as they stand in the environment, and as they are shown.
 *
 * @module
 */

import * as z from "zod/mini";

const keyMap = z.record(z.string(), z.string().check(z.minLength(1)));

/** The platform's JSON map, name → key: the one called `default`, or else the first. */
export const platformKey = z.pipe(
  z.string(),
  z.transform((text, context): string | undefined => {
    if (text === "") return undefined;
    try {
      const named = z.parse(keyMap, JSON.parse(text));
      return named["default"] ?? Object.values(named)[0];
    } catch {
      context.issues.push({ code: "custom", input: text });
      return z.NEVER;
    }
  }),
);

/**
 * What a key of the project's goes along in. A legacy key is a JWT and its own bearer token. A key of
 * today (`sb_secret_…`, `sb_publishable_…`) is none: the platform's gateway turns `apikey` into a
 * role, and whoever reads the bearer as a token refuses it. `Authorization` is written as supabase-js
 * writes it, which puts a user's token in its place.
 */
export function keyHeaders(key: string): Record<string, string> {
  return /^sb_(secret|publishable)_/.test(key)
    ? { apikey: key }
    : { apikey: key, Authorization: `Bearer ${key}` };
}
