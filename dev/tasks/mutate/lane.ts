/**
 * Where mistakes are tried, one after the other: a copy of the project and a database server.
 *
 * @module
 */

import { chmod, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type PostgresServer, startPostgres } from "../../platform/database/postgres.ts";
import { SqlFileError } from "../../platform/database/sql-file.ts";
import { createTemplate, SERVER_VARIABLE, TEMPLATE } from "../../platform/database/template.ts";
import type { CleanUp } from "../../process/clean-up.ts";
import { mutate, type Mutation } from "./mutation.ts";

/** The project's folder. */
export const ROOT = new URL("../../../", import.meta.url);

const COPIED = [
  "adopt",
  "client",
  "console",
  "deno.json",
  "deno.lock",
  "dev",
  "docs",
  "restart-agent",
  "supabase",
  "tests",
];

const SIMULATION = "dev/tasks/simulate/main.ts";

/** For a mistake after which something never ends, in ms. */
const LIMIT_MS = 300_000;

/** For the histories with one, and the search for the shortest that fails. */
const HISTORIES_MS = 900_000;

/** For all the tests at once, without a mistake. */
const SOUND_LIMIT_MS = 1_800_000;

/** What came of a mistake. */
type Verdict =
  /** `by`: the first test that failed, or what is wrong in a history; `said`: the end of what it said. */
  | {
    readonly kind: "killed";
    readonly by: string;
    readonly said: string;
    readonly history?: ShortHistory;
  }
  | { readonly kind: "survived" }
  /** With it nothing starts at all, which nobody would overlook: it shows nothing about the tests. */
  | { readonly kind: "no_mistake"; readonly why: string };

/** The shortest part of a seed's history in which a mistake is noticed. */
export interface ShortHistory {
  readonly seed: number;
  /** How many things have to happen, besides the ordinary use in the end. */
  readonly steps: number;
}

/** Who is asked whether a mistake is noticed. */
interface Asked {
  /** The tests, first. */
  readonly tests: boolean;
  /** Then so many histories from a seed; 0: none. */
  readonly histories: number;
}

/** See the module. */
export interface Lane {
  /** Puts the mistake into the copy, asks who notices, and takes it out again. */
  attempt(mutation: Mutation): Promise<Verdict>;
  /** Which of these tests fails without a mistake, so that its failure would say nothing. */
  findUnsound(tests: readonly string[]): Promise<string | null>;
}

/**
 * Makes a lane.
 *
 * @param cleanUp Takes it down.
 * @param asked Who is asked.
 */
export async function openLane(cleanUp: CleanUp, asked: Asked): Promise<Lane> {
  const folder = await mkdtemp(join(tmpdir(), "mutation-"));
  // Where root starts it, PostgreSQL runs as another user, from this folder.
  await chmod(folder, 0o755);
  cleanUp.add(folder, () => rm(folder, { recursive: true, force: true }));
  for (const name of COPIED) await cp(new URL(name, ROOT), join(folder, name), { recursive: true });
  const server = await startPostgres();
  cleanUp.add("PostgreSQL", () => server.stop());
  const database = templateOf(server, pathToFileURL(join(folder, "supabase/migrations/")));

  const test = async (
    paths: readonly string[],
    options: readonly string[],
    limitMs: number,
  ) => {
    const files = paths.map((path) => `tests/${path}`);
    const env = { [SERVER_VARIABLE]: server.adminUrl };
    const words = ["test", "--reporter=tap", "--quiet", ...options, ...files];
    return await run(folder, words, env, limitMs);
  };
  return {
    attempt: async (mutation) => {
      const path = join(folder, mutation.file);
      const source = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, mutate(source, mutation));
      try {
        await database.use(mutation.file.endsWith(".sql") ? mutation.name : null);
        if (asked.tests) {
          const { success, output, late } = await test(mutation.tests, ["--fail-fast"], LIMIT_MS);
          if (late) return { kind: "killed", by: `no end within ${LIMIT_MS / 1000} s`, said: "" };
          if (!success) return verdict(output);
        }
        if (asked.histories === 0) return { kind: "survived" };
        const runs = ["--runs", String(asked.histories), "--seed", "1", "--jobs", "1", "--first"];
        return judgeHistories(await run(folder, ["run", SIMULATION, ...runs], {}, HISTORIES_MS));
      } catch (error) {
        if (!(error instanceof SqlFileError)) throw error;
        return { kind: "no_mistake", why: error.message };
      } finally {
        await Deno.writeTextFile(path, source);
      }
    },
    findUnsound: async (tests) => {
      await database.use(null);
      const { success, output } = await test(tests, ["--parallel"], SOUND_LIMIT_MS);
      return success ? null : firstFailure(output) ?? output.slice(-2000);
    },
  };
}

/** The template is made from the copy's migrations, again where these have changed. */
function templateOf(server: PostgresServer, migrations: URL) {
  let made: string | null | undefined;
  return {
    /** @param changed What is wrong with the migrations; null: nothing. */
    use: async (changed: string | null) => {
      if (made === changed) return;
      made = undefined;
      await server.dropDatabase(TEMPLATE);
      await createTemplate(server, migrations);
      made = changed;
    },
  };
}

/** A simulation that could not be played says nothing. */
function judgeHistories({ success, output }: Ended): Verdict {
  if (success) return { kind: "survived" };
  const by = /^seed \d+: (.*)$/m.exec(output)?.[1];
  const again = /--seed (\d+) --only "([\d,]*)"/.exec(output);
  if (by === undefined || again === null) return { kind: "no_mistake", why: output.slice(-2000) };
  const [, seed, numbers = ""] = again;
  const history = { seed: Number(seed), steps: numbers.split(",").filter(Boolean).length };
  const said = output.slice(output.search(/^seed \d+: /m));
  return { kind: "killed", by: `seed ${seed}, ${history.steps} steps: ${by}`, said, history };
}

function verdict(output: string): Verdict {
  const by = firstFailure(output);
  return by === null
    ? { kind: "no_mistake", why: output.slice(-2000) }
    : { kind: "killed", by, said: output.slice(output.indexOf("not ok")).slice(0, 4000) };
}

function firstFailure(tap: string): string | null {
  return /^not ok \d+ - (.*)$/m.exec(tap)?.[1] ?? null;
}

interface Ended {
  readonly success: boolean;
  readonly output: string;
  /** Ended by us. */
  readonly late: boolean;
}

async function run(
  cwd: string,
  [command = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  limitMs: number,
): Promise<Ended> {
  const limit = AbortSignal.timeout(limitMs);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [command, "--allow-all", "--no-check", ...args],
    cwd,
    env: { ...env, DENO_JOBS: "2", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: limit,
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  return { success, output, late: limit.aborted };
}
