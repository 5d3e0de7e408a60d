/**
 * Temporary folders that never outlive the process that made them, nor do the programs started in
 * them: not after Ctrl-C, not after a crash, not after SIGKILL.
 *
 * Three nets, each for what slips through the one before:
 *
 * 1. `close()` stops the programs and removes the folder;
 * 2. a watchdog (a shell that waits on a pipe from us) does the same when the pipe breaks, which is
 *    what every other end of a process looks like to it; Windows has none;
 * 3. the next process that needs a folder removes those of dead owners ({@linkcode removeStale}).
 *
 * @module
 */

import { statfs } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type Program, type ProgramOptions, startProgram } from "./program.ts";

/** How the folders' names begin; then host, owner's process id and a random part, with dots. */
export const SCRATCH_PREFIX = "ghost-session-repair";

/** How long a left-over program may take to leave before it is killed, in milliseconds. */
const PATIENCE_MS = 3_000;

/** Containers often have 64 MB of `/dev/shm`, which a database outgrows. */
const ENOUGH_BYTES = 1024 ** 3;

/** A temporary folder with the programs that live in it. */
export interface Scratch {
  /** The folder. */
  readonly path: string;
  /**
   * Starts a program in the folder that ends with the folder. Its command line must name the folder.
   */
  run(name: string, command: string, options: Omit<ProgramOptions, "cwd">): Program;
  /** Stops the programs, newest first, and removes the folder. Safe to call twice. */
  close(): Promise<void>;
}

let swept: Promise<void> | undefined;

/**
 * Makes a temporary folder.
 *
 * @param root Where; {@linkcode temporaryFolder} unless told.
 * @returns The folder, readable by other users (PostgreSQL refuses to run as root, so it runs as
 * another user there); put secrets in files of mode 0600.
 */
export async function openScratch(root?: string): Promise<Scratch> {
  await (swept ??= removeStale());
  const path = await makeOwnedFolder(root);
  const dismissWatchdog = startWatchdog(path);
  const programs: { program: Program; forgotten: Promise<void> }[] = [];
  let closing: Promise<void> | undefined;

  const close = async () => {
    for (const { program, forgotten } of programs.reverse()) {
      await program.stop();
      await forgotten;
    }
    // Where this fails the watchdog stays, and tries again when we are gone.
    await Deno.remove(path, { recursive: true });
    await dismissWatchdog();
  };
  return {
    path,
    run: (name, command, options) => {
      if (closing) throw new Error(`cannot start ${name}: its folder is being removed`);
      const program = startProgram(name, command, { ...options, cwd: path });
      const pidFile = join(path, `${name}.pid`);
      Deno.writeTextFileSync(pidFile, `${program.pid}\n`);
      const forgotten = program.exited.then(() => Deno.remove(pidFile)).catch(() => {});
      programs.push({ program, forgotten });
      return program;
    },
    close: () => closing ??= close(),
  };
}

/** Ignores the terminal's signals: it has to outlive us. A line on stdin means "all done". */
const WATCHDOG = `
trap '' INT TERM HUP
read -r line && exit 0
alive() { for file in "$1"/*.pid; do [ -f "$file" ] && kill -0 "$(cat "$file")" && return 0; done; return 1; }
for signal in INT KILL; do
  for file in "$1"/*.pid; do [ -f "$file" ] && kill -s "$signal" "$(cat "$file")"; done
  turns=0
  while alive "$1" && [ "$turns" -lt 50 ]; do sleep 0.1; turns=$((turns + 1)); done
done
rm -rf "$1"
`;

/** @returns Sends the watchdog home. */
function startWatchdog(path: string): () => Promise<void> {
  if (Deno.build.os === "windows") return () => Promise.resolve();
  const shell = new Deno.Command("/bin/sh", {
    args: ["-c", WATCHDOG, "watchdog", path],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  shell.unref();
  return async () => {
    shell.ref();
    // A watchdog that was killed itself has nothing left to be told.
    await new Blob(["done\n"]).stream().pipeTo(shell.stdin).catch(() => {});
    await shell.status;
  };
}

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
 * Linux's `/dev/shm` where it has a gigabyte to spare, since cloning a database takes 12 ms in memory
 * and 110 ms on a slow disk. Undefined elsewhere, and where the user says where temporary files go
 * (`TMPDIR`). Programs may not be allowed to run from it.
 */
export async function memoryFolder(): Promise<string | undefined> {
  if (Deno.env.get("TMPDIR") || Deno.build.os !== "linux") return undefined;
  const { bavail, bsize } = await statfs("/dev/shm").catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= ENOUGH_BYTES ? "/dev/shm" : undefined;
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
 * Whose folder this is, by its name: host and process id, or undefined for one that is none of ours.
 */
function ownerOf(name: string): { host: string; pid: number } | undefined {
  const match = /^ghost-session-repair\.(.+)\.(\d+)\.[^.]+$/.exec(name);
  return match ? { host: match[1]!, pid: Number(match[2]) } : undefined;
}

/**
 * Stops the programs and removes the folders of owners on this host that are no longer alive. Never
 * fails: what cannot be removed (another user's, or one that somebody else is removing just now) is
 * no reason not to start.
 *
 * @param root Where to look; in {@linkcode temporaryFolder} and in memory unless told.
 */
export async function removeStale(root?: string): Promise<void> {
  const roots = root ? [root] : [temporaryFolder(), await memoryFolder()];
  for (const folder of roots.filter((each) => each !== undefined)) {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const owner = ownerOf(name);
      if (!isDirectory || owner?.host !== hostname() || isAlive(owner.pid)) continue;
      await removeLeftover(join(folder, name)).catch(() => {});
    }
  }
}

async function removeLeftover(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".pid")) await stopLeftover(folder, join(folder, name));
  }
  await Deno.remove(folder, { recursive: true });
}

async function stopLeftover(folder: string, pidFile: string): Promise<void> {
  const pid = Number(await Deno.readTextFile(pidFile));
  // A process id may be someone else's by now: only a command line that names the folder is ours.
  if (!(await commandLine(pid)).includes(folder)) return;
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    if (isAlive(pid)) Deno.kill(pid, signal);
    for (let waited = 0; isAlive(pid) && waited < PATIENCE_MS; waited += 50) await sleep(50);
  }
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

async function commandLine(pid: number): Promise<string> {
  if (Deno.build.os === "windows") return "";
  if (Deno.build.os === "linux") {
    return await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
  }
  const ps = new Deno.Command("ps", { args: ["-ww", "-p", String(pid), "-o", "command="] });
  return new TextDecoder().decode((await ps.output()).stdout);
}
