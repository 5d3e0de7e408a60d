/**
 * `deno task ghosts [--write]`: plays every kind of ghost under every policy in the simulator, prints
 * what came of it, and compares that with docs/ghosts.md. Exits 1 where a row is another; `--write`
 * writes the table instead.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { reportMissingBinary } from "../database/missing-binary.ts";
import { startPostgres } from "../database/postgres.ts";
import { createTemplate } from "../database/template.ts";
import { closeOnExit, createCleanUp } from "../stack/clean-up.ts";
import { DOCUMENT, playAll } from "./play-all.ts";
import { differences, formatTable, readRows, type Row, toRow, writeTable } from "./table.ts";

function readArguments(): { write: boolean } {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: { write: { type: "boolean", default: false } },
    });
    return values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\ndeno task ghosts [--write]`);
    Deno.exit(2);
  }
}

async function conclude(rows: readonly Row[], write: boolean): Promise<number> {
  const document = await Deno.readTextFile(DOCUMENT);
  if (write) {
    await Deno.writeTextFile(DOCUMENT, writeTable(document, rows));
    console.log("ghosts: written to docs/ghosts.md");
    return 0;
  }
  const different = differences(readRows(document), rows);
  for (const sentence of different) console.log(sentence);
  console.log(
    different.length === 0
      ? `ghosts: ${rows.length} rows, as docs/ghosts.md says`
      : `ghosts: ${different.length} row(s) other than in docs/ghosts.md`,
  );
  return different.length === 0 ? 0 : 1;
}

const { write } = readArguments();
const cleanUp = createCleanUp();
closeOnExit(cleanUp);
try {
  const server = await startPostgres();
  cleanUp.add("PostgreSQL", () => server.stop());
  await createTemplate(server);
  const rows = (await playAll(server)).map(toRow);
  await cleanUp.close();
  console.log(`${formatTable(rows)}\n`);
  Deno.exit(await conclude(rows, write));
} catch (error) {
  await cleanUp.close();
  reportMissingBinary(error);
}
