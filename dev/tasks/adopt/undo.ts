/**
 * What the undoing of an adoption changes in a project. Pure: nothing is written here.
 *
 * @module
 */

import { type Change, realChanges } from "./change.ts";
import { publicFunctionsIn } from "./host/host-migration.ts";
import { identifier } from "./host/host-sql.ts";
import { removeImportLine } from "./import-line.ts";
import { removeFilters } from "./ladder/reconnect-filter.ts";
import { removeWebhookLine } from "./ladder/webhook-line.ts";
import type { Manifest } from "./manifest.ts";
import { giveBack } from "./older-patch.ts";
import { isOurs, OUR_PATHS, type OurFiles } from "./our-files.ts";
import type { Project } from "./project/read-project.ts";
import { stampedName } from "./stamped-name.ts";

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
  const undone = stampedName(project.migrations.keys(), now, "undo_adopt_ghost_repair");
  return realChanges([
    ...[...project.files.values()].filter(({ path }) => !isOurs(path)).map(({ path, text }) => ({
      path,
      before: text,
      after: removeFilters(removeWebhookLine(removeImportLine(text))),
    })),
    ...giveBack(project.files),
    ...Object.entries(OUR_PATHS).map(([name, path]) => ({
      path,
      before: files[name as keyof OurFiles],
      after: null,
    })),
    ...pushed
      ? [{
        path: `supabase/migrations/${undone}`,
        before: null,
        after: undoMigration(
          manifest.table,
          manifest.migrations.map((name) => project.migrations.get(name) ?? ""),
          dropData,
        ),
      }]
      : manifest.migrations.map((name) => ({
        path: `supabase/migrations/${name}`,
        before: project.migrations.get(name) ?? null,
        after: null,
      })),
  ]);
}

/**
 * Takes back what migrations of ours did.
 *
 * @param host `schema.table` of the numbers.
 */
export function undoMigration(
  host: string,
  migrations: readonly string[],
  dropData: boolean,
): string {
  const [schema = "public", ...name] = host.split(".");
  const table = `${identifier(schema)}.${identifier(name.join("."))}`;
  const functions = [...new Set(migrations.flatMap(publicFunctionsIn))];
  return `-- Takes back the repair of ghost sessions. Written by \`task adopt --undo\`.
drop trigger if exists ghost_repair_reported_open on ${table};
drop trigger if exists ghost_repair_withdrawn on ${table};
do $$
declare
  v_made record;
begin
  if to_regclass('cron.job') is not null then
    execute $q$select cron.unschedule(j.jobid) from cron.job j
      where j.jobname = 'ghost-repair-ladder'$q$;
  end if;
  for v_made in
    select p.oid::regprocedure as signature from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in (
      ${functions.map((name) => `'${name}'`).join(",\n      ")})
  loop
    execute format('drop function %s', v_made.signature);
  end loop;
end $$;
${
    dropData
      ? "drop schema if exists ghost_repair cascade;\n"
      : `-- What happened stays in the schema ghost_repair, to which nobody has rights; no key does.
do $$ begin
  if to_regclass('ghost_repair.credentials') is not null then
    delete from ghost_repair.credentials;
  end if;
end $$;
`
  }`;
}
