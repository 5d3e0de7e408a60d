/**
 * docs/adopt.md followed by a machine: its blocks are what is applied, in their order.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Block, readBlocks, ROOT } from "./documents.ts";

const REPOSITORY = fileURLToPath(ROOT);
const EXISTING = fileURLToPath(new URL("../existing-project/", import.meta.url));

/** The guide's blocks in their order. */
export function guideBlocks(): Promise<readonly Block[]> {
  return readBlocks("docs/adopt.md");
}

/** A copy of the existing project, as it is. */
export async function copyExistingProject(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "existing-" });
  await shell(`cp -r "${EXISTING}". .`, folder);
  return folder;
}

/** Does to the project what the guide says, but for its SQL. */
export async function followGuide(folder: string): Promise<void> {
  for (const { language, about, text } of await guideBlocks()) {
    if (language === "sh" && about === "adopt") await shell(text, folder);
    else if (language === "ts" && about !== "") {
      await Deno.mkdir(dirname(join(folder, about)), { recursive: true });
      await Deno.writeTextFile(join(folder, about), text);
    } else if (language === "diff") await applyDiff(join(folder, about), text);
  }
}

async function shell(script: string, cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-e", "-c", script],
    cwd,
    env: { GHOST: REPOSITORY.replace(/\/$/, "") },
  }).output();
  if (!success) throw new Error(`${script}\n${new TextDecoder().decode(stderr)}`);
}

/** Replaces the lines that the diff shows; they must be there exactly once. */
async function applyDiff(file: string, diff: string): Promise<void> {
  const lines = diff.trimEnd().split("\n");
  const side = (sign: "-" | "+") =>
    lines.filter((line) => line.startsWith(sign) || line.startsWith(" "))
      .map((line) => `${line.slice(1)}\n`).join("");
  const text = await Deno.readTextFile(file);
  const parts = text.split(side("-"));
  if (parts.length !== 2) {
    throw new Error(`${file} has these lines ${parts.length - 1} times, not once:\n${side("-")}`);
  }
  await Deno.writeTextFile(file, parts.join(side("+")));
}
