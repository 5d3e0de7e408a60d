/**
 * What the real gateway answered, one file per call.
 *
 * @module
 */

import { z } from "zod";

const FOLDER = new URL("../../fixtures/evolution-2.3.7/recordings/", import.meta.url);

const recording = z.object({
  name: z.string(),
  request: z.object({ method: z.string(), path: z.string(), body: z.unknown().optional() }),
  response: z.object({ status: z.number(), body: z.unknown(), ms: z.number() }),
});

/** One recorded call. */
export type Recording = z.infer<typeof recording>;

/** Whole scenarios, not calls. */
const SCENARIO = /^(?:GHOST-|MISC)/;

/** All recorded calls, by name. */
export function readRecordings(): ReadonlyMap<string, Recording> {
  const found = new Map<string, Recording>();
  for (const { name } of [...Deno.readDirSync(FOLDER)]) {
    if (!name.endsWith(".json") || SCENARIO.test(name)) continue;
    const text = Deno.readTextFileSync(new URL(name, FOLDER));
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
