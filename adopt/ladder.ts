/**
 * The ladder's function in an adopted project. `task adopt --ladder` writes it with all that it imports
 * in one file.
 *
 * @module
 */

import { systemClock } from "../supabase/functions/_shared/runtime/clock.ts";
import { createLadder } from "./advance-repairs.ts";
import { openProjectDatabase } from "./project-database.ts";

const read = (name: string) => Deno.env.get(name);
const database = openProjectDatabase(read, fetch);

Deno.serve(
  database === null
    ? () => new Response("no SUPABASE_URL or no secret key here", { status: 500 })
    : createLadder({ fetch, clock: systemClock, database, read, log: (line) => console.log(line) }),
);
