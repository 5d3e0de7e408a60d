/**
 * `deno task ghosts [--agent] [--write]`: plays every kind of ghost under every policy in the simulator, prints
 * what came of it, and compares that with docs/ghosts.md. Exits 1 where a row is another; `--write`
 * writes the table instead.
 *
 * @module
 */

import type { PostgresServer } from "../../platform/database/postgres.ts";
import { startTemplateServer } from "../../platform/database/template.ts";
import { readCommandLine } from "../../process/command-line.ts";
import { runTask, type TaskEnd } from "../shared/run-task.ts";
import { AGENT_KINDS, type CaseKind, PLAYED_KINDS, POLICIES } from "../shared/kinds.ts";
import { playCase } from "./play-case.ts";
import {
  differences,
  DOCUMENT,
  formatTable,
  readRows,
  type Row,
  type TableName,
  toRow,
  writeTable,
} from "./table.ts";

/** Worlds at a time. */
const AT_ONCE = 2;

/** Every kind under every policy, in the order of the table. */
async function playAll(server: PostgresServer, table: TableName): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const agent = table === "agent";
  const kinds: readonly CaseKind[] = agent ? AGENT_KINDS : PLAYED_KINDS;
  const cases = kinds.flatMap((kind) => POLICIES.map((policy) => [kind, policy] as const))
    .entries();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const [index, [kind, policy]] of cases) {
      rows[index] = toRow(await playCase(server, kind, policy, { agent }), table);
    }
  }));
  return rows;
}

async function conclude(
  rows: readonly Row[],
  table: TableName,
  write: boolean,
): Promise<TaskEnd> {
  const document = await Deno.readTextFile(DOCUMENT);
  if (write) {
    await Deno.writeTextFile(DOCUMENT, writeTable(document, rows, table));
    return { passed: true, last: "ghosts: written to docs/ghosts.md" };
  }
  const different = differences(readRows(document, table), rows);
  for (const sentence of different) console.log(sentence);
  return {
    passed: different.length === 0,
    last: different.length === 0
      ? `ghosts: ${rows.length} rows, as docs/ghosts.md says`
      : `ghosts: ${different.length} row(s) other than in docs/ghosts.md`,
  };
}

const { write, table } = readCommandLine({
  task: "ghosts",
  about: "Plays every kind of ghost under every policy, and compares that with docs/ghosts.md.",
  options: {
    agent: { about: "a restart agent runs beside the gateway; a table of its own" },
    write: { about: "writes the table instead" },
  },
  read: ({ on }) => ({
    write: on("write"),
    table: on("agent") ? "agent" as const : "plain" as const,
  }),
});
await runTask(async (cleanUp) => {
  const rows = await playAll(await startTemplateServer(cleanUp), table);
  console.log(`${formatTable(rows)}\n`);
  return await conclude(rows, table, write);
});
