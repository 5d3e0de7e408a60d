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
import {
  applyWebhook,
  type Change,
  type ChangeResult,
  type DataReading,
  type Delivery,
} from "./changes.ts";
import { createConnectingStorms } from "./connecting-storms.ts";
import { applyHistory } from "./history.ts";
import { createKnownSenders } from "./known-senders.ts";
import { readBody } from "./read-body.ts";
import { readEvent } from "./read-event.ts";
import { settleDoubt } from "./registry-look.ts";
import { credentialsOf } from "./verify-sender.ts";

// A gateway with "webhook by events" appends `/connection-update` and the like.
const PATH =
  /^(?:\/functions\/v1)?\/evolution-webhook\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:\/|$)/i;

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  const { database, clock } = effects;
  const senders = createKnownSenders(database, clock);
  const storms = createConnectingStorms(clock);
  return serveJson("evolution-webhook", effects.log, async (request, context) => {
    const instanceId = instanceIdOf(request.url);
    if (instanceId === null) return refuse(context, "UNAUTHENTICATED", { reason: "no_instance" });
    const credentials = credentialsOf(request.headers);
    if (credentials === null) {
      // A gateway that cannot sign sends what should sign.
      const reason = request.headers.has("jwt_key") ? "secret_in_clear" : "no_credentials";
      return refuse(context, "UNAUTHENTICATED", { instanceId, reason });
    }
    const stranger = (reason: string) => refuse(context, "UNAUTHENTICATED", { instanceId, reason });
    const { verdict, readNow } = await senders.verify(instanceId, credentials);
    if (!verdict.trusted) return stranger(verdict.reason);

    const { signedAt } = verdict;
    const write = async (changes: readonly Change[], digest: string, unread: number) => {
      const delivery = { digest, signedAt, unread };
      const applied = await applyWebhook(database, instanceId, verdict.keyId, changes, delivery);
      if (applied.result !== "unknown_key") return applied;
      // The remembered key is valid no more.
      const { verdict: now } = await senders.verify(instanceId, credentials, true);
      const again = now.trusted
        ? await applyWebhook(database, instanceId, now.keyId, changes, delivery)
        : applied;
      if (again.result === "unknown_key") throw new ApiError("UNAUTHENTICATED");
      return again;
    };

    const body = await readBody(request).catch(async (error) => {
      await write([], "", error instanceof ApiError ? 1 : 0);
      throw error;
    });
    const { digest } = body;
    const reading = readEvent(body.json, clock.now());
    if (reading.outcome === "malformed") {
      // What it reports of a number's state is asked for elsewhere.
      await write([], digest, ABOUT_MESSAGES.test(reading.event ?? "") ? 1 : 0);
      return refuse(context, "INVALID_REQUEST", {
        instanceId,
        ...(reading.event === null ? {} : { action: reading.event }),
        reason: reading.field,
      });
    }
    const action = reading.outcome === "unknown_event" ? "unknown" : reading.event;
    const read = reading.outcome === "unknown_event" ? NOTHING : reading;
    const { changes, history } = read;
    if (storms.isNoise(instanceId, changes)) return answer("ignored", []);

    let refused = [...read.refused];
    let stored: ChangeResult = "ignored";
    if (history !== undefined) {
      const { verdict: now } = readNow
        ? { verdict }
        : await senders.verify(instanceId, credentials, true);
      if (!now.trusted) return stranger(now.reason);
      const came = await applyHistory(database, instanceId, history, clock.now());
      refused = [...refused, ...came.refused];
      stored = came.result;
    }
    const applied = await write(changes, digest, refused.length);
    storms.note(instanceId, changes, applied.result);
    if (applied.result === "doubted") {
      settleInBackground(effects, context, instanceId, changes, { digest, signedAt });
    }
    refused.push(...applied.refused.map((code) => `database.${code}`));
    for (const reason of new Set(refused)) {
      context.log.write("warn", "item_refused", { instanceId, action, reason });
    }
    const result = history === undefined ? applied.result : stored;
    context.log.write("debug", "webhook", { instanceId, action, outcome: result });
    return answer(result, refused);
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
  delivery: Delivery,
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

/**
 * The instance's id in a URL such as `https://…/evolution-webhook/<uuid>/messages-upsert`.
 *
 * @returns In lower case; null where the path holds none.
 */
export function instanceIdOf(url: string): string | null {
  return PATH.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? null;
}
