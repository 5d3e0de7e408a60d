/**
 * Debian's Prometheus and promtool, each run with files of its own.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import { freePort } from "../../../dev/process/program.ts";

/** Why there is none here; null where there is one. */
export async function prometheusMissing(): Promise<string | null> {
  for (const program of ["prometheus", "promtool"]) {
    try {
      await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
        .output();
    } catch {
      return "prometheus is not installed";
    }
  }
  return null;
}

/** What promtool says of a file or (with `input`) of what it is given, and whether it accepts it. */
export async function promtool(
  args: readonly string[],
  input = "",
): Promise<{ readonly success: boolean; readonly said: string }> {
  const child = new Deno.Command("promtool", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { success, said: text.decode(stdout) + text.decode(stderr) };
}

const answer = z.object({
  status: z.literal("success"),
  data: z.object({
    result: z.array(z.object({
      metric: z.record(z.string(), z.string()),
      value: z.tuple([z.number(), z.string()]),
    })),
  }),
});

const ruleGroups = z.object({
  data: z.object({
    groups: z.array(z.object({
      rules: z.array(z.object({ name: z.string(), query: z.string(), health: z.string() })),
    })),
  }),
});

/** What a query answered, one value a series. */
type Series = readonly { readonly metric: Readonly<Record<string, string>>; value: number }[];

/** A running Prometheus that scrapes one target every second. */
interface Prometheus {
  /** @throws {Error} Where it does not understand the query. */
  query(expression: string): Promise<Series>;
  /** The rules that it has loaded. */
  rules(): Promise<readonly { name: string; query: string; health: string }[]>;
  stop(): Promise<void>;
}

/** Starts one. */
export async function startPrometheus(
  { target, path, token, rules }: {
    /** Host and port. */
    readonly target: string;
    readonly path: string;
    readonly token: string;
    /** A file of alert rules. */
    readonly rules: string;
  },
): Promise<Prometheus> {
  const folder = await Deno.makeTempDir();
  const config = join(folder, "prometheus.yml");
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [rules],
      scrape_configs: [{
        job_name: "ghost-repair",
        metrics_path: path,
        authorization: { type: "Bearer", credentials: token },
        static_configs: [{ targets: [target] }],
      }],
    }),
  );
  const checked = await promtool(["check", "config", config]);
  if (!checked.success) throw new Error(checked.said);
  const port = await freePort();
  const child = new Deno.Command("prometheus", {
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const api = async (address: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${address}`);
    return await response.json();
  };
  return {
    query: async (expression) => {
      const said = await api(`query?query=${encodeURIComponent(expression)}`);
      const parsed = answer.safeParse(said);
      if (!parsed.success) throw new Error(`${expression}: ${JSON.stringify(said)}`);
      return parsed.data.data.result.map(({ metric, value }) => ({
        metric,
        value: Number(value[1]),
      }));
    },
    rules: async () =>
      ruleGroups.parse(await api("rules")).data.groups.flatMap((group) => group.rules),
    stop: async () => {
      try {
        child.kill("SIGTERM");
      } catch { /* it has ended by itself */ }
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
