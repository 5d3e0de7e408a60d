/**
 * Folders that bear their owner's process id, and the removal of those whose owner is dead; see
 * scratch.ts.
 *
 * @module
 */

import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { systemClock } from "../../supabase/functions/_shared/runtime/clock.ts";
import { memoryFolder } from "./memory-folder.ts";

/** How the folders' names begin; then host, owner's process id and a random part, with dots. */
export const SCRATCH_PREFIX = "ghost-session-repair";

/** How long a left-over program may take to leave before it is killed, in milliseconds. */
const PATIENCE_MS = 3_000;

/**
 * The system's temporary folder; for root, whose programs run as another user, one that everybody
 * can enter: some systems give root a private one.
 *
 * @param told What the system says.
 * @param root Whether we are root.
 */
export function temporaryFolder(told = tmpdir(), root = Deno.uid() === 0): string {
  return !root || isOpen(told) ? told : "/tmp";
}

/** Whether everybody may enter a folder and those that it lies in. */
function isOpen(folder: string): boolean {
  const { mode } = Deno.statSync(folder);
  const parent = dirname(folder);
  return ((mode ?? 0) & 0o001) !== 0 && (parent === folder || isOpen(parent));
}

/**
 * Makes a folder that bears this process's id, readable by other users.
 *
 * @param root Where; {@linkcode temporaryFolder} unless told.
 */
export async function makeOwnedFolder(root: string = temporaryFolder()): Promise<string> {
  const prefix = `${SCRATCH_PREFIX}.${hostname()}.${Deno.pid}.`;
  const path = await Deno.makeTempDir({ dir: root, prefix });
  if (Deno.build.os !== "windows") await Deno.chmod(path, 0o755);
  return path;
}

/**
 * Stops the programs and removes the folders of owners on this host that are no longer alive. Never
 * fails: what cannot be removed (another user's, or one that somebody else is removing just now) is
 * no reason not to start.
 *
 * @param root Where to look; in {@linkcode temporaryFolder} and in memory unless told.
 */
export async function removeStale(root?: string): Promise<void> {
  const memory = await memoryFolder();
  const roots = root ? [root] : [temporaryFolder(), ...(memory ? [memory] : [])];
  for (const root of roots) await removeStaleFrom(root);
}

async function removeStaleFrom(folder: string): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    const owner = ownerOf(entry.name);
    if (!entry.isDirectory || !owner || owner.host !== hostname() || isAlive(owner.pid)) continue;
    const path = join(folder, entry.name);
    try {
      for await (const file of Deno.readDir(path)) {
        if (file.name.endsWith(".pid")) await stopLeftover(path, join(path, file.name));
      }
      await Deno.remove(path, { recursive: true });
    } catch {
      continue;
    }
  }
}

/**
 * Whose folder this is.
 *
 * @param name The folder's name.
 * @returns Host and process id, or undefined for a folder that is none of ours.
 */
export function ownerOf(name: string): { host: string; pid: number } | undefined {
  const match = /^ghost-session-repair\.(.+)\.(\d+)\.[^.]+$/.exec(name);
  return match ? { host: match[1]!, pid: Number(match[2]) } : undefined;
}

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}

async function stopLeftover(folder: string, pidFile: string): Promise<void> {
  const pid = Number(await Deno.readTextFile(pidFile));
  // A process id may be someone else's by now: only a command line that names the folder is ours.
  if (!(await commandLine(pid)).includes(folder)) return;
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    if (isAlive(pid)) Deno.kill(pid, signal);
    for (let waited = 0; isAlive(pid) && waited < PATIENCE_MS; waited += 50) {
      await systemClock.sleep(50);
    }
  }
}

async function commandLine(pid: number): Promise<string> {
  if (Deno.build.os === "windows") return "";
  if (Deno.build.os === "linux") {
    return await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
  }
  const ps = new Deno.Command("ps", { args: ["-ww", "-p", String(pid), "-o", "command="] });
  return new TextDecoder().decode((await ps.output()).stdout);
}
