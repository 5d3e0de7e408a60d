/**
 * What real gateways answered: a file for each recorded call, and some for whole scenarios.
 *
 * @module
 */

import { z } from "zod";

const FIXTURES = new URL("../fixtures/", import.meta.url);
const FOLDER = new URL("evolution-2.3.7/", FIXTURES);

const recording = z.object({
  name: z.string(),
  request: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.union([z.string(), z.number()])),
    body: z.unknown().optional(),
  }),
  response: z.object({ status: z.number(), body: z.unknown(), ms: z.number() }),
});

/** One recorded call. */
export type Recording = z.infer<typeof recording>;

/** Whole scenarios, not calls. */
const SCENARIO = /^(?:GHOST-|MISC|FIND-|REPAIR-|DEAF-|CANARY-)/;

/**
 * All recorded calls, by name.
 *
 * @param folder Below the fixtures.
 */
export function readRecordings(
  folder = "evolution-2.3.7/recordings",
): ReadonlyMap<string, Recording> {
  const directory = new URL(`${folder}/`, FIXTURES);
  const found = new Map<string, Recording>();
  for (const name of [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted()) {
    if (!name.endsWith(".json") || SCENARIO.test(name)) continue;
    const text = Deno.readTextFileSync(new URL(name, directory));
    found.set(name.replace(/\.json$/, ""), recording.parse(JSON.parse(text)));
  }
  return found;
}

/** The instance that a path is about. */
export function instanceIn(path: string): string | null {
  const url = new URL(path, "http://gateway.test");
  return url.searchParams.get("instanceName") ??
    /^\/(?:instance|message|webhook|chat)\/\w+\/([^/]+)$/.exec(url.pathname)?.[1] ?? null;
}

/** Any fixture of version 2.3.7. */
export function readJson(path: string): unknown {
  return JSON.parse(Deno.readTextFileSync(new URL(path, FOLDER)));
}
