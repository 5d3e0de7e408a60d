/**
 * `deno task doctor --url https://<ref>.supabase.co --key <service role key> [--instance <name>]`:
 * says what a deployed project lacks. Reads only. Exit code: 0 nothing, 1 findings, 2 usage.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { z } from "zod";
import { systemClock } from "../../supabase/functions/_shared/clock.ts";
import { examine } from "./examine.ts";
import { readExpected } from "./expected.ts";
import type { Project } from "./report.ts";

const USAGE = `usage: deno task doctor --url https://<ref>.supabase.co --key <service role key>
         [--instance <name or id>]   one number; all of them unless told

The key may also come from SUPABASE_SERVICE_ROLE_KEY, which no shell history keeps.`;

const options = z.object({
  url: z.url({ protocol: /^https?$/ }),
  key: z.string().min(1),
  instance: z.string().min(1).optional(),
});

function readProject(): Project | null {
  try {
    const { values } = parseArgs({
      args: Deno.args.filter((arg) => arg !== "--"),
      options: { url: { type: "string" }, key: { type: "string" }, instance: { type: "string" } },
    });
    const told = { key: Deno.env.get("SUPABASE_SERVICE_ROLE_KEY"), ...values };
    const { url, key, instance } = options.parse(told);
    return {
      url: url.replace(/\/+$/, ""),
      key,
      ...(instance === undefined ? {} : { instance }),
    };
  } catch {
    return null;
  }
}

const project = readProject();
if (project === null) {
  console.error(USAGE);
  Deno.exit(2);
}
const { findings, counts } = await examine(project, await readExpected(), {
  fetch: (input, init) => fetch(input, { signal: AbortSignal.timeout(15_000), ...init }),
  clock: systemClock,
});
for (const { code, what, remedy } of findings) console.log(`${code}: ${what}\n  → ${remedy}`);
console.log(
  findings.length > 0
    ? `doctor: ${findings.length} finding(s)`
    : `doctor: the repair is armed: ${counts.numbers} number(s), ${counts.functions} functions, ` +
      `${counts.jobs} jobs, nothing is missing`,
);
Deno.exit(findings.length > 0 ? 1 : 0);
