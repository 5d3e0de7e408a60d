/**
 * An adopted project: what was taken, beside what is there now and what this version would write. Never
 * advises what belongs to a project of ours alone.
 *
 * @module
 */

import { keyHeaders } from "../../../supabase/functions/_shared/runtime/platform-keys.ts";
import { MANIFEST, parseManifest } from "../adopt/manifest.ts";
import { readOurFiles } from "../adopt/our-files.ts";
import { planAdoption, type Product } from "../adopt/plan.ts";
import { readProject } from "../adopt/project/read-project.ts";
import { Refusal } from "../adopt/refusal.ts";
import type { Finding } from "./findings.ts";
import type { Project } from "./report.ts";

/** No number has this name: the gateway's names are in paths, and this one is none. */
const NOBODY = "/";

/**
 * Examines the project's files and, where it is told how, its database.
 *
 * @param folder The project's folder.
 * @param deployed Null: only the files.
 */
export async function checkAdopted(
  folder: string,
  deployed: Project | null,
  product: () => Promise<Product>,
  fetcher: typeof fetch,
): Promise<readonly Finding[]> {
  const again = `npx -y deno@2 task adopt --into ${folder}`;
  try {
    const project = await readProject(folder);
    const files = await readOurFiles(folder);
    if (files.manifest === null) {
      return [{
        code: "adopted_nothing",
        what: `Nothing was adopted in ${folder}: there is no ${MANIFEST}.`,
        remedy: again,
      }];
    }
    const manifest = parseManifest(files.manifest);
    const lacking = manifest.migrations.filter((name) => !project.migrations.has(name));
    const wishes = { told: {}, except: [], ladder: false };
    const found = { manifest, files, now: new Date() };
    const { changes } = planAdoption(project, wishes, await product(), found);
    const outdated = changes.filter(({ path }) => path !== MANIFEST).map(({ path }) => path);
    return [
      ...lacking.map((name): Finding => ({
        code: "adopted_migration",
        what: `The migration ${name} was written by the adoption and is gone.`,
        remedy: "Take it from your version control: what was pushed must stay.",
      })),
      ...outdated.length === 0 ? [] : [
        {
          code: "adopted_otherwise",
          what: `This version would write other files: ${outdated.join(", ")}.`,
          remedy: again,
        } satisfies Finding,
      ],
      ...deployed === null ? [] : await checkDeployed(deployed, manifest.ladder, fetcher),
    ];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [{ code: "adopted_refused", what: `${error.message}.`, remedy: again }];
  }
}

const PUSH = "npx -y supabase@3.1.0 db push --remote, in your project";
const DEPLOY =
  "npx -y supabase@3.1.0 functions deploy advance-ghost-repairs --use-api --no-verify-jwt, in your project";

async function checkDeployed(
  { url, key }: Project,
  hasLadder: boolean,
  fetcher: typeof fetch,
): Promise<readonly Finding[]> {
  const ask = async (path: string, body: unknown) => {
    try {
      const response = await fetcher(`${url}/${path}`, {
        method: "POST",
        headers: { ...keyHeaders(key), "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return { status: response.status, text: await response.text() };
    } catch {
      return { status: 0, text: "" };
    }
  };
  const repair = await ask("rest/v1/rpc/ghost_repair_number", {
    p_instance_name: NOBODY,
    p_api_url: "",
  });
  const found = judgeAdoptedDatabase(url, repair.status);
  if (found !== null || !hasLadder) return found === null ? [] : [found];
  // Nobody has an empty secret.
  const [tick, ladder] = await Promise.all([
    ask("rest/v1/rpc/ghost_repair_tick", { p_secret: "" }),
    ask("functions/v1/advance-ghost-repairs", {}),
  ]);
  const database = judgeAdoptedDatabase(url, tick.status);
  if (database !== null) return [database];
  const findings: Finding[] = [];
  if (!/"scheduled":\s*true/.test(tick.text)) {
    findings.push({
      code: "cron_missing",
      what: "Nothing calls the ladder: its job is not there.",
      remedy:
        "Switch pg_cron and pg_net on, and apply the adoption's migration again; or select ghost_repair.call_ladder() every minute.",
    });
  }
  if (ladder.status !== 401) {
    findings.push({
      code: ladder.status === 404 ? "function_missing" : "function_broken",
      what: `The ladder's function answers HTTP ${ladder.status} to a stranger, not 401.`,
      remedy: DEPLOY,
    });
  } else if (!/"success":\s*false/.test(ladder.text)) {
    findings.push({
      code: "function_jwt",
      what: "The platform asks the callers of advance-ghost-repairs for a JWT that it knows.",
      remedy: DEPLOY,
    });
  }
  return findings;
}

/** By the status of an answer to a call of the adoption's; null: all is well. */
function judgeAdoptedDatabase(url: string, status: number): Finding | null {
  if (status === 200) return null;
  if (status === 401 || status === 403) {
    return {
      code: "wrong_key",
      what: `The project refuses the key (HTTP ${status}).`,
      remedy: "--key is a secret key (sb_secret_…), or the legacy service role key.",
    };
  }
  if (status === 404) {
    return {
      code: "missing_migration",
      what: "The database does not have what the adoption's migration makes.",
      remedy: PUSH,
    };
  }
  return {
    code: "unreachable",
    what: `The project at ${url} does not answer${status === 0 ? "" : ` (HTTP ${status})`}.`,
    remedy: "Check --url, and that the project is not paused.",
  };
}
