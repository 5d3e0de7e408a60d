/**
 * `deno task release <version>`: names what CHANGELOG.md tells under "Unreleased", writes the
 * checksums of the migrations and the contract of the functions, commits and tags. Nothing is pushed.
 *
 * @module
 */

import { readCommandLine, UsageError } from "../../process/command-line.ts";
import { check } from "../check/main.ts";
import { readTree } from "../check/tree.ts";
import { CHANGELOG, CONTRACTS, planRelease, ReleaseError } from "./plan.ts";

const { version, dryRun } = readCommandLine({
  task: "release",
  about: "Names the version, writes checksums and contract, commits and tags; pushes nothing.",
  options: { "dry-run": { about: "says what it would write, and writes nothing" } },
  words: "<version>",
  read: ({ words, on }) => {
    const [version = "", ...more] = words;
    if (!/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/.test(version) || more.length > 0) {
      throw new UsageError("one version, as 1.2.3");
    }
    return { version, dryRun: on("dry-run") };
  },
});

try {
  await release();
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  console.error(`release: ${error.message}`);
  Deno.exit(1);
}

async function release(): Promise<void> {
  const tag = `v${version}`;
  if (await git("tag", "--list", tag) !== "") throw new ReleaseError(`${tag} is there already`);
  if (!dryRun && await git("status", "--porcelain") !== "") {
    throw new ReleaseError("something is not committed: commit it, or put it away");
  }
  const tree = await readTree();
  const told = [CHANGELOG, `${CONTRACTS}/unreleased.json`].map((path) => ({
    path,
    text: Deno.readTextFileSync(path),
  }));
  const day = new Date().toISOString().slice(0, 10);
  const written = planRelease(version, day, [...told, ...tree]);
  for (const { path } of written) console.log(`${dryRun ? "would write" : "will write"} ${path}`);
  if (dryRun) return;
  if ((await check()).failed > 0) {
    throw new ReleaseError("the gate has findings: nothing is written");
  }
  for (const { path, text } of written) await Deno.writeTextFile(path, text);
  await git("add", ...written.map(({ path }) => path));
  await git("commit", "--quiet", "--message", `chore(release): ${version}`);
  await git("tag", "--annotate", tag, "--message", `Version ${version}`);
  console.log(`${tag} is made: git push --follow-tags`);
}

/** @throws {ReleaseError} With what git said. */
async function git(...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args: [...args] }).output();
  const text = new TextDecoder();
  if (!success) throw new ReleaseError(`git ${args[0]}: ${text.decode(stderr).trim()}`);
  return text.decode(stdout).trim();
}
