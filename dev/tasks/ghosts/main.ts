/**
 * `deno task ghosts [--write]`: plays every kind of ghost under every policy in the simulator, prints
 * what came of it, and compares that with docs/ghosts.md. Exits 1 where a row is another; `--write`
 * writes the table instead.
 *
 * @module
 */

import { readCommandLine } from "../../process/command-line.ts";
import { reportMissingBinary } from "../../platform/database/binaries.ts";
import { startTemplateServer } from "../../platform/database/template.ts";
import { closeOnExit, createCleanUp } from "../../process/clean-up.ts";
import { DOCUMENT, playAll } from "./play-all.ts";
import { differences, formatTable, readRows, type Row, toRow, writeTable } from "./table.ts";

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

const { write } = readCommandLine({
  task: "ghosts",
  about: "Plays every kind of ghost under every policy, and compares that with docs/ghosts.md.",
  options: { write: { about: "writes the table instead" } },
  read: ({ on }) => ({ write: on("write") }),
});
const cleanUp = createCleanUp();
closeOnExit(cleanUp);
try {
  const server = await startTemplateServer(cleanUp);
  const rows = (await playAll(server)).map(toRow);
  await cleanUp.close();
  console.log(`${formatTable(rows)}\n`);
  Deno.exit(await conclude(rows, write));
} catch (error) {
  await cleanUp.close();
  reportMissingBinary(error);
}
