/**
 * The console as a browser takes it: its modules, and what they share with the functions, in one file;
 * its styles in another.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { runDeno } from "../process/run-deno.ts";

/** The console's folder. */
const CONSOLE = new URL("../../console/", import.meta.url);

/** What is served as it stands. */
const PAGES = ["index.html", "icon.svg"];

/** In this order: what comes later may say it otherwise. */
const STYLES = ["theme", "layout", "fleet", "alerts", "number", "qr", "break"];

let building: Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> | undefined;

/**
 * The page's files by their names; made at the first call.
 *
 * @throws {Error} With what the bundler said, where it does not compile.
 */
export function buildConsole(): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  return building ??= build().catch((error) => {
    building = undefined;
    throw error;
  });
}

async function build() {
  const [script, styles, ...pages] = await Promise.all([
    bundle(),
    Promise.all(STYLES.map((name) => Deno.readTextFile(new URL(`styles/${name}.css`, CONSOLE)))),
    ...PAGES.map((name) => Deno.readFile(new URL(name, CONSOLE))),
  ]);
  return new Map([
    ["app.js", script],
    ["styles.css", new TextEncoder().encode(styles.join("\n"))],
    ...PAGES.map((name, index) => [name, pages[index]!] as const),
  ]);
}

function bundle(): Promise<Uint8Array<ArrayBuffer>> {
  const entry = fileURLToPath(new URL("app.tsx", CONSOLE));
  return runDeno("bundle", "--quiet", "--platform=browser", "--minify", entry);
}
