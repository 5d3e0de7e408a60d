/**
 * Telling the operator: one signed call (Standard Webhooks) for each repair that needs a person, tried
 * again with back-off until the hook has taken it.
 *
 * @module
 */

import type { PostEffects } from "../_shared/http/post.ts";
import { callSigned } from "../_shared/http/signed-call.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { errorName, type Log } from "../_shared/runtime/log.ts";
import { operatorMessage } from "./operator-notice.ts";
import type { WorkList } from "./work-list.ts";

/** Notices called in one tick. */
const NOTICES = 20;

/** How long the hook may take, in ms. */
const HOOK_LIMIT_MS = 10_000;

/**
 * Calls the hook, where one is set, for every notice that is due; where none is, says so.
 *
 * @returns How many it accepted.
 * @throws {DatabaseError} Where the due notices could not be had.
 */
export async function callNotices(
  workList: Pick<WorkList, "claimNotices" | "recordNotice">,
  effects: PostEffects & Pick<Effects, "operatorHook">,
  log: Log,
): Promise<number> {
  const { operatorHook } = effects;
  const due = await workList.claimNotices(NOTICES, operatorHook !== undefined);
  if (operatorHook === undefined) return 0;
  const outcomes = await Promise.all(due.map(async (notice) => {
    const instanceId = notice.instance_id;
    // The same at every try; another one where there is something else to do.
    const id = `${notice.repair_id}:${notice.reason}`;
    const outcome = await callOperatorHook(operatorHook, id, operatorMessage(notice), effects);
    log.write("info", "operator_hook", { instanceId, outcome });
    // Not written down, the notice is called again: its id tells the receiver that it is the same.
    await workList.recordNotice(notice, outcome).catch((error: unknown) =>
      log.write("error", "notice_not_recorded", { instanceId, error: errorName(error) })
    );
    return outcome;
  }));
  return outcomes.filter((outcome) => outcome === "accepted").length;
}

/** Where the hook is. */
interface OperatorHook {
  readonly url: string;
  /** `whsec_` and base64, or any text. */
  readonly secret: string;
}

/** How a call ended; only `accepted` is not tried again. */
type HookOutcome = "accepted" | "refused" | "failed" | "address_refused";

/** Calls the hook. Never throws. `id`: see {@linkcode callSigned}. */
export async function callOperatorHook(
  { url, secret }: OperatorHook,
  id: string,
  message: unknown,
  effects: PostEffects,
): Promise<HookOutcome> {
  const hook = { url, secrets: [secret], limitMs: HOOK_LIMIT_MS };
  const call = await callSigned(hook, id, message, effects);
  if (call.kind !== "answered") return call.kind;
  return call.status >= 200 && call.status < 300 ? "accepted" : "refused";
}
