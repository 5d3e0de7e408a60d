/**
 * How long a fresh process needs until a function could serve, and how much there is to load.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FUNCTIONS } from "../../../platform/functions.ts";
import { FUNCTION_FACTORIES } from "../../../platform/function-handlers.ts";
import type { Figure, Findings } from "../figures.ts";
import { alternate, percentile, time } from "../measure.ts";

const ROUNDS = 5;

/** The platform takes 20 MB; a twentieth is loaded before anybody notices. */
const TARGET_KB = 1_024;

/**
 * Measures every function's minified bundle in a fresh Deno process; the floor is an empty module.
 * The functions' environment has to be set.
 */
export async function measureColdStarts(): Promise<Findings> {
  const folder = await Deno.makeTempDir({ prefix: "bench-bundle-" });
  try {
    const figures: Figure[] = [];
    let largest = 0;
    for (const name of Object.keys(FUNCTION_FACTORIES)) {
      const file = join(folder, `${name}.js`);
      const kilobytes = await bundle(new URL(`${name}/index.ts`, FUNCTIONS), file);
      largest = Math.max(largest, kilobytes);
      const pair = await alternate(ROUNDS, () => load(), () => load(pathToFileURL(file).href));
      const slug = name.replaceAll("-", "_");
      figures.push({
        key: `start_${slug}_ms`,
        label: `${name}: cold start (${Math.round(kilobytes)} KB)`,
        value: percentile(pair.measured, 0.5),
        unit: "ms",
        floor: {
          key: `start_${slug}_floor_ms`,
          value: percentile(pair.floor, 0.5),
          what: "an empty module in a fresh process",
        },
      });
    }
    figures.push({
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

/** @returns Its size in KB. */
async function bundle(entry: URL, file: string): Promise<number> {
  await run(["bundle", "--quiet", "--minify", "-o", file, fileURLToPath(entry)]);
  return (await Deno.stat(file)).size / 1_024;
}

/** @returns Milliseconds, in an array of one. */
async function load(...module: string[]): Promise<readonly number[]> {
  const loader = fileURLToPath(new URL("load-module.ts", import.meta.url));
  // Neither type checks nor compiled code of an earlier run: a cold start has neither.
  const flags = ["run", "--quiet", "--no-check", "--no-code-cache", "--allow-all"];
  return [await time(() => run([...flags, loader, ...module]))];
}

async function run(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}
