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
    { name: "page types", args: ["check", "--quiet", "console/app.tsx"] },
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
  // All at once: the types are longer on one processor than all else together.
  const running = steps().map(runStep);
  const architecture = readTree().then(examineArchitecture);
  for (const step of running) {
    const { line, passed } = await step;
    console.log(line);
    count[passed ? "passed" : "failed"]++;
  }
  count[describe(await architecture) ? "passed" : "failed"]++;
  return count;
}

async function runStep({ name, args }: Step) {
  const started = performance.now();
  const { success: passed, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
  }).output();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const text = new TextDecoder();
  const said = passed ? "" : `\n${text.decode(stdout)}${text.decode(stderr)}`;
  return { line: `check ${name} ... ${passed ? "ok" : "FAILED"} (${seconds} s)${said}`, passed };
}

/**
 * Says what is wrong with the architecture, one finding a line, and closes with the counts.
 *
 * @returns Whether nothing is.
 */
function describe(found: ReturnType<typeof examineArchitecture>): boolean {
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
  const passed = architecture
    ? describe(examineArchitecture(await readTree()))
    : (await check()).failed === 0;
  Deno.exit(passed ? 0 : 1);
}
