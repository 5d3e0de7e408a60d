/**
 * A project given as texts, for tests of what is decided about it.
 *
 * @module
 */

import { readSourceFile } from "../../dev/tasks/adopt/project/read-functions.ts";
import { readMigrations } from "../../dev/tasks/adopt/project/read-migrations.ts";
import type { Project } from "../../dev/tasks/adopt/project/read-project.ts";

/** A table as such projects have it. */
export const TABLE = `
  create table public.whatsapp_instances (
    id uuid primary key default gen_random_uuid(),
    instance_name text not null,
    api_url text,
    status text check (status in ('connected', 'disconnected'))
  );`;

/** A function as such projects have it. */
export const SENDER = "supabase/functions/send/index.ts";

const SENDS = `Deno.serve(async (req) => {
  const row = await req.json();
  return await fetch(\`\${row.api_url}/message/sendText/\${row.instance_name}\`, {
    method: "POST",
    headers: { apikey: row.api_key },
  });
});
`;

/**
 * A project.
 *
 * @param sql Its migrations, one after another; a table of {@linkcode TABLE} unless told.
 * @param sources Its files by path; one that sends unless told.
 */
export async function givenProject(
  sql: string | readonly string[] = TABLE,
  sources: Readonly<Record<string, string>> = { [SENDER]: SENDS },
): Promise<Project> {
  const texts = typeof sql === "string" ? [sql] : sql;
  const migrations = new Map(
    texts.map((text, index) => [`2025010100000${index}_part.sql`, text]),
  );
  const inside = Object.entries(sources).filter(([path]) => path.startsWith("supabase/functions/"));
  return {
    root: "/nowhere",
    migrations,
    schema: await readMigrations(migrations),
    files: new Map(inside.map(([path, text]) => [path, readSourceFile(path, text)])),
    outside: Object.keys(sources).filter((path) => !path.startsWith("supabase/functions/")),
  };
}
