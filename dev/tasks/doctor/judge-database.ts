/**
 * What the database's report means. Pure.
 *
 * @module
 */

import type { Expected } from "./expected.ts";
import type { Finding } from "./findings.ts";
import type { DatabaseReport } from "./report.ts";

const REPEAT_CRON =
  "Enable pg_cron and pg_net (Database → Extensions), then run the statements of " +
  "supabase/migrations/*_cron.sql again in the SQL editor.";

/** Judges migrations, settings, scheduler and Vault. */
export function judgeDatabase(
  report: DatabaseReport,
  expected: Expected,
  url: string,
): readonly Finding[] {
  return [
    ...missingObjects(report, expected),
    ...settings(report),
    ...watch(report),
    ...jobs(report, expected),
    ...vault(report, url),
    ...lastAnswers(report),
  ];
}

function missingObjects(report: DatabaseReport, expected: Expected): Finding[] {
  const present = new Set(report.objects);
  const byMigration = new Map<string, string[]>();
  for (const { name, migration } of expected.objects) {
    if (present.has(name)) continue;
    byMigration.set(migration, [...byMigration.get(migration) ?? [], name]);
  }
  return [...byMigration].map(([migration, names]) => ({
    code: "missing_migration",
    what: `${migration} is not applied, or not as it is here: ${names.slice(0, 3).join(", ")}${
      names.length > 3 ? ` and ${names.length - 3} more` : ""
    } missing.`,
    remedy: "npx -y supabase@3.1.0 db push --remote; every migration may be applied again.",
  }));
}

function settings({ settings }: DatabaseReport): Finding[] {
  const paused: Finding[] = settings?.paused !== true ? [] : [{
    code: "paused",
    what: "Everything that is due is held back: somebody paused it, or the database was restored.",
    remedy: 'See docs/operations.md, "Backups and restores"; then select ghost_repair.end_pause();',
  }];
  if (settings?.enabled !== false) return paused;
  return [...paused, {
    code: "repair_off",
    what: "The repair is switched off: Connection Closed marks the number and does nothing else.",
    remedy: "update ghost_repair.settings set enabled = true;",
  }];
}

/** Findings after which a look has proved something. */
const PROVEN: ReadonlySet<string> = new Set(["alive", "dead", "limited"]);

/** Numbers that nobody looks at are found dead by a customer. */
function watch({ settings, instances }: DatabaseReport): Finding[] {
  const off: Finding[] = settings?.watch_seconds === null
    ? [{
      code: "watch_off",
      what: "The watch is switched off: a ghost is found when somebody's message has failed, " +
        "and never where nobody sends.",
      remedy: "update ghost_repair.settings set watch_interval = '5 minutes';",
    }]
    : [];
  const blind = instances.flatMap(({ name, watch }): Finding[] =>
    watch === null || watch.finding === null || PROVEN.has(watch.finding) ? [] : [{
      code: "watch_blind",
      what: `Probes of ${name} prove nothing (${watch.finding}): only a failed send finds it dead.`,
      remedy: 'See docs/operations.md, "The watch".',
    }]
  );
  return [...off, ...blind];
}

function jobs(report: DatabaseReport, expected: Expected): Finding[] {
  if (report.jobs === null || !report.http) {
    const missing = [report.jobs === null && "pg_cron", !report.http && "pg_net"].filter(Boolean);
    return [{
      code: "cron_missing",
      what: `Nothing is scheduled: ${missing.join(" and ")} not installed.`,
      remedy: REPEAT_CRON,
    }];
  }
  const byName = new Map(report.jobs.map((job) => [job.jobname, job]));
  const found = expected.jobs.flatMap((name): Finding[] => {
    const job = byName.get(name);
    if (job?.active) return [];
    return [
      job === undefined
        ? { code: "cron_missing", what: `The job ${name} is not scheduled.`, remedy: REPEAT_CRON }
        : {
          code: "cron_inactive",
          what: `The job ${name} is there, but not active.`,
          remedy:
            `select cron.alter_job(jobid, active := true) from cron.job where jobname = '${name}';`,
        },
    ];
  });
  const failures = (report.job_failures ?? []).map((job): Finding => ({
    code: "cron_failing",
    what: `The job ${job.jobname} failed ${job.count} times in the last hour: ${job.message ?? ""}`,
    remedy: "Read cron.job_run_details; Vault entries that are missing are the usual reason.",
  }));
  return [...found, ...failures];
}

function vault(report: DatabaseReport, url: string): Finding[] {
  const entries = report.vault ?? [];
  const address = entries.find(({ name }) => name === "project_url")?.address ?? null;
  const missing = ["project_url", "cron_secret"]
    .filter((name) => !entries.some((entry) => entry.name === name))
    .map((name): Finding => ({
      code: "vault_missing",
      what: `Vault has no entry ${name}: the scheduler does not know ${
        name === "project_url" ? "whom to call" : "what to show"
      }.`,
      remedy: `select vault.create_secret('${
        name === "project_url" ? url : "<the functions' CRON_SECRET>"
      }', '${name}');`,
    }));
  if (address === null || isUsable(address, url)) return missing;
  return [...missing, {
    code: "vault_address",
    what: `Vault's project_url is ${address}, which is not this project's address.`,
    remedy:
      `select vault.update_secret(id, '${url}') from vault.secrets where name = 'project_url';`,
  }];
}

/** On a server of one's own the scheduler may use an inner address; a hosted project has one. */
function isUsable(address: string, url: string): boolean {
  if (!URL.canParse(address) || address.endsWith("/")) return false;
  const { host } = new URL(url);
  return !host.endsWith(".supabase.co") || new URL(address).host === host;
}

function lastAnswers({ answers }: DatabaseReport): Finding[] {
  const refused = (answers ?? []).filter(({ status }) => status === 401 || status === 403);
  if (refused.length === 0) return [];
  return [{
    code: "cron_secret_refused",
    what: `In the last 10 minutes ${
      refused.reduce((sum, { count }) => sum + count, 0)
    } calls of the scheduler were refused: the functions' CRON_SECRET is missing, or differs from Vault's cron_secret.`,
    remedy: "npx -y supabase@3.1.0 secrets set CRON_SECRET=… with the value that Vault has.",
  }];
}
