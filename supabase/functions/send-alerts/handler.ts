/**
 * `send-alerts`: tells people of numbers that need them, and of those that live again, by the channels
 * that they have chosen. Called by a scheduler when something is to be told; answers counts only.
 *
 * @module
 */

import { requireCronSecret } from "../_shared/http/auth.ts";
import { jsonResponse, serveJson } from "../_shared/http/serve.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { tally } from "../_shared/runtime/leases.ts";
import { errorName } from "../_shared/runtime/log.ts";
import { sendAlert } from "./channels.ts";
import { createWorkList } from "./work-list.ts";

/** Messages sent in one tick, at once; a WhatsApp send may take 70 s. */
const MESSAGES = 30;

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("send-alerts", effects.log, async (request, { log }) => {
    requireCronSecret(request, effects.cronSecrets);
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
    const counts = tally(outcomes);
    log.write(due.length > 0 ? "info" : "debug", "tick", { counts, count: due.length });
    return jsonResponse(200, { success: true, claimed: due.length, ...counts });
  });
}
