/**
 * What a deployment has to have, read from this repository's own files: there is no second list.
 *
 * @module
 */

import { CONFIG, readVerifyJwt } from "../../platform/config.ts";
import { MIGRATIONS } from "../../platform/database/migrate.ts";

/** An object and the migration that makes it. */
interface ExpectedObject {
  /** Such as `function public.claim_ghost_repair`. */
  readonly name: string;
  readonly migration: string;
}

/** What a deployment has to have. */
export interface Expected {
  readonly objects: readonly ExpectedObject[];
  /** Names of the scheduler's jobs. */
  readonly jobs: readonly string[];
  /** Edge Functions and whether the platform checks their callers' tokens. */
  readonly functions: readonly { readonly name: string; readonly verifyJwt: boolean }[];
}

const OBJECT =
  /^\s*create (?:or replace )?(table|view|function)\s+(?:if not exists )?((?:public|private)\.\w+)/gim;
const JOB = /cron\.schedule\('([\w-]+)'/g;
const FUNCTIONS = new URL("../../../supabase/functions/", import.meta.url);

/** Reads the repository's migrations, functions and configuration. */
export async function readExpected(): Promise<Expected> {
  const objects = new Map<string, string>();
  const jobs = new Set<string>();
  const files = [...Deno.readDirSync(MIGRATIONS)].map((entry) => entry.name)
    .filter((name) => name.endsWith(".sql")).sort();
  for (const migration of files) {
    const sql = await Deno.readTextFile(new URL(migration, MIGRATIONS));
    for (const [, kind, name] of sql.matchAll(OBJECT)) {
      const object = `${kind!.toLowerCase()} ${name}`;
      // The first one that makes it; a later one only replaces it.
      if (!objects.has(object)) objects.set(object, migration);
    }
    for (const [, name] of sql.matchAll(JOB)) jobs.add(name!);
  }
  const verifyJwt = readVerifyJwt(await Deno.readTextFile(CONFIG));
  const functions = [...Deno.readDirSync(FUNCTIONS)]
    .filter((entry) => entry.isDirectory && !entry.name.startsWith("_"))
    .map(({ name }) => ({ name, verifyJwt: verifyJwt(name) }));
  return {
    objects: [...objects].map(([name, migration]) => ({ name, migration })),
    jobs: [...jobs],
    functions: functions.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
