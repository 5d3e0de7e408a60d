/**
 * What runs at every send, every webhook, every minute, and whenever somebody looks at a page.
 *
 * @module
 */

import type { Paths, Run } from "./hot-path.ts";
import { MESSAGE_PATHS } from "./message-paths.ts";
import { FLEET_PATHS, PAGE_PATHS } from "./page-paths.ts";
import { WORK_PATHS } from "./work-paths.ts";

/** A path to try. */
export interface HotPath {
  readonly name: string;
  /** Works off a list: how many rows are read depends on the list, not on the table. */
  readonly batch: boolean;
  readonly run: Run;
}

const pathsOf = (paths: Paths, batch: boolean): readonly HotPath[] =>
  Object.entries(paths).map(([name, run]) => ({ name, batch, run }));

/** All of them. */
export const HOT_PATHS: readonly HotPath[] = [
  ...pathsOf(MESSAGE_PATHS, false),
  ...pathsOf(PAGE_PATHS, false),
  ...pathsOf(FLEET_PATHS, true),
  ...pathsOf(WORK_PATHS, true),
];
