/**
 * A program that the stack runs beside itself (PostgreSQL, PostgREST): started, listened to, stopped.
 *
 * @module
 */

import getPort from "get-port";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

/** How long a program may take to leave politely before it is killed, in milliseconds. */
const STOP_LIMIT_MS = 10_000;

/** Lines of output kept for an error message. */
const KEPT_LINES = 40;

/** What to run. */
export interface ProgramOptions {
  readonly args: readonly string[];
  /**
   * Where it starts. Told always: a program that runs as another user inherits our working directory
   * otherwise, and does not start at all where that user may not enter it (root's home, for one).
   */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The user and group to run as; the current one unless told. */
  readonly uid?: number;
}

/** A running program. */
export interface Program {
  readonly pid: number;
  /** Settles when the program has left and its output is read. */
  readonly exited: Promise<Deno.CommandStatus>;
  /**
   * The next line of stderr that matches, from the moment of the call on.
   *
   * @throws {ProgramExitedError} When the program leaves first.
   */
  nextLine(pattern: RegExp): Promise<string>;
  /** Never resolves; rejects with a {@linkcode ProgramExitedError} when the program has left. */
  failure(): Promise<never>;
  /** SIGINT, then SIGKILL for one that does not leave. Settles when it has left. */
  stop(): Promise<void>;
}

/** A program left before it did what it was started for. */
class ProgramExitedError extends Error {
  override readonly name = "ProgramExitedError";
  /**
   * @param program Its name.
   * @param code Its exit code.
   * @param output The last lines it wrote.
   */
  constructor(readonly program: string, readonly code: number, readonly output: string) {
    super(`${program} left with code ${code}: ${output.trim() || "(no output)"}`);
  }
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches the stack alone and the
 * stack stops what it started in order.
 *
 * @param name What to call it in messages.
 * @param command The path of the executable; not relative to a folder.
 * @param options Arguments, working directory, environment, user.
 * @returns The running program; whether it came up is for {@linkcode Program.nextLine} to say.
 */
export function startProgram(name: string, command: string, options: ProgramOptions): Program {
  const child = new Deno.Command(command, {
    args: [...options.args],
    cwd: options.cwd,
    env: { ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    detached: true,
  }).spawn();

  const kept: string[] = [];
  const waiting = new Set<{ pattern: RegExp; found: (line: string) => void }>();
  const listen = async () => {
    for await (const line of createInterface({ input: Readable.fromWeb(child.stderr) })) {
      kept.push(line);
      if (kept.length > KEPT_LINES) kept.shift();
      for (const waiter of [...waiting]) {
        if (!waiter.pattern.test(line)) continue;
        waiting.delete(waiter);
        waiter.found(line);
      }
    }
  };
  const exited = Promise.all([child.status, listen()]).then(([status]) => status);
  // A program that has left already is no error.
  const signal = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  const failure = async () => {
    const { code } = await exited;
    throw new ProgramExitedError(name, code, kept.join("\n"));
  };
  return {
    pid: child.pid,
    exited,
    failure,
    nextLine: (pattern) => {
      const line = new Promise<string>((found) => waiting.add({ pattern, found }));
      return Promise.race([line, failure()]);
    },
    stop: async () => {
      signal("SIGINT");
      const impatient = setTimeout(() => signal("SIGKILL"), STOP_LIMIT_MS);
      await exited;
      clearTimeout(impatient);
    },
  };
}

const PORT_ATTEMPTS = 4;

/** A port of 127.0.0.1 that was free a moment ago and is given to nobody else in this process. */
export const freePort = (): Promise<number> => getPort({ host: "127.0.0.1" });

/**
 * Starts something on free ports, again where another process took one of them in between.
 *
 * @param start What to start; asks {@linkcode freePort}.
 * @returns What `start` returned.
 * @throws Whatever `start` throws that is not about a port in use.
 */
export async function onFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await start();
    } catch (error) {
      const taken = error instanceof ProgramExitedError && /in use/i.test(error.output);
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
