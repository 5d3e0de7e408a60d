/**
 * Adoption from its beginning to its end: read, decide, check the types in a copy, show, write.
 *
 * @module
 */

import { type Change, showChange } from "./change.ts";
import type { Host } from "./host/host.ts";
import { webhookLine } from "./ladder/webhook-line.ts";
import { MANIFEST, parseManifest } from "./manifest.ts";
import { readOurFiles } from "./our-files.ts";
import { type Plan, planAdoption, type Product, type Wishes } from "./plan.ts";
import { LADDER, MODULE } from "./project/read-functions.ts";
import { type Project, readProject } from "./project/read-project.ts";
import { Refusal } from "./refusal.ts";
import { type checkTypes, entriesOf } from "./type-check.ts";
import { planUndo } from "./undo.ts";
import { writeChanges } from "./write-changes.ts";

/** What was asked for. */
export interface AdoptOptions extends Wishes {
  /** The project's folder. */
  readonly into: string;
  /** Nothing is written. */
  readonly check: boolean;
  readonly undo: boolean;
  readonly pushed: boolean;
  readonly dropData: boolean;
}

/** What adoption needs of the world. */
interface AdoptEffects {
  readonly product: () => Promise<Product>;
  /** Checks functions before and after, in a copy. */
  readonly checkTypes: typeof checkTypes;
  readonly now: Date;
  readonly print: (line: string) => void;
}

/**
 * Adopts, or undoes it.
 *
 * @throws {Refusal} Where it cannot be done; nothing was written then.
 */
export async function adopt(options: AdoptOptions, effects: AdoptEffects): Promise<void> {
  const project = await readProject(options.into);
  const files = await readOurFiles(project.root);
  const manifest = files.manifest === null ? null : parseManifest(files.manifest);
  if (options.undo) {
    if (manifest === null) throw new Refusal(`nothing was adopted here: there is no ${MANIFEST}`);
    const changes = planUndo(project, manifest, { ...options, files, now: effects.now });
    await finish(project, changes, options, effects);
    if (!options.check) { for (const line of afterUndo(options)) effects.print(line); }
    return;
  }
  const product = await effects.product();
  const plan = planAdoption(project, options, product, { manifest, files, now: effects.now });
  for (const line of describeHost(plan.host)) effects.print(line);
  if (plan.changes.length === 0) {
    effects.print("adopt: nothing to do: all of it is there already");
    return;
  }
  await judgeTypes(project, plan, effects);
  await finish(project, plan.changes, options, effects);
  if (project.outside.length > 0) {
    effects.print(
      `not watched, because outside of supabase/functions: ${project.outside.join(", ")}`,
    );
  }
  if (!options.check) { for (const line of afterAdoption(project, plan)) effects.print(line); }
}

async function judgeTypes(
  project: Project,
  { changes }: Plan,
  { print, checkTypes }: AdoptEffects,
): Promise<void> {
  const touched = new Set([...changes.map(({ path }) => path), MODULE]);
  const entries = entriesOf(touched, project.files);
  const { checked, broken, unwell, unknown } = await checkTypes(project.root, entries, changes);
  if (broken.length > 0) {
    throw new Refusal(`the types would break, so nothing was written: ${broken.join("; ")}`);
  }
  print(`types: ${checked.length} function(s) checked before and after, no new mistake`);
  for (const entry of unknown) {
    print(`types: ${entry} cannot be checked here: a package is missing`);
  }
  for (const entry of unwell) print(`types: ${entry} has mistakes of its own, as before`);
}

async function finish(
  { root }: Project,
  changes: readonly Change[],
  { check }: AdoptOptions,
  { print }: AdoptEffects,
): Promise<void> {
  for (const change of changes) print(showChange(change));
  if (!check) await writeChanges(root, changes);
  const files = `${changes.length} file(s)`;
  print(check ? `adopt: ${files} would change; nothing was written` : `adopt: ${files} changed`);
}

function describeHost(host: Host): readonly string[] {
  const words = (list: readonly string[]) => list.length === 0 ? "no word" : list.join(", ");
  const flag = (column: string | null) => column === null ? "" : `, or ${column}`;
  return [
    `numbers: ${host.schema}.${host.table}, called at the gateway by ${host.name}, id ${host.id.type}`,
    `status: ${host.status}; open: ${words(host.connected)}${
      flag(host.connectedFlag)
    }; dead: ${host.disconnected}; ` +
    `waits for a scan: ${words(host.pairing)}${flag(host.pairingFlag)}; ` +
    `disconnected by hand: ${host.manualFlag ?? "nothing says so"}`,
  ];
}

function afterAdoption(project: Project, { senders, ladder }: Plan): readonly string[] {
  const touched = new Set([...senders.map(({ path }) => path), ...ladder?.texts.keys() ?? []]);
  const functions = entriesOf(touched, project.files).map((path) => path.split("/")[2]);
  return [
    "next:",
    "  npx -y supabase@3.1.0 db push --remote",
    `  npx -y supabase@3.1.0 functions deploy ${functions.join(" ")} --use-api`,
    ...ladder === null ? [] : [
      `  npx -y supabase@3.1.0 functions deploy ${LADDER.split("/")[2]} --use-api --no-verify-jwt`,
      ...ladder.webhooks.length > 0 ? [] : [
        "no function was found that reads the gateway's webhooks; where yours has read the body, add:",
        `  ${webhookLine("../_shared/ghost-repair/webhook.ts", "body")}`,
      ],
    ],
  ];
}

function afterUndo({ pushed, dropData }: AdoptOptions): readonly string[] {
  if (!pushed) {
    return ["where its migration was pushed already: run it with --undo --pushed instead"];
  }
  return [
    "next: deploy the functions, then: npx -y supabase@3.1.0 db push --remote",
    ...dropData
      ? []
      : ["what happened is kept in the schema ghost_repair; --drop-data drops it, too"],
  ];
}
