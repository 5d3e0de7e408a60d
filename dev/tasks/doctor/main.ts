/**
 * `deno task doctor --url https://<ref>.supabase.co --key <secret key> [--instance <name>]`:
 * says what a deployed project lacks; with `--adopted <folder>` what an adopted one lacks, whose url and
 * key are then optional. Reads only. Exit code: 0 nothing, 1 findings, 2 usage.
 *
 * @module
 */

import { z } from "zod";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { readCommandLine, UsageError } from "../../process/command-line.ts";
import { readProduct } from "../adopt/product.ts";
import { checkAdopted } from "./check-adopted.ts";
import { examine } from "./examine.ts";
import { readExpected } from "./expected.ts";
import type { Finding } from "./findings.ts";
import type { Project } from "./report.ts";

const options = z.object({
  url: z.url({ protocol: /^https?$/ }),
  key: z.string().min(1),
  instance: z.string().min(1).optional(),
});

/** What each of them is, where it is missing or wrong; a key that was told is never repeated. */
const NEEDED: Readonly<Record<string, string>> = {
  url: "--url is needed: https://<ref>.supabase.co",
  key: "--key is needed, or SUPABASE_SECRET_KEY: a secret key, or the legacy service role key",
  instance: "--instance takes a number's name or id",
};

/** What is examined. */
interface Patient {
  /** An adopted project's folder; null: a project of ours. */
  readonly adopted: string | null;
  readonly project: Project | null;
}

const { adopted, project } = readCommandLine<Patient>({
  task: "doctor",
  about: "Says what a deployed project lacks. Reads only.",
  options: {
    url: { takes: "https://<ref>.supabase.co", about: "the project" },
    key: {
      takes: "<secret key>",
      about: "or SUPABASE_SECRET_KEY (legacy: SUPABASE_SERVICE_ROLE_KEY), which no history keeps",
    },
    instance: { takes: "<name or id>", about: "one number; all of them unless told" },
    adopted: {
      takes: "<folder>",
      about: "a project that adopted the repair; its url and key are optional",
    },
  },
  read: ({ value }) => {
    const adopted = value("adopted") ?? null;
    if (adopted !== null && value("url") === undefined) return { adopted, project: null };
    const told = options.safeParse({
      url: value("url"),
      key: value("key") ?? Deno.env.get("SUPABASE_SECRET_KEY") ??
        Deno.env.get("SUPABASE_SERVICE_ROLE_KEY"),
      instance: value("instance"),
    });
    if (!told.success) throw new UsageError(NEEDED[String(told.error.issues[0]!.path[0])]);
    const { url, key, instance } = told.data;
    return {
      adopted,
      project: {
        url: url.replace(/\/+$/, ""),
        key,
        ...(instance === undefined ? {} : { instance }),
      },
    };
  },
});
const fetcher: typeof fetch = (input, init) =>
  fetch(input, { signal: AbortSignal.timeout(15_000), ...init });

function tell(findings: readonly Finding[], well: string): never {
  for (const { code, what, remedy } of findings) console.log(`${code}: ${what}\n  → ${remedy}`);
  console.log(findings.length > 0 ? `doctor: ${findings.length} finding(s)` : `doctor: ${well}`);
  Deno.exit(findings.length > 0 ? 1 : 0);
}

if (adopted !== null) {
  const findings = await checkAdopted(adopted, project, readProduct, fetcher);
  tell(findings, "what was adopted is there, as this version writes it");
}
const { findings, watched, counts } = await examine(project!, await readExpected(), {
  fetch: fetcher,
  clock: systemClock,
});
for (const line of watched) console.log(line);
tell(
  findings,
  `the repair is armed: ${counts.numbers} number(s), ${counts.watched} of them watched, ` +
    `${counts.functions} functions, ${counts.jobs} jobs, nothing is missing`,
);
