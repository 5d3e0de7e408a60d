/**
 * The whole examination: database, functions, gateways. It reads, and changes nothing.
 *
 * @module
 */

import { checkFunctions } from "./check-functions.ts";
import { checkGateway, type DoctorEffects } from "./check-gateway.ts";
import type { Expected } from "./expected.ts";
import type { Finding } from "./findings.ts";
import { judgeDatabase } from "./judge-database.ts";
import { askDatabase, type Asked, type DatabaseReport, type Project } from "./report.ts";

/** Numbers whose watch is shown. */
const LISTED = 10;

/** What was found, and how much was looked at, for the last line. */
interface Examination {
  readonly findings: readonly Finding[];
  /** A line for each number that is watched; no more than ten. */
  readonly watched: readonly string[];
  readonly counts: Readonly<Record<"jobs" | "functions" | "numbers" | "watched", number>>;
}

/** Examines a deployed project. */
export async function examine(
  project: Project,
  expected: Expected,
  effects: DoctorEffects,
): Promise<Examination> {
  const asked = await askDatabase(project, effects.fetch);
  const nothing = { jobs: 0, functions: 0, numbers: 0, watched: 0 };
  if (asked.outcome === "unreachable" || asked.outcome === "wrong_key") {
    return { findings: [notAsked(project, asked)], watched: [], counts: nothing };
  }
  const functions = await checkFunctions(project.url, expected.functions, effects.fetch);
  const counted = { ...nothing, functions: expected.functions.length };
  if (asked.outcome !== "answered") {
    const findings = [notAsked(project, asked), ...functions];
    return { findings, watched: [], counts: counted };
  }
  const { report } = asked;
  const gateways: Finding[] = [];
  for (const instance of report.instances) {
    gateways.push(...await checkGateway(project.url, instance, effects));
  }
  if (project.instance !== undefined && report.instances.length === 0) {
    gateways.push({
      code: "instance_unknown",
      what: `There is no number ${project.instance}.`,
      remedy: "Give its instance_name or its id, as in public.whatsapp_instances.",
    });
  }
  const watched = report.instances.filter(({ watch }) =>
    watch !== null && watch.nextLookAt !== null
  );
  return {
    watched: watched.slice(0, LISTED).map(describeWatch),
    findings: [...judgeDatabase(report, expected, project.url), ...functions, ...gateways],
    counts: {
      jobs: report.jobs?.length ?? 0,
      functions: expected.functions.length,
      numbers: report.instances.length,
      watched: watched.length,
    },
  };
}

/** One number's watch in a line. */
function describeWatch(
  { name, last_alive_at, watch }: DatabaseReport["instances"][number],
): string {
  const alive = last_alive_at === null ? "never" : minute(last_alive_at);
  return `watched: ${name}: last proof of life ${alive}, next look ${minute(watch!.nextLookAt!)}`;
}

/** As `2026-11-26 20:15Z`. */
function minute(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")}Z`;
}

function notAsked(
  { url }: Project,
  asked: Exclude<Asked, { readonly outcome: "answered" }>,
): Finding {
  switch (asked.outcome) {
    case "unreachable":
      return {
        code: "unreachable",
        what: `The project at ${url} does not answer: ${asked.said}.`,
        remedy: "Check --url, and that the project is not paused.",
      };
    case "wrong_key":
      return {
        code: "wrong_key",
        what: `The project refuses the key (${asked.said}).`,
        remedy:
          "--key is a secret key (sb_secret_…), or the legacy service role key where it is not " +
          "switched off: npx -y supabase@3.1.0 projects api-keys.",
      };
    case "no_such_function":
      return {
        code: "missing_migration",
        what: `The database has no doctor_report as it is here (${asked.said}).`,
        remedy: "npx -y supabase@3.1.0 db push --remote",
      };
  }
}
