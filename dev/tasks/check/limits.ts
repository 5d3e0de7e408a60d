/**
 * Limits, windows, attempt counts and due conditions that are said in more than one place.
 *
 * @module
 */

import type { Finding, SourceFile } from "./finding.ts";
import { withoutComments } from "./migrations.ts";
import { LIMITS } from "./rules.ts";

/**
 * A limit wherever it stands: in SQL a literal (`limit 1` is none), in code a constant. A setting, a
 * parameter's default and a check's bound are each the one place of their own limit.
 */
const IN_SQL =
  /(?<!\bdefault |[<>]=? )\binterval '[^']+'|\blimit (?:[2-9]|\d\d+)\b|\b\w+_(?:seconds|limit) int default \d+/gi;
const IN_CODE = /(?<=^(?:export )?const )[A-Z][A-Z\d_]+(?:: [^=\n]+)? =\s+[^;]{1,200}(?=;$)/gm;

/** One function, table or view of a migration, or one file of code, without comments. */
interface Part {
  readonly path: string;
  readonly name: string;
  readonly text: string;
}

function partsOf({ path, text }: SourceFile): Part[] {
  if (!path.endsWith(".sql")) {
    return [{ path, name: path, text: text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, "") }];
  }
  return withoutComments(text)
    .split(/(?=\bcreate (?:or replace )?(?:function|view|table)\b)/i)
    .map((part) => ({ path, name: part.match(/^create .*?(\w+\.\w+)/i)?.[1] ?? path, text: part }));
}

function namesOf(parts: readonly Part[]): string {
  return parts.map(({ name }) => name).join(", ");
}

/** The limits that {@linkcode LIMITS} names, where another place says them too. */
function findListed(parts: readonly Part[]): Finding[] {
  return LIMITS.flatMap(({ name, home, betrayedBy }) => {
    const saying = parts.filter(({ text }) => betrayedBy.test(text));
    const place = saying.find(({ path }) => home.test(path));
    if (!place) {
      const sentence = `has a row that finds nothing (${name}): say where that limit stands now`;
      return [{ path: "dev/tasks/check/rules.ts", sentence }];
    }
    const others = saying.filter((part) => part !== place);
    const sentence = `says ${name} once more (${namesOf(others)}): read it from ${place.name}`;
    return others.slice(0, 1).map(({ path }) => ({ path, sentence }));
  });
}

/** Any other limit that two parts say in the same words. */
function findRepeated(parts: readonly Part[]): Finding[] {
  const said = parts.flatMap((part) =>
    [...part.text.matchAll(part.path.endsWith(".sql") ? IN_SQL : IN_CODE)]
      .map(([words]) => ({ words: words.replace(/\s+/g, " "), part }))
  );
  return [...Map.groupBy(said, ({ words }) => words)].flatMap(([words, all]) => {
    const places = [...new Set(all.map(({ part }) => part))];
    const sentence = `${words} stands in ${namesOf(places)}: define it once`;
    return places.length < 2 ? [] : places.slice(0, 1).map(({ path }) => ({ path, sentence }));
  });
}

/** Second definitions in the product's code and migrations. */
export function findSecondDefinitions(product: readonly SourceFile[]): Finding[] {
  // What a later migration defines anew is said there alone.
  const parts = [...new Map(product.flatMap(partsOf).map((part) => [part.name, part])).values()];
  return [...findListed(parts), ...findRepeated(parts)];
}
