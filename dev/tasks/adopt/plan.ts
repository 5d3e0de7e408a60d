/**
 * What adoption changes in a project, and what its undoing changes. Pure: nothing is written here.
 *
 * @module
 */

import { type Change, realChanges } from "./change.ts";
import { findHost } from "./host/find-host.ts";
import type { Host, Told } from "./host/host.ts";
import { findSenders } from "./find-senders.ts";
import { type ProductSql, writeHostMigration } from "./host/host-migration.ts";
import { identifier } from "./host/host-session.ts";
import { addImportLine, removeImportLine } from "./import-line.ts";
import { MANIFEST, type Manifest, writeManifest } from "./manifest.ts";
import { giveBack, takeOver } from "./older-patch.ts";
import { MODULE, REPAIR, type SourceFile } from "./project/read-functions.ts";
import type { Project } from "./project/read-project.ts";
import { Refusal } from "./refusal.ts";

/** What was asked for. */
export interface Wishes {
  readonly told: Told;
  /** Files that are to be left alone. */
  readonly except: readonly string[];
}

/** What a project gets of this one. */
export interface Product {
  readonly version: string;
  readonly sql: ProductSql;
  /** The text of `fetch.ts`, and of what it loads once a send fails. */
  readonly module: string;
  readonly repair: string;
}

/** What is there of ours; null: nothing. */
type OurFiles = Readonly<Record<"module" | "repair" | "manifest", string | null>>;

const OURS: ReadonlySet<string> = new Set([MODULE, REPAIR]);

/** What is going to change. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly host: Host;
  readonly senders: readonly SourceFile[];
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
  { told: said, except: left }: Wishes,
  product: Product,
  { manifest, files, now }: {
    readonly manifest: Manifest | null;
    readonly files: OurFiles;
    readonly now: Date;
  },
): Plan {
  // What was said once need not be said again.
  const told = { ...manifest?.told, ...said } as Told;
  const except = [...new Set([...manifest?.except ?? [], ...left])];
  for (const path of except) {
    if (!project.files.has(path)) throw new Refusal(`--except ${path}: there is no such file`);
  }
  const theirs = new Map([...project.files].filter(([path]) => !OURS.has(path)));
  const older = takeOver(theirs);
  const senders = findSenders(theirs, project.outside, new Set([...except, ...older.paths]));
  const host = findHost(project.schema, theirs.values(), told);
  const sql = writeHostMigration(host, product.sql);
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
    except,
    senders: senders.map(({ path }) => path),
    migrations: [...manifest?.migrations ?? [], ...isNew ? [migration] : []],
  };
  return {
    host,
    senders,
    changes: realChanges([
      ...senders.map((file) => ({
        path: file.path,
        before: file.text,
        after: addImportLine(file),
      })),
      ...older.changes,
      { path: MODULE, before: files.module, after: product.module },
      { path: REPAIR, before: files.repair, after: product.repair },
      { path: MANIFEST, before: files.manifest, after: writeManifest(next) },
      ...isNew ? [{ path: `supabase/migrations/${migration}`, before: null, after: sql }] : [],
    ]),
  };
}

/**
 * Plans the undoing.
 *
 * @param pushed The migrations were applied somewhere: they stay, and a new one takes back what they did.
 * @param dropData With `pushed`: events, claims and settings go, too.
 */
export function planUndo(
  project: Project,
  manifest: Manifest,
  { pushed, dropData, files, now }: {
    readonly pushed: boolean;
    readonly dropData: boolean;
    readonly files: OurFiles;
    readonly now: Date;
  },
): readonly Change[] {
  const [schema = "public", ...table] = manifest.table.split(".");
  const undone = stampedName(project.migrations.keys(), now, `undo_${NAME}`);
  return realChanges([
    ...[...project.files.values()].filter(({ path, isWatched }) => isWatched && !OURS.has(path))
      .map(({ path, text }) => ({ path, before: text, after: removeImportLine(text) })),
    ...giveBack(project.files),
    { path: MODULE, before: files.module, after: null },
    { path: REPAIR, before: files.repair, after: null },
    { path: MANIFEST, before: files.manifest, after: null },
    ...pushed
      ? [{
        path: `supabase/migrations/${undone}`,
        before: null,
        after: undoSql(`${identifier(schema)}.${identifier(table.join("."))}`, dropData),
      }]
      : manifest.migrations.map((name) => ({
        path: `supabase/migrations/${name}`,
        before: project.migrations.get(name) ?? null,
        after: null,
      })),
  ]);
}

function undoSql(table: string, dropData: boolean): string {
  return `-- Takes back the repair of ghost sessions. Written by \`task adopt --undo\`.
drop trigger if exists ghost_repair_reported_open on ${table};
drop function if exists public.ghost_repair_number(text, text),
  public.claim_ghost_repair(uuid),
  public.confirm_ghost_repair(uuid, uuid, text[]),
  public.release_ghost_repair(uuid, uuid, text[]),
  public.record_ghost_logout(uuid, uuid, jsonb),
  public.record_ghost_verification(uuid, uuid, jsonb);
${
    dropData
      ? "drop schema if exists ghost_repair cascade;\n"
      : "-- What happened stays in the schema ghost_repair, to which nobody has rights.\n"
  }`;
}

/** Today's time, or right after the last migration where that has a later one. */
function stampedName(names: Iterable<string>, now: Date, subject: string): string {
  const stamp = now.toISOString().replaceAll(/\D/g, "").slice(0, 14);
  const last = [...names].map((name) => /^\d+/.exec(name)?.[0] ?? "")
    .filter((version) => version.length === stamp.length).toSorted().at(-1);
  const version = last === undefined || last < stamp ? stamp : String(BigInt(last) + 1n);
  return `${version}_${subject}.sql`;
}
