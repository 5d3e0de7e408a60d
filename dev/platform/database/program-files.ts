/**
 * A copy of PostgreSQL's program files in a folder of our own. Needed because Deno runs no install
 * scripts, so the package's library links are missing, and because the user that PostgreSQL runs as
 * cannot look into root's cache.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { z } from "zod";

/** The package's list of links, paths relative to the package. */
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Links (or, across file systems, copies) the program files and makes the missing library links.
 *
 * @param native The package's `native` folder.
 * @param target Where to; made here, named `native` as the package's list of links expects.
 */
export async function layOutProgramFiles(native: string, target: string): Promise<void> {
  linkTree(native, target);
  const list = await Deno.readTextFile(join(native, "pg-symlinks.json")).catch(() => "[]");
  for (const link of links.parse(JSON.parse(list))) {
    const place = join(dirname(target), link.target);
    // The link's target lies beside it in every entry but where it says otherwise.
    const beside = dirname(link.source) === dirname(link.target);
    const source = beside ? basename(link.source) : join(dirname(target), link.source);
    await Deno.symlink(source, place).catch((error) => {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
  }
}

function linkTree(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const entry of Deno.readDirSync(from)) {
    // For linking against, not for running.
    if (entry.name.endsWith(".a") || entry.name === "pkgconfig") continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) linkTree(source, target);
    else linkFile(source, target);
  }
}

function linkFile(source: string, target: string): void {
  try {
    Deno.linkSync(source, target);
  } catch {
    Deno.copyFileSync(source, target);
  }
}
