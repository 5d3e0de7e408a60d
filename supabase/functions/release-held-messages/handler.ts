/**
 * `release-held-messages`: every minute, messages that wait for a number go out once it lives, and
 * what nobody tried yet because its sender ran out of time. Called by a scheduler; answers counts
 * only.
 *
 * A session that turns out dead here is left to the ladder: nothing is logged out, and the message
 * waits on, as long as it may. What failed in the database alone is put into words here.
 *
 * @module
 */

import { gatewayOf } from "../_shared/gateway/instance.ts";
import { proveLife } from "../_shared/gateway/prove-life.ts";
import { serveScheduled } from "../_shared/http/serve-scheduled.ts";
import { fromStored } from "../_shared/messages/message-part.ts";
import {
  type ByteBudget,
  createByteBudget,
  LARGEST_MEDIA_BYTES,
  MEDIA_MEMORY_BYTES,
  type Share,
} from "../_shared/runtime/byte-budget.ts";
import { openSendWindow, type SendWindow } from "../_shared/messages/send-window.ts";
import {
  sendClaimed,
  type SendEffects,
  suspectSession,
} from "../_shared/messages/send-messages.ts";
import { FAILURES, WORDLESS } from "../_shared/messages/sentences.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { LargeText } from "../_shared/runtime/large-text.ts";
import { errorName, type Log } from "../_shared/runtime/log.ts";
import { decide, type Progress, RELEASE_LIMITS } from "./decide.ts";
import { createWorkList, type Lease, type WorkList } from "./work-list.ts";

/** Numbers released at once in one tick; the rest have theirs at the next. */
const INSTANCES = 50;

/** Longer than any release: probe 8 s, 40 s of messages, the last one with its send 70 s. */
const LEASE_SECONDS = 300;

/** A claim that is not answered is asked again: what it took would otherwise be interrupted. */
const CLAIM_TRIES = 3;
const CLAIM_PAUSE_MS = 1_000;

/** Nobody's request is open any more: the product's own language. */
const LANGUAGE = "pt";

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  const memory = createByteBudget(effects.clock, MEDIA_MEMORY_BYTES);
  return serveScheduled("release-held-messages", effects, async (log) => {
    const window = openSendWindow(effects.clock);
    const workList = createWorkList(effects.database, LEASE_SECONDS);
    await explainFailures(workList, log);
    const due = await workList.lease(INSTANCES);
    const begun = { messages: 0 };
    const sent = await Promise.all(due.map(async (lease) => {
      const instanceLog = log.with({ instanceId: lease.instance_id });
      try {
        return await release(lease, { workList, window, memory, begun, effects, log: instanceLog });
      } catch (error) {
        // Stops this number alone, until its lease ends.
        instanceLog.write("error", "release_failed", { error: errorName(error) });
        return 0;
      }
    }));
    return {
      leased: due.length,
      counts: { sent: sent.reduce((total, count) => total + count, 0) },
      stopped: null,
    };
  });
}

/** Nothing waits for it. */
async function explainFailures(workList: WorkList, log: Log): Promise<void> {
  const sentences = WORDLESS.map((code) => [code, FAILURES[code][LANGUAGE]]);
  try {
    await workList.explainFailures(Object.fromEntries(sentences));
  } catch (error) {
    log.write("error", "failures_not_explained", { error: errorName(error) });
  }
}

interface Release {
  readonly workList: WorkList;
  readonly window: SendWindow;
  readonly memory: ByteBudget;
  /** By all numbers of this call. */
  readonly begun: { messages: number };
  readonly effects: Effects;
  readonly log: Log;
}

/** @returns How many messages left. */
async function release(lease: Lease, turn: Release): Promise<number> {
  const { connection } = lease;
  const { workList, begun, effects, log } = turn;
  const { clock } = effects;
  const probe = await proveLife(gatewayOf(connection, effects), connection.phone_number ?? "");
  const began = clock.monotonicMs();
  let progress: Omit<Progress, "begun"> = { probe: probe.outcome, ms: 0, sent: 0, last: null };
  const next = () => decide({ ...progress, begun: begun.messages });
  let step = next();
  while (step.next === "send") {
    begun.messages++;
    if (step.pauseMs > 0) await clock.sleep(step.pauseMs);
    const left = RELEASE_LIMITS.withinMs - (clock.monotonicMs() - began);
    const last = await sendNext(lease, turn, Math.max(0, left));
    const sent = progress.sent + (last === "sent" ? 1 : 0);
    progress = { ...progress, ms: clock.monotonicMs() - began, sent, last };
    step = next();
  }
  if (probe.outcome === "connection_closed") {
    await suspectSession(connection.id, probe.outcome, effects, log);
  }
  log.write("info", "held_released", { count: progress.sent, reason: step.reason });
  await workList.end(lease);
  return progress.sent;
}

/**
 * What a claim brings is known once it is there: room for the largest is taken before, and given
 * back.
 */
async function sendNext(
  lease: Lease,
  turn: Release,
  waitMs: number,
): Promise<Progress["last"]> {
  const share = await turn.memory.take(LARGEST_MEDIA_BYTES, waitMs);
  if (share === null) return "no_room";
  try {
    return await claimAndSend(lease, share, turn);
  } finally {
    share.release();
  }
}

async function claimAndSend(
  lease: Lease,
  share: Share,
  { workList, window, effects, log }: Release,
): Promise<Progress["last"]> {
  const token = crypto.randomUUID();
  const message = await claimNext(lease, token, workList, effects);
  if (message === null) return "none";
  share.shrinkTo(message.base64 instanceof LargeText ? message.base64.bytes : 0);
  const sending: SendEffects = {
    ...effects,
    handleConnectionClosed: async ({ instance, reason, failMessage }) => {
      await failMessage();
      await suspectSession(instance.id, reason, effects, log);
      return "dead";
    },
  };
  const delivery = { ...message, instance: lease.connection, language: LANGUAGE } as const;
  const failure = await sendClaimed(
    fromStored(message),
    delivery,
    { token, window },
    sending,
    log,
  );
  return failure === null ? "sent" : "failed";
}

async function claimNext(lease: Lease, token: string, workList: WorkList, { clock }: Effects) {
  for (let tries = 1;; tries++) {
    try {
      return await workList.claim(lease, token);
    } catch (error) {
      if (tries === CLAIM_TRIES) throw error;
      await clock.sleep(CLAIM_PAUSE_MS);
    }
  }
}
