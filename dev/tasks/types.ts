/**
 * `task types`: writes the TypeScript types of schema public, as the migrations make it, and what the
 * functions of this version may call.
 *
 * @module
 */

import { readContract } from "../platform/database/api-contract.ts";
import { startPostgres } from "../platform/database/postgres.ts";
import { connected } from "../platform/database/sql-file.ts";
import { createTemplate, TEMPLATE } from "../platform/database/template.ts";

/** The generated file. */
export const TYPES = new URL(
  "../../supabase/functions/_shared/runtime/database.types.ts",
  import.meta.url,
);

/** What the functions of the version that is being made may call; named after it once it is released. */
const CONTRACT = new URL(
  "../../tests/fixtures/api-contracts/unreleased.json",
  import.meta.url,
);

/**
 * Asks the Supabase CLI for the types of a database.
 *
 * @param databaseUrl A migrated database.
 * @returns The file's text, formatted.
 * @throws {Error} With what the CLI or the formatter said.
 */
export async function generateTypes(databaseUrl: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "types-" });
  try {
    const generated = await run("npx", [
      ...["-y", "supabase@3.1.0", "gen", "types", `--remote=${databaseUrl}`, "--schema=public"],
    ], { cwd: folder, env: { SUPABASE_TELEMETRY_DISABLED: "1", PGSSLMODE: "disable" } });
    const file = `${folder}/types.ts`;
    await Deno.writeTextFile(file, generated);
    await run(Deno.execPath(), ["fmt", "--quiet", "--line-width=100", file], { cwd: folder });
    return `// Written by \`deno task types\`; not edited by hand.\n\n${await Deno.readTextFile(
      file,
    )}`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    ...options,
    stdin: "null",
  }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  const server = await startPostgres();
  try {
    await createTemplate(server);
    await Deno.writeTextFile(TYPES, await generateTypes(server.url(TEMPLATE)));
    const contract = await connected(server.url(TEMPLATE), readContract);
    await Deno.writeTextFile(CONTRACT, `${JSON.stringify(contract, null, 1)}\n`);
  } finally {
    await server.stop();
  }
}
