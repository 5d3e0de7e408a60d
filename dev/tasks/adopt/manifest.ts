/**
 * What was adopted, as it is remembered in the project itself: for the next run, for `--undo` and for
 * doctor.
 *
 * @module
 */

import { z } from "zod";
import { Refusal } from "./refusal.ts";

/** Where it is in a project. */
export const MANIFEST = "supabase/functions/_shared/ghost-repair/adopted.json";

const text = z.string().min(1);
const schema = z.object({
  /** The version of this repository that wrote it. */
  version: text,
  /** `schema.table` of the numbers. */
  table: text,
  /** What was said in the place of what would be inferred. */
  told: z.object({
    table: text.optional(),
    name: text.optional(),
    status: text.optional(),
    connected: z.array(text).optional(),
    disconnected: text.optional(),
    pairing: z.array(text).optional(),
    keyFrom: text.optional(),
  }),
  /** Whether the ladder was adopted, too. */
  ladder: z.boolean().default(false),
  /** Files that are left out. */
  except: z.array(text),
  /** Files that have the import line. */
  senders: z.array(text),
  /** Migrations that were written, oldest first. */
  migrations: z.array(text),
});

/** See {@linkcode MANIFEST}. */
export type Manifest = z.infer<typeof schema>;

/**
 * Reads one.
 *
 * @throws {Refusal} Where it is not one.
 */
export function parseManifest(content: string): Manifest {
  try {
    return schema.parse(JSON.parse(content));
  } catch {
    throw new Refusal(`${MANIFEST} cannot be read: take it from your version control`);
  }
}

/** Its text in the project. */
export function writeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
