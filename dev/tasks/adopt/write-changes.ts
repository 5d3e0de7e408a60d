/**
 * Writes changes into a project: all of them, or none.
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { Change } from "./change.ts";
import { Refusal } from "./refusal.ts";

/**
 * Writes them.
 *
 * @throws {Refusal} Where a file is not as it was when it was read; nothing is written then.
 */
export async function writeChanges(root: string, changes: readonly Change[]): Promise<void> {
  for (const { path, before } of changes) {
    if (await readText(join(root, path)) !== before) {
      throw new Refusal(`${path} was changed meanwhile: run it again`);
    }
  }
  const done: Change[] = [];
  try {
    for (const change of changes) {
      done.push(change);
      await write(root, change.path, change.after);
    }
  } catch (error) {
    for (const { path, before } of done.toReversed()) await write(root, path, before);
    throw error;
  }
}

/** A file's text; null where there is none. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function write(root: string, path: string, text: string | null): Promise<void> {
  const file = join(root, path);
  if (text === null) {
    await Deno.remove(file).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    await removeEmpty(root, dirname(path));
    return;
  }
  await Deno.mkdir(dirname(file), { recursive: true });
  await Deno.writeTextFile(file, text);
}

/** Folders that were made for what is gone. */
async function removeEmpty(root: string, folder: string): Promise<void> {
  if (!/\/_shared(?:\/ghost-repair)?$|\/advance-ghost-repairs$/.test(folder)) return;
  for await (const _ of Deno.readDir(join(root, folder))) return;
  await Deno.remove(join(root, folder));
  await removeEmpty(root, dirname(folder));
}
