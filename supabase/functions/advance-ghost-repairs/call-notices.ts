/**
 * Telling the operator: one notice for each repair that needs a person, tried again with back-off
 * until the hook has taken it.
 *
 * @module
 */

import { z } from "zod";
import type { Effects } from "../_shared/runtime/effects.ts";
import { errorName, type Log } from "../_shared/runtime/log.ts";
import { callOperatorHook } from "./operator-hook.ts";
import { type Notice, operatorMessage } from "./operator-notice.ts";

/** Notices called in one tick. */
const NOTICES = 20;

const notices = z.array(z.object({
  repair_id: z.string(),
  instance_id: z.string(),
  organization_id: z.string().nullable(),
  instance_name: z.string(),
  display_name: z.string().nullable(),
  disconnected_since: z.string().nullable(),
  opened_at: z.string(),
  reason: z.string().nullable(),
  connect_called: z.boolean(),
  restart_called: z.boolean(),
  logout_called: z.boolean(),
}));

/** What the notices need. */
export type NoticeEffects = Pick<
  Effects,
  "operatorHook" | "database" | "fetch" | "clock" | "resolve" | "allowPrivate"
>;

/**
 * Calls the hook, where one is set, for every notice that is due.
 *
 * @returns How many it accepted.
 * @throws {DatabaseError} Where the due notices could not be had.
 */
export async function callNotices(effects: NoticeEffects, log: Log): Promise<number> {
  const { operatorHook } = effects;
  if (operatorHook === undefined) return 0;
  const due = await effects.database.call("claim_operator_notices", { p_limit: NOTICES }, notices);
  const accepted = await Promise.all(due.map(async (notice) => {
    const outcome = await callOperatorHook(
      operatorHook,
      // The same at every try; another one where there is something else to do.
      `${notice.repair_id}:${notice.reason}`,
      operatorMessage(notice),
      effects,
    );
    log.write("info", "operator_hook", { instanceId: notice.instance_id, outcome });
    await record(notice, outcome, effects, log);
    return outcome === "accepted";
  }));
  return accepted.filter((yes) => yes).length;
}

/** Not written down, the notice is called again: its id tells the receiver that it is the same. */
async function record(
  notice: Notice,
  outcome: string,
  effects: NoticeEffects,
  log: Log,
): Promise<void> {
  try {
    await effects.database.call("record_operator_notice", {
      p_repair_id: notice.repair_id,
      p_outcome: outcome,
    }, z.unknown());
  } catch (error) {
    log.write("error", "notice_not_recorded", {
      instanceId: notice.instance_id,
      error: errorName(error),
    });
  }
}
