/**
 * Test files that are loaded together. A file costs a second to load, most of it for modules that
 * the next file needs too; a group loads them once, and its tests share what a file's tests share.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HEAVY_FILES } from "./heavy-files.ts";

/**
 * One group for each lane: what is done once for each takes time: loading, a ground for worlds, and
 * the connections that plan every statement once.
 */
export const LANES = 2;

/** What a file takes that is not among {@linkcode HEAVY_FILES}, in seconds. */
const LIGHT_SECONDS = 0.4;

/** What is registered for all tests of a module would be registered for those of other files. */
const HOOKS = /\bDeno\.test\.(?:before|after)(?:All|Each)\b/;

/**
 * Writes one module for each group.
 *
 * @param paths Test files, or folders of them.
 * @param folder Where the modules go; an existing folder.
 * @returns What `deno test` is to run: every file is in it, once.
 */
export async function groupTests(
  paths: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  const files = [...new Set(paths.flatMap(findTests))].toSorted();
  const alone: string[] = [];
  const together: string[] = [];
  for (const file of files) {
    (HOOKS.test(await Deno.readTextFile(file)) ? alone : together).push(file);
  }
  const groups = balance(together).map((files, lane) => ({
    path: join(folder, `group-${lane + 1}.test.ts`),
    files,
  })).filter((group) => group.files.length > 0);
  for (const group of groups) {
    const imports = group.files.map((file) => `import ${JSON.stringify(toUrl(file))};\n`);
    await Deno.writeTextFile(group.path, imports.join(""));
  }
  return [...groups.map((group) => group.path), ...alone];
}

/** The heaviest first, each to the lane that has least. */
function balance(files: readonly string[]): readonly (readonly string[])[] {
  const lanes = Array.from({ length: LANES }, () => ({ seconds: 0, files: [] as string[] }));
  const weighed = files.map((file) => ({ file, seconds: secondsOf(file) }));
  for (const { file, seconds } of weighed.toSorted((one, two) => two.seconds - one.seconds)) {
    const lane = lanes.reduce((least, each) => each.seconds < least.seconds ? each : least);
    lane.seconds += seconds;
    lane.files.push(file);
  }
  return lanes.map((lane) => lane.files.toSorted());
}

function secondsOf(file: string): number {
  return HEAVY_FILES[file.replaceAll("\\", "/")] ?? LIGHT_SECONDS;
}

const toUrl = (file: string) => pathToFileURL(file).href;

function findTests(path: string): readonly string[] {
  if (Deno.statSync(path).isFile) return [path];
  return [...Deno.readDirSync(path)].flatMap(({ name, isDirectory }) => {
    const inside = join(path, name);
    return isDirectory ? findTests(inside) : name.endsWith(".test.ts") ? [inside] : [];
  });
}
