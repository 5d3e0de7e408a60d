/**
 * A function in a folder of its own, run where nothing of the repository can be reached.
 *
 * @module
 */

import { join } from "node:path";
import { layOut, type Upload } from "./management-api.ts";

/** A function's files. */
interface FunctionFiles {
  readonly folder: string;
  /** Relative to the folder. */
  readonly entrypoint: string;
  /** Its deno.json, relative to the folder. */
  readonly importMap: string;
}

/** A function in a process of its own. */
interface RunningFunction {
  readonly url: string;
  stop(): Promise<void>;
}

const STRICT = new URL("../../../deno.json", import.meta.url);
const KEPT_VARIABLES = [
  "DENO_DIR",
  "HOME",
  "PATH",
  "NPM_CONFIG_REGISTRY",
  "XDG_CACHE_HOME",
  "DENO_CERT",
];

/** Type-checks an upload from an empty folder; returns what Deno found wrong, or null. */
export async function checkUpload(upload: Upload, without?: string): Promise<string | null> {
  const folder = await layOut(upload, without);
  try {
    return await checkFunction({ ...upload, folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts an upload from an empty folder, with this environment and no other. */
export async function startUpload(
  upload: Upload,
  environment: Readonly<Record<string, string>>,
): Promise<RunningFunction> {
  const folder = await layOut(upload);
  const running = await startFunction({ ...upload, folder }, environment);
  return {
    ...running,
    stop: async () => {
      await running.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Type-checks a function as strictly as the repository does; returns what is wrong, or null. */
async function checkFunction(files: FunctionFiles): Promise<string | null> {
  const { compilerOptions } = JSON.parse(await Deno.readTextFile(STRICT));
  const importMap = join(files.folder, files.importMap);
  const own = JSON.parse(await Deno.readTextFile(importMap));
  await Deno.writeTextFile(importMap, JSON.stringify({ ...own, compilerOptions }));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", ...configOf(files), join(files.folder, files.entrypoint)],
    cwd: files.folder,
    env: { NO_COLOR: "1" },
  }).output();
  return success ? null : new TextDecoder().decode(stderr);
}

/** Starts a function that may read its own folder alone; `onLine` is told what it logs. */
export async function startFunction(
  files: FunctionFiles,
  environment: Readonly<Record<string, string>>,
  onLine?: (line: string) => void,
): Promise<RunningFunction> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-net", "--allow-env"],
      // The packages' own folder is not among these: Deno reads it without asking.
      `--allow-read=${files.folder}`,
      ...configOf(files),
      join(files.folder, files.entrypoint),
    ],
    cwd: files.folder,
    clearEnv: true,
    env: {
      ...Object.fromEntries(
        KEPT_VARIABLES.flatMap((name) => Deno.env.has(name) ? [[name, Deno.env.get(name)!]] : []),
      ),
      DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
      NO_COLOR: "1",
      ...environment,
    },
    stdin: "null",
    stdout: onLine === undefined ? "null" : "piped",
    stderr: "piped",
  }).spawn();
  if (onLine !== undefined) void tell(process.stdout, onLine);
  const stop = async () => {
    try {
      process.kill("SIGTERM");
    } catch { /* it has ended by itself */ }
    await process.status;
  };
  const [port, said] = await listeningPort(process.stderr);
  if (port === null) {
    await stop();
    throw new Error(`the function did not start: ${said}`);
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}

function configOf({ folder, importMap }: FunctionFiles): readonly string[] {
  const option = importMap.endsWith("import_map.json") ? "--import-map" : "--config";
  return [option, join(folder, importMap), "--no-lock", "--node-modules-dir=none"];
}

async function tell(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
}

/** Reads on until the process ends, so that it never waits for a reader. */
async function listeningPort(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<readonly [port: string | null, said: string]> {
  let said = "";
  const reader = output.pipeThrough(new TextDecoderStream()).getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) return [null, said];
    said += value;
    const port = /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port === undefined) continue;
    void drain(reader);
    return [port, said];
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}
