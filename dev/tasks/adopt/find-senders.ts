/**
 * Which files send through the gateway, and whether their sends can be watched. Pure.
 *
 * @module
 */

import type { SourceFile } from "./project/read-functions.ts";
import { Refusal } from "./refusal.ts";

/** How far a helper's helper is looked for. */
const DEPTH = 3;

/**
 * Finds the files that get the import line.
 *
 * A file that names a send's path and uses `fetch` sends. It may also hand it to a helper: files that it
 * imports and that speak of the gateway's key, fetch what they are given, or have a client of their own. An import line in one
 * file too many does no harm: what goes elsewhere is not watched.
 *
 * @param files The files below `supabase/functions`.
 * @param outside Files elsewhere that name a send's path.
 * @param except Files that are to be left alone.
 * @throws {Refusal} Where a file sends in a way that cannot be watched, or nobody sends.
 */
export function findSenders(
  files: ReadonlyMap<string, SourceFile>,
  outside: readonly string[],
  except: ReadonlySet<string>,
): readonly SourceFile[] {
  const naming = [...files.values()].filter(({ path, namesSend }) =>
    namesSend && !except.has(path)
  );
  if (naming.length === 0) {
    const [elsewhere] = outside;
    throw new Refusal(
      elsewhere === undefined
        ? "no file below supabase/functions names a send of Evolution (/message/send…), so there is nothing to watch"
        : `only code outside of supabase/functions sends through Evolution (${elsewhere}): the repair watches Edge Functions alone`,
    );
  }
  const senders = new Map<string, SourceFile>();
  for (const file of naming) {
    const reached = [file, ...helpersOf(file, files, except)];
    const ways = reached.filter((each) =>
      each.usesFetch || each.hasOwnFetch || each.otherClients.length > 0 || !each.isRead
    );
    if (ways.length === 0) {
      throw new Refusal(
        `${file.path} names a send of Evolution, but neither it nor what it imports makes a request; ` +
          `leave it out with --except ${file.path}`,
      );
    }
    for (const way of ways) senders.set(way.path, checked(way));
  }
  return [...senders.values()].toSorted((a, b) => a.path < b.path ? -1 : 1);
}

/** Files that a file hands its requests to, its own helpers' included. */
function helpersOf(
  file: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
  except: ReadonlySet<string>,
): readonly SourceFile[] {
  const found = new Map<string, SourceFile>();
  const visit = (from: SourceFile, depth: number) => {
    for (const path of from.imports) {
      const helper = files.get(path);
      if (helper === undefined || except.has(path) || found.has(path)) continue;
      if (helper.namesKey || helper.fetchesGiven || helper.otherClients.length > 0) {
        found.set(path, helper);
      }
      if (depth > 1) visit(helper, depth - 1);
    }
  };
  visit(file, DEPTH);
  return [...found.values()];
}

function checked(file: SourceFile): SourceFile {
  const { path, otherClients: [client], hasOwnFetch, isWatched } = file;
  const advice = `use the global fetch there, or leave the file out with --except ${path}`;
  if (!file.isRead) throw new Refusal(`${path} cannot be parsed, so its sends cannot be found`);
  if (client !== undefined) {
    throw new Refusal(`${path} makes requests by ${client}, which cannot be watched: ${advice}`);
  }
  if (hasOwnFetch && !isWatched) {
    throw new Refusal(`${path} has a fetch of its own, which would stay in its place: ${advice}`);
  }
  return file;
}
