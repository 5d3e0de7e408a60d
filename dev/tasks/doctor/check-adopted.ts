/**
 * An adopted project: what was taken, beside what is there now and what this version would write. Never
 * advises what belongs to a project of ours alone.
 *
 * @module
 */

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
      ...deployed === null ? [] : await checkDatabase(deployed, fetcher),
    ];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [{ code: "adopted_refused", what: `${error.message}.`, remedy: again }];
  }
}

async function checkDatabase(
  { url, key }: Project,
  fetcher: typeof fetch,
): Promise<readonly Finding[]> {
  let status: number;
  try {
    const response = await fetcher(`${url}/rest/v1/rpc/ghost_repair_number`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        apikey: key,
        ...(key.startsWith("sb_") ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ p_instance_name: NOBODY, p_api_url: "" }),
    });
    status = response.status;
    await response.body?.cancel();
  } catch {
    status = 0;
  }
  if (status === 200) return [];
  if (status === 401 || status === 403) {
    return [{
      code: "wrong_key",
      what: `The project refuses the key (HTTP ${status}).`,
      remedy: "--key is a secret key (sb_secret_…), or the legacy service role key.",
    }];
  }
  if (status === 404) {
    return [{
      code: "missing_migration",
      what: "The database does not have what the adoption's migration makes.",
      remedy: "npx -y supabase@3.1.0 db push --remote, in your project",
    }];
  }
  return [{
    code: "unreachable",
    what: `The project at ${url} does not answer${status === 0 ? "" : ` (HTTP ${status})`}.`,
    remedy: "Check --url, and that the project is not paused.",
  }];
}
