/**
 * Test files that are loaded together. A file costs a second to load, most of it for modules that
 * the next file needs too; a group loads them once, and its tests share what a file's tests share.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Enough that two lanes end at about the same time, few enough that what is done once for each costs
 * little: loading, a ground for worlds, and the connections that plan every statement once.
 */
const GROUPS = 4;

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
  const groups = Array.from({ length: GROUPS }, (_, group) => ({
    path: join(folder, `group-${group + 1}.test.ts`),
    files: together.filter((_, index) => index % GROUPS === group),
  })).filter((group) => group.files.length > 0);
  for (const group of groups) {
    const imports = group.files.map((file) => `import ${JSON.stringify(toUrl(file))};\n`);
    await Deno.writeTextFile(group.path, imports.join(""));
  }
  return [...groups.map((group) => group.path), ...alone];
}

const toUrl = (file: string) => pathToFileURL(file).href;

function findTests(path: string): readonly string[] {
  if (Deno.statSync(path).isFile) return [path];
  return [...Deno.readDirSync(path)].flatMap(({ name, isDirectory }) => {
    const inside = join(path, name);
    return isDirectory ? findTests(inside) : name.endsWith(".test.ts") ? [inside] : [];
  });
}
