/**
 * What a virtual world stands on. Making it takes longer than many a history that is played on it, so
 * that one world after another may stand on the same.
 *
 * @module
 */

import { clearDatabase } from "../platform/database/clear.ts";
import type { PostgresServer } from "../platform/database/postgres.ts";
import { type Project, startProject } from "../platform/project.ts";
import { wholeOrNothing } from "../process/clean-up.ts";

/** The address of every virtual world; nothing listens there. */
export const SUPABASE_URL = "http://supabase.test";

/** A project that can be played on again and again. */
export interface Ground extends Project {
  /** Makes the database what it was at first. Nobody may be working on it. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes one on a server that has the template.
 *
 * @param server Where.
 * @param options `legacyKeys`: false for a project whose legacy keys are switched off.
 * `withoutPostgrest`: called where `/rpc` has to do.
 */
export function createGround(
  server: PostgresServer,
  { legacyKeys = true, withoutPostgrest }: {
    readonly legacyKeys?: boolean;
    readonly withoutPostgrest?: () => void;
  } = {},
): Promise<Ground> {
  return wholeOrNothing(async (cleanUp) => {
    const project = await startProject(server, {
      url: SUPABASE_URL,
      database: `world_${crypto.randomUUID().replaceAll("-", "")}`,
      // Tables are small here: planning for each value would be half the work.
      settings: { plan_cache_mode: "force_generic_plan" },
      legacyKeys,
      ...(withoutPostgrest === undefined ? {} : { withoutPostgrest }),
    }, cleanUp);
    return { ...project, clear: () => clearDatabase(project.sql), close: () => cleanUp.close() };
  });
}
