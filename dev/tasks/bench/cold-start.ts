/**
 * How long a fresh process needs until a function could serve, and how much there is to load.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runDeno } from "../../process/run-deno.ts";
import { FUNCTIONS } from "../../platform/functions.ts";
import { FUNCTION_FACTORIES } from "../../platform/function-handlers.ts";
import type { Figure, Findings } from "./figures.ts";
import { alternate, medianFigure, type Pair, ratioOf, time } from "./measure.ts";

const ROUNDS = 5;

/** supabase-js's client of the auth server, and what is ours, without a second copy of anything. */
const TARGET_KB = 320;

/** Loading a function, in loadings of an empty module. */
const TARGET_STARTS = 3;

/** Loads a module as the platform does at a cold start, and leaves before it serves anything. */
const LOADER = `
Deno.serve = () => Deno.exit(0);
await import(Deno.args[0] ?? "data:text/javascript,");
`;

/**
 * Measures every function's minified bundle in a fresh Deno process; the floor is an empty module.
 * The functions' environment has to be set.
 */
export async function measureColdStarts(): Promise<Findings> {
  const folder = await Deno.makeTempDir({ prefix: "bench-bundle-" });
  try {
    const figures: Figure[] = [];
    let largest = 0;
    let slowest = 0;
    for (const name of Object.keys(FUNCTION_FACTORIES)) {
      const file = join(folder, `${name}.js`);
      const entry = fileURLToPath(new URL(`${name}/index.ts`, FUNCTIONS));
      await bundle(entry, file);
      const kilobytes = (await Deno.stat(file)).size / 1_024;
      largest = Math.max(largest, kilobytes);
      const pair = await startTimes(folder, ROUNDS, null, pathToFileURL(file).href);
      slowest = Math.max(slowest, ratioOf(pair));
      const key = `start_${name.replaceAll("-", "_")}`;
      figures.push(medianFigure(pair, {
        key: `${key}_ms`,
        floorKey: `${key}_floor_ms`,
        label: `${name}: cold start (${Math.round(kilobytes)} KB)`,
        unit: "ms",
        what: "an empty module in a fresh process",
      }));
    }
    figures.push({
      key: "start_ratio_max",
      label: "the slowest start, in starts of an empty module",
      value: slowest,
      unit: "×",
      atMost: TARGET_STARTS,
    }, {
      key: "bundle_kb",
      label: "the largest bundle, minified",
      value: largest,
      unit: "KB",
      atMost: TARGET_KB,
    });
    return { figures };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Bundles an entry file as it is deployed. */
export async function bundle(entry: string, file: string): Promise<void> {
  await runDeno("bundle", "--quiet", "--minify", "-o", file, entry);
}

/**
 * Loads two modules in turns, each in a fresh process.
 *
 * @param folder Where the loader may be written.
 * @param floor Null: an empty module.
 */
export async function startTimes(
  folder: string,
  rounds: number,
  floor: string | null,
  module: string,
): Promise<Pair> {
  const loader = join(folder, "load-module.js");
  await Deno.writeTextFile(loader, LOADER);
  // Neither type checks nor compiled code of an earlier run: a cold start has neither.
  const flags = ["--quiet", "--no-check", "--no-code-cache", "--allow-all"];
  const load = async (...modules: readonly string[]) => [
    await time(() => runDeno("run", ...flags, loader, ...modules)),
  ];
  return await alternate(
    rounds,
    () => load(...(floor === null ? [] : [floor])),
    () => load(module),
  );
}
