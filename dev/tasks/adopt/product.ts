/**
 * What a project gets of this one: the SQL of the patch, and the module as one file. Both are made of
 * the product's own sources.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { migrationOf } from "../../platform/database/migrate.ts";
import { runDeno } from "../../process/run-deno.ts";
import type { ProductSql } from "./host/host-migration.ts";
import type { Product } from "./plan.ts";

const MODULES = new URL("../../../adopt/", import.meta.url);
const CONFIG = new URL("../../../deno.json", import.meta.url);

const CHANGELOG = new URL("../../../CHANGELOG.md", import.meta.url);

/** All of it. */
export async function readProduct(): Promise<Product> {
  const [, version = "unknown"] =
    /^## (\d+\.\d+\.\d+|Unreleased)/m.exec(await Deno.readTextFile(CHANGELOG)) ?? [];
  const head = HEAD.replace("%s", version);
  return {
    version,
    sql: await readProductSql(),
    module: head + typed(await bundle("fetch.ts", ["--external=./repair.ts"])),
    repair: head + await bundle("repair.ts"),
    webhook: head + await bundle("webhook.ts"),
    ladder: head + await bundle("ladder.ts"),
  };
}

const LADDER = [
  "gateways",
  "leases",
  "session_conflict",
  "ghost_ladder",
  "hold_back_reason",
  "settled_repairs",
];

/** Reads the migrations that are taken. */
export async function readProductSql(): Promise<ProductSql> {
  const read = (subject: string) => Deno.readTextFile(migrationOf(subject));
  return {
    time: await read("time"),
    ghostRepair: await read("ghost_repair"),
    ladder: await Promise.all(LADDER.map(read)),
  };
}

const HEAD =
  `// fetch.ts is the global fetch, and it watches the sends to the Evolution gateway: where an answer says
// that the session is dead, repair.ts repairs it in the background; with --ladder advance-ghost-repairs
// goes on where that did not help, and webhook.ts tells it who is connecting. Written by \`task adopt\`
// (%s); do not edit it: the next run writes it anew.
// @ts-nocheck: made of typed sources, checked where they are
// deno-lint-ignore-file
// deno-fmt-ignore-file
`;

/**
 * Bundles a module and all that it imports.
 *
 * @throws {Error} With what the bundler said.
 */
async function bundle(entry: string, options: readonly string[] = []): Promise<string> {
  const words = ["bundle", "--quiet", "--platform=browser", "--config", fileURLToPath(CONFIG)];
  const bundled = await runDeno(...words, ...options, fileURLToPath(new URL(entry, MODULES)));
  // The bundler says where a part came from, some as paths of this machine.
  return new TextDecoder().decode(bundled).replaceAll(/^\/\/ \.\.\/.*\n/gm, "");
}

/** The bundle's only export, with the type that it has. */
function typed(script: string): string {
  const exported = /\nexport \{\s*(?:(\w+) as )?fetch\s*\};?\s*$/;
  const found = exported.exec(script);
  if (found === null) throw new Error("fetch.ts: the bundle exports no fetch");
  return `${script.replace(exported, "\n")}
const watching: typeof globalThis.fetch = ${found[1] ?? "fetch"};
export { watching as fetch };
`;
}
