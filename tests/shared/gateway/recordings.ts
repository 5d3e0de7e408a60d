/**
 * What the real gateway answered, one file per call.
 *
 * @module
 */

import { z } from "zod";

const FIXTURES = new URL("../../fixtures/", import.meta.url);

const recording = z.object({
  name: z.string(),
  request: z.object({ method: z.string(), path: z.string(), body: z.unknown().optional() }),
  response: z.object({ status: z.number(), body: z.unknown(), ms: z.number() }),
});

/** One recorded call. */
export type Recording = z.infer<typeof recording>;

/** Whole scenarios, not calls. */
const SCENARIO = /^(?:GHOST-|MISC)/;

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
  for (const { name } of [...Deno.readDirSync(directory)]) {
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
