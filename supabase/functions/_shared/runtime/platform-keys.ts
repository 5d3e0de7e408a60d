/**
 * The platform's keys of today, as they stand in the environment.
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
