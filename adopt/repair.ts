/**
 * What an adopted project loads once a send fails, and not before: its cold starts stay as they are.
 *
 * @module
 */

import { isConnectionClosed } from "../supabase/functions/_shared/gateway/answer.ts";
import { systemClock } from "../supabase/functions/_shared/runtime/clock.ts";
import type { GatewaySend } from "./gateway-send.ts";
import { openProjectDatabase, readOwnProject } from "./project-database.ts";
import { repairNumber, type Suspect } from "./repair-number.ts";

export { isConnectionClosed };

const log = (line: string) => console.log(line);

/** Repairs the number of a send with this function's own environment. Never throws. */
export async function repair(
  send: GatewaySend,
  suspect: Suspect,
  fetch: typeof globalThis.fetch,
): Promise<void> {
  const read = (name: string) => Deno.env.get(name);
  const database = openProjectDatabase(read, fetch);
  if (database === null) return log("ghost repair: no SUPABASE_URL or no secret key here");
  await repairNumber(send, suspect, {
    ...{ fetch, clock: systemClock, database, log },
    project: readOwnProject(read),
  });
}
