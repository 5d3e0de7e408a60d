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

import * as z from "zod/mini";
import type { Effects } from "../_shared/runtime/effects.ts";
import { ApiError, errorBody, ERRORS } from "../_shared/http/errors.ts";
import type { Database } from "../_shared/runtime/database.ts";
import { jsonResponse, type RequestContext, serveJson } from "../_shared/http/serve.ts";
import type { LogFields } from "../_shared/runtime/log.ts";
import { applyChanges, type Change, type DataReading, type Delivery } from "./changes.ts";
import { applyHistory } from "./history.ts";
import { readBody } from "./read-body.ts";
import { readEvent } from "./read-event.ts";
import { settleDoubt } from "./registry-look.ts";
import { credentialsOf, verifySender, type WebhookKeys } from "./verify-sender.ts";

// A gateway with "webhook by events" appends `/connection-update` and the like.
const PATH =
  /^(?:\/functions\/v1)?\/evolution-webhook\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:\/|$)/i;

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("evolution-webhook", effects.log, async (request, context) => {
    const instanceId = instanceIdOf(request.url);
    if (instanceId === null) return refuse(context, "UNAUTHENTICATED", { reason: "no_instance" });
    const credentials = credentialsOf(request.headers);
    if (credentials === null) {
      // A gateway that cannot sign sends what should sign.
      const reason = request.headers.has("jwt_key") ? "secret_in_clear" : "no_credentials";
      return refuse(context, "UNAUTHENTICATED", { instanceId, reason });
    }
    const keys = await webhookKeys(effects.database, instanceId);
    const verdict = await verifySender(credentials, keys, effects.clock.now());
    if (!verdict.trusted) {
      return refuse(context, "UNAUTHENTICATED", { instanceId, reason: verdict.reason });
    }

    const noted = () => note(effects.database, "note_webhook_delivered", instanceId);
    const notedRefused = () => note(effects.database, "note_refused_webhook", instanceId);
    const body = await readBody(request).catch(async (error) => {
      await (error instanceof ApiError ? notedRefused() : noted());
      throw error;
    });
    const reading = readEvent(body.json, effects.clock.now());
    if (reading.outcome === "malformed") {
      // What it reports of a number's state is asked for elsewhere.
      await (ABOUT_MESSAGES.test(reading.event ?? "") ? notedRefused() : noted());
      return refuse(context, "INVALID_REQUEST", {
        instanceId,
        ...(reading.event === null ? {} : { action: reading.event }),
        reason: reading.field,
      });
    }
    const action = reading.outcome === "unknown_event" ? "unknown" : reading.event;
    const read = reading.outcome === "unknown_event" ? NOTHING : reading;
    const { changes, refused, history } = read;
    const delivery = { digest: body.digest, signedAt: verdict.signedAt };
    const now = effects.clock.now();
    const applied = history === undefined
      ? await applyChanges(effects.database, instanceId, changes, delivery)
      : await applyHistory(effects.database, instanceId, history, now);
    const left = [...refused, ...applied.refused];
    if (left.length > 0) await notedRefused();
    else if (changes.length === 0) await noted();
    await noteLate(effects.database, instanceId, delivery, now);
    const { result } = applied;
    if (result === "doubted") settleInBackground(effects, context, instanceId, changes, delivery);
    for (const reason of new Set(left)) {
      context.log.write("warn", "item_refused", { instanceId, action, reason });
    }
    context.log.write("debug", "webhook", { instanceId, action, outcome: result });
    return jsonResponse(200, {
      success: true,
      result,
      ...(left.length === 0 ? {} : { refused: left.length }),
    });
  });
}

const NOTHING: DataReading = { changes: [], refused: [] };

/** Events whose loss is a message's. */
const ABOUT_MESSAGES = /^messages?\.|^send\./;

/** Later than this after it was signed, in ms, a webhook is a retry: the receiver was away before. */
const LATE_MS = 60_000;

/** The gateway has waited long enough: it is asked how the number is after it was answered. */
function settleInBackground(
  effects: Effects,
  { log }: RequestContext,
  instanceId: string,
  changes: readonly Change[],
  delivery: Delivery,
): void {
  const settled = (async () => {
    for (const change of changes) {
      const outcome = await settleDoubt(effects, instanceId, change, delivery);
      log.write("info", "registry_look", { instanceId, outcome: outcome ?? "looked_at" });
    }
  })();
  effects.background.run(settled, log);
}

/** A webhook that asks for nothing, or that cannot be read, has arrived all the same. */
async function note(
  database: Database,
  how: "note_webhook_delivered" | "note_refused_webhook",
  instanceId: string,
): Promise<void> {
  await database.call(how, { p_instance_id: instanceId }, z.unknown());
}

/** Those before it and after it may have been given up. */
async function noteLate(
  database: Database,
  instanceId: string,
  { signedAt }: Delivery,
  now: Date,
): Promise<void> {
  if (signedAt === null || now.getTime() - signedAt.getTime() <= LATE_MS) return;
  const args = { p_instance_id: instanceId, p_signed_at: signedAt.toISOString() };
  await database.call("note_late_webhook", args, z.unknown());
}

const keyRows = z.array(z.object({
  webhook_secret: z.string(),
  webhook_token: z.nullable(z.string()),
}));

async function webhookKeys(
  database: Database,
  instanceId: string,
): Promise<readonly WebhookKeys[]> {
  const rows = await database.call("webhook_keys", { p_instance_id: instanceId }, keyRows);
  return rows.map((row) => ({ secret: row.webhook_secret, token: row.webhook_token }));
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
