/**
 * What the versions of Evolution API can do, as a table of the docs: the product's own data in words.
 *
 * @module
 */

import {
  type Capabilities,
  capabilitiesOf,
  type Fact,
} from "../../../supabase/functions/_shared/gateway/capabilities.ts";
import { alignTable } from "./markdown.ts";

/** The table's name in docs/ghosts.md. */
export const FACTS = "facts";

/** Versions of which everything is the same, by the newest of them. */
const COLUMNS = [
  ["2.2.3", "2.2.3"],
  ["2.3.0", "2.3.0"],
  ["2.3.1, 2", "2.3.2"],
  ["2.3.3, 4", "2.3.4"],
  ["2.3.5", "2.3.5"],
  ["2.3.6", "2.3.6"],
  ["2.3.7", "2.3.7"],
  ["2.4.0-rc1, 2", "2.4.0-rc2"],
] as const;

const yes = (is: boolean) => is ? "yes" : "**no**";

/** Each fact, its words, and how it reads. A fact that is not here does not compile. */
const ROWS: {
  readonly [F in keyof Capabilities]: readonly [string, (is: Capabilities[F]["is"]) => string];
} = {
  hearsAfterLogout: ["hears after a logout", yes],
  pairsAfterLogout: ["a scan after a logout finishes by itself", yes],
  deletesZombies: ["a delete removes a zombie", yes],
  signature: ["`jwt_key` in a webhook's setting", (is) => is === "jwt" ? "signs" : "**in clear**"],
  refusedEvents: [
    "`webhook/set` refuses",
    (is) => is.map((event) => `\`${event}\``).join(", ") || "nothing",
  ],
  finalCloseCodes: ["closes that delete the pairing", (is) => is.join(" ")],
  reconnectDelayMs: ["reconnects after", (is) => is === 0 ? "no pause" : `${is / 1000} s`],
  lidSender: ["the number of an `@lid` sender", (is) => is === null ? "nowhere" : `\`${is}\``],
  needsLicence: ["needs a licence", (is) => is ? "**yes**" : "no"],
  probesWithoutSession: [
    "a socket that waits for a scan answers probes",
    (is) => is ? "yes" : "no",
  ],
  tellsDeletion: ["`DELETED` means deleted by its sender", yes],
  baileys: ["Baileys that it was looked at with", (is) => is ?? "not known"],
};

/** The table. What was not measured has a `†`. */
export function formatFacts(): string {
  const rows = (Object.keys(ROWS) as (keyof Capabilities)[]).map((name) => [
    ROWS[name][0],
    ...COLUMNS.map(([, version]) => cell(name, capabilitiesOf(version))),
  ]);
  return alignTable([["", ...COLUMNS.map(([title]) => title)], ...rows]);
}

function cell<F extends keyof Capabilities>(name: F, can: Capabilities): string {
  const { is, source }: Fact<unknown> = can[name];
  const [, read] = ROWS[name];
  return read(is as Capabilities[F]["is"]) + (source === "measured" ? "" : " †");
}
