/**
 * The console as a browser takes it: its modules, and what they share with the functions, in one file.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** The console's folder. */
export const CONSOLE = new URL("../../console/", import.meta.url);

let bundling: Promise<Uint8Array<ArrayBuffer>> | undefined;

/**
 * The page's script; made at the first call.
 *
 * @throws {Error} With what the bundler said, where it does not compile.
 */
export function bundleConsole(): Promise<Uint8Array<ArrayBuffer>> {
  return bundling ??= bundle().catch((error) => {
    bundling = undefined;
    throw error;
  });
}

async function bundle(): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--platform=browser", "--minify"],
      fileURLToPath(new URL("app.js", CONSOLE)),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`the console: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}
