/**
 * Starts a function in a process of its own, and tells what it uses.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { z } from "zod";
import { FUNCTIONS } from "../../../platform/functions.ts";

const ports = z.tuple([z.number(), z.number()]);
const usage = z.object({ cpuSeconds: z.number(), peakBytes: z.number() });

/** The platform's window for log lines, in ms. */
const WINDOW_MS = 10_000;

/** A function that serves, and what it has used. */
export interface Isolate {
  /** Calls it. @throws {Error} Unless it answers 200. */
  call(path: string, init: RequestInit): Promise<unknown>;
  usage(): Promise<{ readonly cpuSeconds: number; readonly peakMb: number }>;
  /** The most log lines that came in any ten seconds. */
  mostLines(): number;
  stop(): Promise<void>;
}

/** Starts the function of a name; its environment is this process's, with logs as in production. */
export async function startIsolate(name: string): Promise<Isolate> {
  const entry = new URL(`${name}/index.ts`, FUNCTIONS).href;
  const script = fileURLToPath(new URL("isolate.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", script, entry],
    env: { LOG_LEVEL: "info" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const first = await lines.read();
  const [port, usagePort] = ports.parse(JSON.parse(first.value ?? "null"));
  const times: number[] = [];
  const reading = (async () => {
    for (let read = await lines.read(); !read.done; read = await lines.read()) {
      for (const _ of read.value.matchAll(/\n/g)) times.push(performance.now());
    }
  })();
  return {
    call: async (path, init) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", ...init });
      const text = await response.text();
      if (!response.ok) {
        throw new Error(`${name} answered ${response.status}: ${text.slice(0, 300)}`);
      }
      return text === "" ? null : JSON.parse(text) as unknown;
    },
    usage: async () => {
      const told = await (await fetch(`http://127.0.0.1:${usagePort}/usage`)).json();
      const { cpuSeconds, peakBytes } = usage.parse(told);
      return { cpuSeconds, peakMb: peakBytes / 1024 ** 2 };
    },
    mostLines: () =>
      Math.max(
        0,
        ...times.map((from, place) => {
          const after = times.findIndex((at, other) => other > place && at - from >= WINDOW_MS);
          return (after < 0 ? times.length : after) - place;
        }),
      ),
    stop: async () => {
      await child.stdin.close();
      await child.status;
      await reading;
    },
  };
}
