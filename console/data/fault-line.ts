/**
 * What went wrong last, in one line: what a click asked for stays until the next click, what a look
 * met goes with the next look that works. Pure but for `show`.
 *
 * @module
 */

export function createFaultLine(show: (message: string | null) => void) {
  let ofLook = false;
  const task = (message: string | null) => {
    ofLook = false;
    show(message);
  };
  return {
    /** How a task ended; null: well. */
    task,
    /** How a look ended. @param message Null: well. */
    look: (message: string | null) => {
      if (message === null && !ofLook) return;
      task(message);
      ofLook = message !== null;
    },
  };
}
