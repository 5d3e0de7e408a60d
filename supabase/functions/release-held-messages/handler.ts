/**
 * `release-held-messages`: every minute, messages that wait for a number go out once it lives.
 * Called by a scheduler; answers counts only.
 *
 * A session that turns out dead here is left to the ladder: nothing is logged out, and the message
 * waits on, as long as it may.
 *
 * @module
 */

import { fromStored } from "../_shared/contracts/rows.ts";
import { gatewayOf } from "../_shared/gateway/instance.ts";
import { requireCronSecret } from "../_shared/http/auth.ts";
import { jsonResponse, serveJson } from "../_shared/http/serve.ts";
import {
  type SendEffects,
  sendMessages,
  suspectSession,
} from "../_shared/messages/send-messages.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { errorName, type Log } from "../_shared/runtime/log.ts";
import { decide, type Progress } from "./decide.ts";
import { createWorkList, type Lease, type WorkList } from "./work-list.ts";

/** Numbers released at once in one tick; the rest have theirs at the next. */
const INSTANCES = 50;

/** Longer than any release: probe 8 s, 40 s of messages, the last one with its send 70 s. */
const LEASE_SECONDS = 300;

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("release-held-messages", effects.log, async (request, { log }) => {
    requireCronSecret(request, effects.cronSecrets);
    const workList = createWorkList(effects.database, LEASE_SECONDS);
    const due = await workList.lease(INSTANCES);
    const sent = await Promise.all(due.map(async (lease) => {
      const instanceLog = log.with({ instanceId: lease.instance_id });
      try {
        return await release(lease, workList, effects, instanceLog);
      } catch (error) {
        // Stops this number alone, until its lease ends.
        instanceLog.write("error", "release_failed", { error: errorName(error) });
        return 0;
      }
    }));
    return jsonResponse(200, {
      success: true,
      instances: due.length,
      sent: sent.reduce((total, count) => total + count, 0),
    });
  });
}

/** @returns How many messages left. */
async function release(
  lease: Lease,
  workList: WorkList,
  effects: Effects,
  log: Log,
): Promise<number> {
  const { connection } = lease;
  const { clock } = effects;
  const probe = await gatewayOf(connection, effects).probe(connection.phone_number ?? "");
  const began = clock.monotonicMs();
  let progress: Progress = { probe: probe.outcome, ms: 0, sent: 0, last: null };
  let step = decide(progress);
  while (step.next === "send") {
    if (step.pauseMs > 0) await clock.sleep(step.pauseMs);
    const last = await sendNext(lease, workList, effects, log);
    const sent = progress.sent + (last === "sent" ? 1 : 0);
    progress = { ...progress, ms: clock.monotonicMs() - began, sent, last };
    step = decide(progress);
  }
  log.write("info", "held_released", { count: progress.sent, reason: step.reason });
  await workList.end(lease);
  return progress.sent;
}

async function sendNext(
  lease: Lease,
  workList: WorkList,
  effects: Effects,
  log: Log,
): Promise<Progress["last"]> {
  const message = await workList.claim(lease);
  if (message === null) return "none";
  const sending: SendEffects = {
    ...effects,
    handleConnectionClosed: async ({ instance, reason, failMessage }) => {
      await failMessage();
      await suspectSession(instance.id, reason, effects, log);
      return "dead";
    },
  };
  const parts = [fromStored(message)];
  // Nobody's request is open any more: the product's own language.
  const delivery = { ...message, instance: lease.connection, parts, language: "pt" } as const;
  return await sendMessages(delivery, sending, log) === null ? "sent" : "failed";
}
