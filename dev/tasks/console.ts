/**
 * `task console`: writes the console as static files, for any host; with `--url` and `--key` for one
 * project, so that whoever signs in types an e-mail and a password alone.
 *
 * @module
 */

import { join } from "node:path";
import { buildConsole } from "../platform/console.ts";
import { readCommandLine } from "../process/command-line.ts";

const { out, url, key } = readCommandLine({
  task: "console",
  about: "Writes the console as static files, for any host.",
  options: {
    out: { takes: "<folder>", about: "where to (made where it is not there)" },
    url: { takes: "<address>", about: "the project's address: the page then asks for no other" },
    key: { takes: "<key>", about: "its publishable key" },
  },
  read: ({ value }) => ({
    out: value("out") ?? "dist/console",
    url: value("url"),
    key: value("key"),
  }),
});

const files = new Map(await buildConsole());
if (url !== undefined && key !== undefined) {
  const project = JSON.stringify({ url: url.replace(/\/+$/, ""), key });
  files.set("project.json", new TextEncoder().encode(project));
}
await Deno.mkdir(out, { recursive: true });
for (const [name, file] of files) await Deno.writeFile(join(out, name), file);
console.log(`console: ${files.size} files in ${out}; put them on any host, over https`);
