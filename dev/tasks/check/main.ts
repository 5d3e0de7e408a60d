/**
 * The gate: format, lint, types and documentation, each as Deno itself judges it; and the architecture
 * (alone: `--architecture`).
 *
 * @module
 */

import { readCommandLine } from "../../process/command-line.ts";
import { describeArchitecture, examineArchitecture } from "./architecture.ts";
import { DOCUMENTED } from "./rules.ts";
import { listFiles, readTree } from "./tree.ts";

interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

function steps(): Step[] {
  const isTypescript = (path: string) => path.endsWith(".ts");
  const all = listFiles("supabase", "client", "restart-agent", "adopt", "dev", "tests").filter(
    isTypescript,
  );
  const documented = listFiles(...DOCUMENTED).filter((path) =>
    isTypescript(path) && !path.endsWith("/index.ts")
  );
  return [
    { name: "fmt", args: ["fmt", "--check"] },
    { name: "lint", args: ["lint", "--quiet"] },
    { name: "types", args: ["check", "--quiet", ...all] },
    // Its own lib: the page runs in browsers.
    { name: "page types", args: ["check", "--quiet", "console/app.js"] },
    { name: "docs", args: ["doc", "--lint", "--quiet", ...documented] },
  ];
}

/**
 * Runs every step, says of each whether it passed, and shows the output of those that did not.
 *
 * @returns How many passed and failed.
 */
export async function check(): Promise<{ passed: number; failed: number }> {
  const count = { passed: 0, failed: 0 };
  for (const { name, args } of steps()) {
    const started = performance.now();
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args],
    }).output();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`check ${name} ... ${success ? "ok" : "FAILED"} (${seconds} s)`);
    if (!success) console.log(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
    count[success ? "passed" : "failed"]++;
  }
  count[await checkArchitecture() ? "passed" : "failed"]++;
  return count;
}

/**
 * Says what is wrong with the architecture, one finding a line, and closes with the counts.
 *
 * @returns Whether nothing is.
 */
async function checkArchitecture(): Promise<boolean> {
  const found = examineArchitecture(await readTree());
  for (const line of describeArchitecture(found)) console.log(line);
  return Object.values(found).flat().length === 0;
}

if (import.meta.main) {
  const { architecture } = readCommandLine({
    task: "check",
    about: "Format, lint, types, docs and architecture.",
    options: { architecture: { about: "the architecture alone" } },
    read: ({ on }) => ({ architecture: on("architecture") }),
  });
  const passed = architecture ? await checkArchitecture() : (await check()).failed === 0;
  Deno.exit(passed ? 0 : 1);
}
