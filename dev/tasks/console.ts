/**
 * `task console`: writes the console as static files, for any host.
 *
 * @module
 */

import { join } from "node:path";
import { bundleConsole, CONSOLE } from "../platform/console.ts";
import { readCommandLine } from "../process/command-line.ts";

/** What the page takes besides its script. */
const STATIC = /\.(?:html|css|svg)$/;

const out = readCommandLine({
  task: "console",
  about: "Writes the console as static files, for any host.",
  options: { out: { takes: "<folder>", about: "where to (made where it is not there)" } },
  read: ({ value }) => value("out") ?? "dist/console",
});

async function copy(from: URL, to: string): Promise<number> {
  let files = 0;
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) files += await copy(new URL(`${name}/`, from), join(to, name));
    if (!STATIC.test(name)) continue;
    await Deno.mkdir(to, { recursive: true });
    await Deno.copyFile(new URL(name, from), join(to, name));
    files++;
  }
  return files;
}

const files = await copy(CONSOLE, out);
await Deno.writeFile(join(out, "app.js"), await bundleConsole());
console.log(`console: ${files + 1} files in ${out}; put them on any host, over https`);
