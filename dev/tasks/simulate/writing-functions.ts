/**
 * The API functions that write, read from the migrations: a new one meets the faults of the
 * simulation without anybody thinking of it.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

const MIGRATIONS = new URL("../../../supabase/migrations/", import.meta.url);

/** Called by the scheduler inside the database, where no network is between. */
const SCHEDULED = ["sweep", "prune"];

/** Of alert channels, restart agents and erasures, which no history has. */
const UNCALLED = [
  "begin_own_alert",
  "name_own_alert",
  "claim_alerts",
  "record_alert",
  "save_alert_channel",
  "test_alert_channel",
  "delete_alert_channel",
  "erase_customer",
  "save_restart_agent",
  "record_restart",
];

/** In the order of the alphabet; one that a later migration defines anew is one. */
export const WRITING_FUNCTIONS: readonly string[] = [
  ...new Set(
    readdirSync(MIGRATIONS)
      .filter((name) => name.endsWith(".sql"))
      .flatMap((name) => writingIn(readFileSync(new URL(name, MIGRATIONS), "utf8"))),
  ),
].filter((name) => !SCHEDULED.includes(name) && !UNCALLED.includes(name)).sort();

/** Each function of the API that is neither stable nor immutable nor a trigger. */
function writingIn(sql: string): string[] {
  const heads = /create or replace function public\.(\w+)\s*\(([^$]*?)\bas\s+\$/gi;
  return [...sql.matchAll(heads)]
    .filter(([, , head = ""]) => !/\b(stable|immutable)\b|returns\s+trigger/i.test(head))
    .map(([, name = ""]) => name);
}
