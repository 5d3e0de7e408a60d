/**
 * What the real gateway answered: a file for each recorded call, and some for whole scenarios.
 *
 * @module
 */

import { z } from "zod";

const FOLDER = new URL("../fixtures/evolution-2.3.7/", import.meta.url);

const Recording = z.object({
  request: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.union([z.string(), z.number()])),
    body: z.unknown().optional(),
  }),
  response: z.object({ status: z.number(), body: z.unknown(), ms: z.number() }),
});

/** One request and its answer. */
export type Recording = z.infer<typeof Recording>;

/** The names of all recordings, without `.json`. */
const RECORDINGS: readonly string[] = [...Deno.readDirSync(new URL("recordings/", FOLDER))]
  .map(({ name }) => name.replace(/\.json$/, "")).sort();

/** Those that are one request, not a whole scenario. */
export const RECORDED_CALLS = RECORDINGS.filter((name) => !/^(?:GHOST-|MISC)/.test(name));

/** A recorded request and its answer. */
export function readRecording(name: string): Recording {
  return Recording.parse(readJson(`recordings/${name}.json`));
}

/** Any fixture. */
export function readJson(path: string): unknown {
  return JSON.parse(Deno.readTextFileSync(new URL(path, FOLDER)));
}
