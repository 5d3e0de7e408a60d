/**
 * A stack in a process of its own, for processes.ts to end: says "ready" and stays.
 *
 * @module
 */

import { createLocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import { startPostgres } from "../../../dev/platform/database/postgres.ts";
import { startPostgrest } from "../../../dev/platform/database/postgrest.ts";
import { closeOnExit, createCleanUp } from "../../../dev/process/clean-up.ts";

const cleanUp = createCleanUp();
closeOnExit(cleanUp);
const server = await startPostgres();
cleanUp.add("PostgreSQL", server.stop);
await server.createDatabase("project");
const { jwks } = await createLocalAuth({ url: "http://127.0.0.1" });
const postgrest = await startPostgrest({ databaseUrl: server.url("project"), jwks });
cleanUp.add("PostgREST", postgrest.stop);
console.log("ready");
