/**
 * Every mistake that is tried: at least one for each SQL function that decides and for each pure
 * decision in TypeScript. They are what the files of `mutations/` export.
 *
 * @module
 */

import { readdir } from "node:fs/promises";
import type { Mutation } from "./mutation.ts";

const FOLDER = new URL("mutations/", import.meta.url);

/** See {@linkcode Mutation}. */
export const MUTATIONS: readonly Mutation[] = await readMutations();

async function readMutations(): Promise<readonly Mutation[]> {
  const paths = (await readdir(FOLDER, { recursive: true })).filter((path) => path.endsWith(".ts"));
  const files: readonly Readonly<Record<string, readonly Mutation[]>>[] = await Promise.all(
    paths.sort().map((path) => import(new URL(path, FOLDER).href)),
  );
  return files.flatMap((file) => Object.values(file).flat());
}
