/**
 * `send-alerts`: tells people of numbers that need them, and of those that live again, by the channels
 * that they have chosen. Called by a scheduler when something is to be told; answers counts only.
 *
 * @module
 */

import { serveScheduled } from "../_shared/http/serve-scheduled.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { addCounts } from "../_shared/runtime/leases.ts";
import { errorName } from "../_shared/runtime/log.ts";
import { sendAlert } from "./channels.ts";
import { createWorkList } from "./work-list.ts";

/** Messages sent in one tick, at once; a WhatsApp send may take 70 s. */
const MESSAGES = 30;

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveScheduled("send-alerts", effects, async (log) => {
    const workList = createWorkList(effects.database);
    const due = await workList.claim(MESSAGES);
    const outcomes = await Promise.all(due.map(async (message) => {
      const outcome = await sendAlert(message, effects, workList);
      log.write("info", "alert", { reason: message.kind, outcome, count: message.numbers });
      // Not written down, a chat is not told again; a webhook is, by the same id.
      await workList.record(message, outcome).catch((error: unknown) =>
        log.write("error", "alert_not_recorded", { error: errorName(error) })
      );
      return outcome;
    }));
    return { leased: due.length, counts: addCounts(outcomes), stopped: null };
  });
}
