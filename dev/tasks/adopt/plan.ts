/**
 * What adoption changes in a project. Pure: nothing is written here.
 *
 * @module
 */

import { type Change, realChanges } from "./change.ts";
import { findHost } from "./host/find-host.ts";
import type { Host, Ladder, Told } from "./host/host.ts";
import { findSenders } from "./find-senders.ts";
import { type ProductSql, writeHostMigration } from "./host/host-migration.ts";
import { addImportLine } from "./import-line.ts";
import { findKeySource } from "./ladder/key-source.ts";
import { addFilters, filteredRelations, findReconnectQueries } from "./ladder/reconnect-filter.ts";
import { addWebhookLine } from "./ladder/webhook-line.ts";
import { type Manifest, writeManifest } from "./manifest.ts";
import { takeOver } from "./older-patch.ts";
import { isOurs, OUR_PATHS, type OurFiles } from "./our-files.ts";
import { LADDER, readSourceFile, type SourceFile } from "./project/read-functions.ts";
import type { Project } from "./project/read-project.ts";
import { Refusal } from "./refusal.ts";
import { stampedName } from "./stamped-name.ts";

/** What was asked for. */
export interface Wishes {
  readonly told: Told;
  /** Files that are to be left alone. */
  readonly except: readonly string[];
  /** The ladder, too. */
  readonly ladder: boolean;
}

/** What a project gets of this one. */
export interface Product {
  readonly version: string;
  readonly sql: ProductSql;
  /** The text of `fetch.ts`, and of what it loads once a send fails. */
  readonly module: string;
  readonly repair: string;
  /** What a project's webhook loads, and the ladder's function: with the ladder alone. */
  readonly webhook: string;
  readonly ladder: string;
}

/** What is going to change. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly host: Host;
  readonly senders: readonly SourceFile[];
  /** The ladder's part; null: not asked for. */
  readonly ladder: LadderPlan | null;
}

/** What the ladder adds to the project's own files. */
interface LadderPlan extends Ladder {
  /** Texts with the filter and the webhook's line, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files that have the webhook's line. */
  readonly webhooks: readonly string[];
}

const NAME = "adopt_ghost_repair";

/**
 * Plans an adoption, or the next version's.
 *
 * @param manifest What was adopted before; null: nothing.
 * @param files What is there now of ours: module and manifest, null where there is none.
 * @param now For the migration's name.
 * @throws {Refusal} Where the project cannot be adopted.
 */
export function planAdoption(
  project: Project,
  { told: said, except: left, ladder: wanted }: Wishes,
  product: Product,
  { manifest, files, now }: {
    readonly manifest: Manifest | null;
    readonly files: OurFiles;
    readonly now: Date;
  },
): Plan {
  const except = [...new Set([...manifest?.except ?? [], ...left])];
  for (const path of except) {
    if (!project.files.has(path)) throw new Refusal(`--except ${path}: there is no such file`);
  }
  const theirs = new Map([...project.files].filter(([path]) => !isOurs(path)));
  const older = takeOver(theirs);
  // What was said once need not be said again.
  const told = { ...older.told, ...manifest?.told, ...said } as Told;
  const senders = findSenders(theirs, project.outside, new Set([...except, ...older.paths]));
  const host = findHost(project.schema, theirs.values(), told);
  // It goes with `--undo` alone.
  const hasLadder = wanted || manifest?.ladder === true;
  if (told.keyFrom !== undefined && !hasLadder) {
    throw new Refusal(
      "--key-from goes with --ladder: a repair has the key of the send that failed",
    );
  }
  const ladder = hasLadder
    ? planLadder(project, theirs, host, {
      told,
      isTheirs: files.ladder !== null && !manifest?.ladder,
    })
    : null;
  const sql = writeHostMigration(host, product.sql, ladder);
  const last = manifest?.migrations.at(-1);
  const isNew = last === undefined || project.migrations.get(last) !== sql;
  const migration = stampedName(project.migrations.keys(), now, NAME);
  const next: Manifest = {
    version: product.version,
    table: `${host.schema}.${host.table}`,
    told: {
      ...told,
      connected: told.connected && [...told.connected],
      pairing: told.pairing && [...told.pairing],
    },
    ladder: ladder !== null,
    except,
    senders: senders.map(({ path }) => path),
    migrations: [...manifest?.migrations ?? [], ...isNew ? [migration] : []],
  };
  const texts = new Map(ladder?.texts);
  for (const { path, text } of senders) {
    texts.set(path, addImportLine(readSourceFile(path, texts.get(path) ?? text)));
  }
  const ours = { ...product, manifest: writeManifest(next) };
  const names = (["module", "repair", "webhook", "ladder", "manifest"] as const)
    .filter((name) => ladder !== null || (name !== "webhook" && name !== "ladder"));
  return {
    host,
    senders,
    ladder,
    changes: realChanges([
      ...[...texts].map(([path, after]) => ({ path, before: theirs.get(path)!.text, after })),
      ...older.changes,
      ...names.map((name) => ({ path: OUR_PATHS[name], before: files[name], after: ours[name] })),
      ...isNew ? [{ path: `supabase/migrations/${migration}`, before: null, after: sql }] : [],
    ]),
  };
}

function planLadder(
  project: Project,
  files: ReadonlyMap<string, SourceFile>,
  host: Host,
  { told, isTheirs }: { readonly told: Told; readonly isTheirs: boolean },
): LadderPlan {
  if (isTheirs) {
    throw new Refusal(`--ladder brings the function ${LADDER}, and you have one of that name`);
  }
  const queries = findReconnectQueries(files.values(), host);
  const texts = new Map<string, string>();
  for (const path of new Set(queries.map((query) => query.path))) {
    texts.set(path, addFilters(files.get(path)!, queries));
  }
  const webhooks: string[] = [];
  for (const [path, { text }] of files) {
    const added = addWebhookLine(readSourceFile(path, texts.get(path) ?? text));
    if (added === null) continue;
    webhooks.push(path);
    texts.set(path, added);
  }
  return {
    key: findKeySource(project.schema, host, told.keyFrom),
    filters: filteredRelations(queries, host),
    texts,
    webhooks,
  };
}
