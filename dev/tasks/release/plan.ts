/**
 * What a release writes. Pure.
 *
 * @module
 */

import type { SourceFile } from "../check/finding.ts";
import { findChangedMigrations, readReleased, RELEASED, sumMigrations } from "../check/released.ts";

/** Where the versions are told. */
export const CHANGELOG = "CHANGELOG.md";

/** What each version's functions may call; `unreleased.json` is that of the one being made. */
export const CONTRACTS = "tests/fixtures/api-contracts";

/** Why there is no release, for whoever asked for it. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
}

/**
 * @param version As `1.2.3`.
 * @param day As `2026-11-27`.
 * @param files {@linkcode CHANGELOG}, the contract, the migrations and what was released before.
 * @returns The files that are written, in whole.
 * @throws {ReleaseError} Where nothing is to be released, or not as this version.
 */
export function planRelease(
  version: string,
  day: string,
  files: readonly SourceFile[],
): readonly SourceFile[] {
  const read = (path: string) => {
    const file = files.find((each) => each.path === path);
    if (file === undefined) throw new ReleaseError(`${path} is missing`);
    return file.text;
  };
  const changelog = read(CHANGELOG);
  const [, before] = /^## (\d+\.\d+\.\d+)/m.exec(changelog) ?? [];
  if (before !== undefined && !isLater(version, before)) {
    throw new ReleaseError(`${version} does not come after ${before}, which ${CHANGELOG} names`);
  }
  if (!/^## Unreleased\n\n(?!## )/m.test(changelog)) {
    throw new ReleaseError(`${CHANGELOG} tells nothing under "## Unreleased"`);
  }
  const changed = findChangedMigrations(files)[0];
  if (changed !== undefined) throw new ReleaseError(`${changed.path} ${changed.sentence}`);
  const released = readReleased(files);
  const known = new Set(Object.values(released).flatMap((added) => Object.keys(added)));
  const added = [...sumMigrations(files)].filter(([name]) => !known.has(name)).toSorted();
  const now = { ...released, [version]: Object.fromEntries(added) };
  return [
    {
      path: CHANGELOG,
      text: changelog.replace(/^## Unreleased$/m, `## ${version} (${day})`),
    },
    { path: RELEASED, text: `${JSON.stringify(now, null, 2)}\n` },
    { path: `${CONTRACTS}/${version}.json`, text: read(`${CONTRACTS}/unreleased.json`) },
  ];
}

/** Whether a version is later than another, part by part. */
function isLater(version: string, other: string): boolean {
  const [is, was] = [version, other].map((each) => each.split(".").map(Number)) as [
    number[],
    number[],
  ];
  const part = is.findIndex((number, at) => number !== was[at]);
  return part !== -1 && is[part]! > was[part]!;
}
