// @ts-check
/**
 * What went wrong last, in one line: what a click asked for stays until the next click, what a look
 * met goes with the next look that works. Pure but for `show`.
 *
 * @module
 */

/** @param {(message: string | null) => void} show */
export function createFaultLine(show) {
  let ofLook = false;
  /** @param {string | null} message */
  const task = (message) => {
    ofLook = false;
    show(message);
  };
  return {
    /** How a task ended. @param {string | null} message Null: well. */
    task,
    /** How a look ended. @param {string | null} message Null: well. */
    look: (message) => {
      if (message === null && !ofLook) return;
      task(message);
      ofLook = message !== null;
    },
  };
}
