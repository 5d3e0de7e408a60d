/**
 * `evolution-webhook`: what the gateway reports, at `/evolution-webhook/<instance id>`.
 *
 * Evolution repeats a webhook up to ten times, but never after 400, 401, 403, 404 or 422. So the
 * status decides whether an event is lost: our own faults answer 5xx, what can never be understood
 * answers 400, and who is not the instance's gateway gets 401, whatever else is wrong. Of several
 * items the good ones are stored, and what is wrong with the others is counted.
 *
 * @module
 */

import type { Effects } from "../_shared/runtime/effects.ts";
import { ApiError, errorBody, ERRORS } from "../_shared/http/errors.ts";
import { jsonResponse, type RequestContext, serveJson } from "../_shared/http/serve.ts";
import type { LogFields } from "../_shared/runtime/log.ts";
import type { Change, ChangeResult, DataReading, WebhookDelivery } from "./changes.ts";
import { createConnectingStorms } from "./connecting-storms.ts";
import { applyHistory } from "./history.ts";
import { applyFrom, createKnownSenders, meetSender } from "./sender.ts";
import { readBody } from "./read-body.ts";
import { readEvent } from "./read-event.ts";
import { settleDoubt } from "./registry-look.ts";

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  const { database, clock } = effects;
  const senders = createKnownSenders(database, clock);
  const storms = createConnectingStorms(clock);
  return serveJson("evolution-webhook", effects.log, async (request, context) => {
    const met = await meetSender(request, senders);
    if (met.sender === null) return refuse(context, "UNAUTHENTICATED", met.why);
    const { sender, sender: { instanceId, signedAt } } = met;
    const body = await readBody(request).catch(async (error) => {
      await applyFrom(database, sender, [], "", error instanceof ApiError ? 1 : 0);
      throw error;
    });
    const { digest } = body;
    const reading = readEvent(body.json, clock.now());
    if (reading.outcome === "malformed") {
      const { event, field: reason } = reading;
      // What it reports of a number's state is asked for elsewhere.
      await applyFrom(database, sender, [], digest, ABOUT_MESSAGES.test(event ?? "") ? 1 : 0);
      const action = event === null ? {} : { action: event };
      return refuse(context, "INVALID_REQUEST", { instanceId, ...action, reason });
    }
    const action = reading.outcome === "unknown_event" ? "unknown" : reading.event;
    const { changes, history, refused } = reading.outcome === "unknown_event" ? NOTHING : reading;
    if (storms.isNoise(instanceId, changes)) return answer("ignored", []);

    if (history !== undefined) {
      const now = await sender.verifyNow();
      if (!now.trusted) {
        return refuse(context, "UNAUTHENTICATED", { instanceId, reason: now.reason });
      }
    }
    const told = history && await applyHistory(database, instanceId, history, clock.now());
    const unread = [...refused, ...told?.refused ?? []];
    const applied = await applyFrom(database, sender, changes, digest, unread.length);
    storms.note(instanceId, changes, applied.result);
    if (applied.result === "doubted") {
      settleInBackground(effects, context, instanceId, changes, { digest, signedAt });
    }
    const left = [...unread, ...applied.refused.map((code) => `database.${code}`)];
    for (const reason of new Set(left)) {
      context.log.write("warn", "item_refused", { instanceId, action, reason });
    }
    const result = told?.result ?? applied.result;
    context.log.write("debug", "webhook", { instanceId, action, outcome: result });
    return answer(result, left);
  });
}

function answer(result: ChangeResult, refused: readonly string[]): Response {
  return jsonResponse(200, {
    success: true,
    result,
    ...(refused.length === 0 ? {} : { refused: refused.length }),
  });
}

const NOTHING: DataReading = { changes: [], refused: [] };

/** Events whose loss is a message's. */
const ABOUT_MESSAGES = /^messages?\.|^send\./;

/** The gateway has waited long enough: it is asked how the number is after it was answered. */
function settleInBackground(
  effects: Effects,
  { log }: RequestContext,
  instanceId: string,
  changes: readonly Change[],
  delivery: WebhookDelivery,
): void {
  const settled = (async () => {
    // A logout that was asked for contradicts nothing.
    for (const change of changes.filter(({ kind }) => kind !== "logout")) {
      const outcome = await settleDoubt(effects, instanceId, change, delivery);
      log.write("info", "registry_look", { instanceId, outcome: outcome ?? "looked_at" });
    }
  })();
  effects.background.run(settled, log);
}

/** Answers with an error; why is for our log alone. */
function refuse(
  { log, language, requestId }: RequestContext,
  code: "UNAUTHENTICATED" | "INVALID_REQUEST",
  why: LogFields,
): Response {
  log.write("info", "refused", { ...why, errorCode: code });
  return jsonResponse(ERRORS[code].status, errorBody(new ApiError(code), language, requestId));
}
