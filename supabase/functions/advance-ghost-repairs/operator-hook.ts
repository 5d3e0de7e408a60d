/**
 * Telling the operator: one signed call (Standard Webhooks) for each repair that needs a person, tried
 * again with back-off until the hook has taken it.
 *
 * @module
 */

import { Webhook } from "standardwebhooks";
import { type Clock, withTimeLimit } from "../_shared/runtime/clock.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { errorName, type Log } from "../_shared/runtime/log.ts";
import { type AddressEffects, checkPublicAddress } from "../_shared/runtime/public-address.ts";
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
  effects: HookEffects & Pick<Effects, "operatorHook">,
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

/** What a call needs. */
export interface HookEffects extends AddressEffects {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** How a call ended; only `accepted` is not tried again. */
type HookOutcome = "accepted" | "refused" | "failed" | "address_refused";

/**
 * Calls the hook. Never throws. Redirects are not followed.
 *
 * @param id The message's id; the same at every try, so that the receiver can tell.
 */
export async function callOperatorHook(
  hook: OperatorHook,
  id: string,
  message: unknown,
  effects: HookEffects,
): Promise<HookOutcome> {
  try {
    const url = new URL(hook.url);
    const body = JSON.stringify(message);
    const now = effects.clock.now();
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": signer(hook.secret).sign(id, now, body),
    };
    return await withTimeLimit(effects.clock, HOOK_LIMIT_MS, async (signal) => {
      if (await checkPublicAddress(url, effects) !== null) return "address_refused";
      const init = { method: "POST", headers, body, redirect: "manual", signal } as const;
      const response = await effects.fetch(url, init);
      await response.body?.cancel();
      return response.ok ? "accepted" : "refused";
    });
  } catch {
    return "failed";
  }
}

/**
 * The library reads a raw text as Latin-1 and throws on base64 that is not canonical: it is given the
 * key's bytes.
 */
function signer(secret: string): Webhook {
  const key = secret.startsWith("whsec_")
    ? Uint8Array.from(
      atob(secret.slice("whsec_".length).replaceAll("-", "+").replaceAll("_", "/")),
      (char) => char.charCodeAt(0),
    )
    : new TextEncoder().encode(secret);
  return new Webhook(key, { format: "raw" });
}
