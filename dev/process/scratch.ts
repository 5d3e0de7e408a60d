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

import { join } from "node:path";
import { makeOwnedFolder, removeStale } from "./stale-scratch.ts";
import { type Program, type ProgramOptions, startProgram } from "./program.ts";

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
  const watchdog = startWatchdog(path);
  const programs: { program: Program; forgotten: Promise<void> }[] = [];
  let closing: Promise<void> | undefined;

  const close = async () => {
    for (const { program, forgotten } of programs.reverse()) {
      await program.stop();
      await forgotten;
    }
    // Where this fails the watchdog stays, and tries again when we are gone.
    await Deno.remove(path, { recursive: true });
    await watchdog?.dismiss();
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

function startWatchdog(path: string): { dismiss(): Promise<void> } | undefined {
  if (Deno.build.os === "windows") return undefined;
  const shell = new Deno.Command("/bin/sh", {
    args: ["-c", WATCHDOG, "watchdog", path],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  shell.unref();
  return {
    dismiss: async () => {
      shell.ref();
      const writer = shell.stdin.getWriter();
      // A watchdog that was killed itself has nothing left to be told.
      await writer.write(new TextEncoder().encode("done\n")).catch(() => {});
      await writer.close().catch(() => {});
      await shell.status;
    },
  };
}
