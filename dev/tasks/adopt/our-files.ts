/**
 * The files that adoption writes as a whole, and what is there of them. All else is lines in the
 * project's own files.
 *
 * @module
 */

import { join } from "node:path";
import { WEBHOOK } from "./ladder/webhook-line.ts";
import { MANIFEST } from "./manifest.ts";
import { LADDER, MODULE, REPAIR } from "./project/read-functions.ts";
import { readText } from "./write-changes.ts";

/** Where they are in a project. */
export const OUR_PATHS = {
  module: MODULE,
  repair: REPAIR,
  webhook: WEBHOOK,
  ladder: LADDER,
  manifest: MANIFEST,
} as const;

/** Their texts; null: not there. */
export type OurFiles = Readonly<Record<keyof typeof OUR_PATHS, string | null>>;

/** Whether a file is one of them. */
export function isOurs(path: string): boolean {
  return Object.values<string>(OUR_PATHS).includes(path);
}

/** Reads what is there. */
export async function readOurFiles(root: string): Promise<OurFiles> {
  const read = Object.entries(OUR_PATHS).map(async ([name, path]) =>
    [name, await readText(join(root, path))] as const
  );
  return Object.fromEntries(await Promise.all(read)) as OurFiles;
}
