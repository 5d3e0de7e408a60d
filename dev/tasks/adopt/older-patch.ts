/**
 * The patch as it was taken by hand: `connection-closed.ts`, copied into a function, and glue around it.
 * The copy is ours, so it gets a few lines that end the message and leave the repair to the `fetch` that
 * watches. Pure.
 *
 * @module
 */

import type { Change } from "./change.ts";
import type { Told } from "./host/host.ts";
import type { SourceFile } from "./project/read-functions.ts";

const COPY = /\/connection-closed\.ts$/;
const ENTRANCE =
  /export async function handleConnectionClosed\([^)]*\): Promise<RepairResult> \{\r?\n/;

const LINES =
  `  // Taken over by _shared/ghost-repair/fetch.ts: only the message is left to end here.
  if (Object.hasOwn(effects, "claim")) {
    await attempt("fail_message", effects, effects.failMessage);
    return { outcome: "skipped", reason: "taken_over" };
  }
`;

/** What is taken over, and which files are part of the older patch. */
export function takeOver(files: ReadonlyMap<string, SourceFile>): {
  readonly changes: readonly Change[];
  readonly paths: readonly string[];
  /** What its SQL wrote and asked for, whatever else the code says. */
  readonly told: Told;
} {
  const copies = [...files.values()].filter(({ path, text }) =>
    COPY.test(path) && ENTRANCE.test(text)
  );
  return {
    changes: copies.map(({ path, text }) => ({
      path,
      before: text,
      after: text.includes(LINES) ? text : text.replace(ENTRANCE, (found) => found + LINES),
    })),
    // Its gateway client names sends, and nobody calls those.
    paths: copies.length === 0
      ? []
      : [...files.keys()].filter((path) => /\/_shared\/gateway\//.test(path) || COPY.test(path)),
    told: copies.length === 0 ? {} : { connected: ["connected"], disconnected: "disconnected" },
  };
}

/** Gives a copy back as it was. */
export function giveBack(files: ReadonlyMap<string, SourceFile>): readonly Change[] {
  return [...files.values()].filter(({ path, text }) => COPY.test(path) && text.includes(LINES))
    .map(({ path, text }) => ({ path, before: text, after: text.replace(LINES, "") }));
}
