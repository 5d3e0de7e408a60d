/**
 * `deno task ghosts [--agent | --gateway <version>|all] [--write]`: plays every kind of ghost under
 * every policy in the simulator, prints what came of it, and compares that with docs/ghosts.md. Exits
 * 1 where a row is another; `--write` writes the table instead.
 *
 * @module
 */

import { PLAYED_AS, type Version, VERSIONS } from "../../evolution/model/versions.ts";
import type { PostgresServer } from "../../platform/database/postgres.ts";
import { startTemplateServer } from "../../platform/database/template.ts";
import { oneOf, readCommandLine } from "../../process/command-line.ts";
import { runTask, type TaskEnd } from "../shared/run-task.ts";
import { AGENT_KINDS, type CaseKind, isDeafKind, PLAYED_KINDS, POLICIES } from "../shared/kinds.ts";
import { playCase } from "./play-case.ts";
import { playDeaf } from "./play-deaf.ts";
import { type Row, writeBetween } from "./markdown.ts";
import { FACTS, formatFacts } from "./version-facts.ts";
import {
  differences,
  differentRows,
  DOCUMENT,
  formatTable,
  readRows,
  rowsOfVersion,
  type TableName,
  toRow,
  writeTable,
} from "./table.ts";

/** Worlds at a time. */
const AT_ONCE = 2;

/** Every kind under every policy, in the order of the table. */
async function playAll(
  server: PostgresServer,
  table: TableName,
  version: Version = "2.3.7",
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const simulator = { version, licensed: true };
  const agent = table === "agent";
  const kinds: readonly CaseKind[] = agent ? AGENT_KINDS : PLAYED_KINDS;
  const cases = kinds.flatMap((kind) => POLICIES.map((policy) => [kind, policy] as const))
    .entries();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const [index, [kind, policy]] of cases) {
      const report = isDeafKind(kind)
        ? await playDeaf(server, kind, policy)
        : await playCase(server, kind, policy, { agent, simulator });
      rows[index] = toRow(report, table);
      if (report.sends && report.missed === 0 && report.hears) continue;
      const end = !report.sends ? "dead" : report.hears ? "with messages missed" : "deaf";
      console.log(`${version}: ${kind} with ${policy} ended ${end}`);
      Deno.exitCode = 1;
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

/** The measured one has a table of its own. */
const PLAYED_VERSIONS = [...new Set(Object.values(PLAYED_AS))].filter((version) =>
  version !== "2.3.7"
);

/** Plays versions one after the other, each compared with what the docs say of it. */
async function playVersions(
  server: PostgresServer,
  versions: readonly Version[],
  write: boolean,
): Promise<TaskEnd> {
  const document = await Deno.readTextFile(DOCUMENT);
  const cases = { played: 0, other: 0 };
  const played: Record<string, readonly Row[]> = {};
  const different: string[] = [];
  for (const version of versions) {
    const rows = played[version] = await playAll(server, "plain", version);
    console.log(`Evolution ${version}\n${formatTable(rows)}\n`);
    if (write) continue;
    const found = differences(rowsOfVersion(document, version), rows);
    cases.played += rows.length;
    cases.other += found.length;
    different.push(...found);
    console.log(
      `${version}: ${rows.length} cases, ${
        rows.length - found.length
      } as documented, ${found.length} other`,
    );
  }
  if (write) {
    const rows = differentRows(readRows(document), played);
    const written = writeTable(document, rows, "versions");
    await Deno.writeTextFile(DOCUMENT, writeBetween(written, FACTS, formatFacts()));
    return { passed: true, last: "ghosts: written to docs/ghosts.md" };
  }
  for (const sentence of different) console.log(sentence);
  return {
    passed: different.length === 0,
    last: `ghosts: ${cases.played} cases, ${cases.played - cases.other} as documented, ` +
      `${cases.other} other (${versions.length} versions)`,
  };
}

const VERSION_WORDS = ["all", ...VERSIONS] as const;

const { write, table, gateway } = readCommandLine({
  task: "ghosts",
  about: "Plays every kind of ghost under every policy, and compares that with docs/ghosts.md.",
  options: {
    agent: { about: "a restart agent runs beside the gateway; a table of its own" },
    gateway: { takes: "<version|all>", about: "another version of Evolution, or each of them" },
    write: { about: "writes the table instead" },
  },
  read: ({ on, value }) => ({
    write: on("write"),
    table: on("agent") ? "agent" as const : "plain" as const,
    gateway: value("gateway") === undefined
      ? undefined
      : oneOf("gateway", value("gateway"), VERSION_WORDS),
  }),
});
await runTask(async (cleanUp) => {
  const server = await startTemplateServer(cleanUp);
  if (gateway !== undefined) {
    const versions = gateway === "all" ? PLAYED_VERSIONS : [gateway];
    return await playVersions(server, versions, write);
  }
  const rows = await playAll(server, table);
  console.log(`${formatTable(rows)}\n`);
  return await conclude(rows, table, write);
});
