/**
 * How a task that starts other programs begins and ends.
 *
 * @module
 */

import { type CleanUp, closeOnExit, createCleanUp } from "../../process/clean-up.ts";
import { reportMissingBinary } from "../../platform/database/binaries.ts";

/** How a task ended. */
export interface TaskEnd {
  readonly passed: boolean;
  /** What is printed when everything has been stopped: nothing comes after it. */
  readonly last?: string;
}

/**
 * Does a task's work, stops what it started, however it ends, and ends the process: with 0 where it
 * passed, with 1 where it did not, with 2 where a program does not exist for this machine.
 *
 * @param work Gets what stops things in the end.
 */
export async function runTask(work: (cleanUp: CleanUp) => Promise<TaskEnd>): Promise<never> {
  const cleanUp = createCleanUp();
  closeOnExit(cleanUp);
  let end: TaskEnd;
  try {
    end = await work(cleanUp);
  } catch (error) {
    await cleanUp.close();
    reportMissingBinary(error);
  }
  await cleanUp.close();
  if (end.last !== undefined) console.log(end.last);
  Deno.exit(end.passed ? 0 : 1);
}
