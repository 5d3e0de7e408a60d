/**
 * Every kind under every policy.
 *
 * @module
 */

import type { PostgresServer } from "../../platform/database/postgres.ts";
import { PLAYED_KINDS, type PlayedKind, POLICIES, type Policy } from "./kinds.ts";
import { type CaseReport, playCase } from "./play-case.ts";

/** Where the written table is. */
export const DOCUMENT = new URL("../../../docs/ghosts.md", import.meta.url);

/** Worlds at a time. */
const AT_ONCE = 2;

/** All cases, in the order of the table. */
export const CASES: readonly (readonly [PlayedKind, Policy])[] = PLAYED_KINDS.flatMap((kind) =>
  POLICIES.map((policy) => [kind, policy] as const)
);

/** Plays all cases. @returns Their reports, in the order of {@linkcode CASES}. */
export async function playAll(server: PostgresServer): Promise<readonly CaseReport[]> {
  const reports: CaseReport[] = [];
  const turns = CASES.entries();
  const work = async () => {
    for (const [index, [kind, policy]] of turns) {
      reports[index] = await playCase(server, kind, policy);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return reports;
}
