/**
 * What every action is given, how it asks the database for a caller, and how it answers.
 *
 * @module
 */

import * as z from "zod/mini";
import type { ActionName, ActionResponse, CONTRACTS } from "../_shared/contracts/actions.ts";
import type { Fault, Refused } from "../_shared/gateway/outcomes.ts";
import type { Found } from "../_shared/gateway/versions.ts";
import { ApiError, type ErrorCode, type ErrorPlace } from "../_shared/http/errors.ts";
import type { Language } from "../_shared/http/language.ts";
import { jsonResponse } from "../_shared/http/serve.ts";
import type { ConversationQueue } from "../_shared/messages/conversation-queue.ts";
import { MEDIA_GONE, NOT_CONNECTED } from "../_shared/messages/sentences.ts";
import { type Arguments, DatabaseError, type FunctionName } from "../_shared/runtime/database.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import type { LargeText } from "../_shared/runtime/large-text.ts";
import type { LargeBody } from "../_shared/runtime/limited-body.ts";
import type { Log } from "../_shared/runtime/log.ts";
import type { MediaRoom } from "./media-memory.ts";

/** An action's request, as its contract reads it. */
export type ActionRequest<A extends ActionName> = z.output<typeof CONTRACTS[A]["request"]>;

/** Who calls, and what an action may do to the world. */
export interface Call {
  readonly userId: string;
  readonly effects: Effects;
  /** The isolate's messages that wait for others of their conversation. */
  readonly queue: ConversationQueue;
  /** For media that the database hands over. */
  readonly room: MediaRoom;
  /** The request's `media.base64` where that is large. */
  readonly media: LargeText | null;
  readonly language: Language;
  readonly log: Log;
}

/** An action: a checked request to an answer. An {@linkcode ApiError} it throws becomes the answer. */
export type Action<A extends ActionName> = (
  request: ActionRequest<A>,
  call: Call,
) => Promise<Response>;

/**
 * Answers an action with success.
 *
 * @param _action Whose contract the compiler checks `body` by.
 */
export function succeed<A extends ActionName>(
  _action: A,
  body: Omit<ActionResponse<A>, "success">,
): Response {
  return jsonResponse(200, { success: true, ...body });
}

/** The database's words for a refusal, and each one's field in the request. */
const FIELDS = {
  organization_not_found: "organizationId",
  conversation_not_found: "conversationId",
  conversation_without_instance: "conversationId",
  instance_not_found: "instanceId",
  instance_mismatch: "instanceId",
  instance_without_gateway: "instanceId",
  instance_not_connected: undefined,
  instance_name_taken: "instanceName",
  reply_not_found: "replyToMessageId",
  message_not_found: "messageId",
  message_not_failed: "messageId",
  message_without_media: "messageId",
  may_have_been_sent: "confirmDuplicate",
  media_expired: "messageId",
  media_gone: "messageId",
  confirmation_mismatch: "confirmName",
  channel_not_found: "channelId",
  channel_incomplete: undefined,
  forbidden: undefined,
  repair_in_progress: "instanceId",
  qr_pending: "instanceId",
  reconnect_in_progress: "instanceId",
} as const;

type Refusal = keyof typeof FIELDS;

const refused = z.object({
  result: z.enum(Object.keys(FIELDS) as [Refusal, ...Refusal[]]),
  reason: z.optional(z.string()),
});

/**
 * Calls a SQL function that may refuse.
 *
 * @param answer What it returns where it does not.
 * @param field Where in the request a refusal is, unless it is where it usually is.
 * @param large Where the answer may hold media: who admits it.
 * @throws {ApiError} The refusal.
 */
export async function ask<F extends FunctionName, T>(
  { effects, language }: Call,
  fn: F,
  args: Arguments<F>,
  answer: z.core.$ZodType<T>,
  field: Partial<Record<Refusal, string>> = {},
  large?: LargeBody,
): Promise<T> {
  const said = await effects.database.call(fn, args, z.union([refused, answer]), large);
  const { data: no } = refused.safeParse(said);
  if (no === undefined) return said as T;
  throw refusal(no.result, language, { reason: no.reason, field: field[no.result] });
}

/** How often it is asked, and from one time to the next, in ms. */
const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Asks for what may be asked twice, and asks again where the answer was lost.
 *
 * @returns The answer, and whether an earlier try may have been the one that did it.
 * @throws {DatabaseError} Once an answer was lost, one that says so.
 */
export async function askAgain<T>(
  { effects: { clock } }: Call,
  asking: () => Promise<T>,
): Promise<{ readonly answer: T; readonly again: boolean }> {
  let lost: DatabaseError | undefined;
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      return { answer: await asking(), again: lost !== undefined };
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      // What a later try came to says nothing of the one that was lost.
      if (error.mayBeDone) lost = error;
      if (lost === undefined || error.hint !== null) throw error;
    }
    if (tries < TRIES) await clock.sleep(PAUSE_MS);
  }
  throw lost ?? new TypeError("never asked");
}

/** Makes the error of a refusal. */
export function refusal(
  word: Refusal,
  language: Language,
  { reason, field = FIELDS[word] }: ErrorPlace = {},
): ApiError {
  const sentences = word === "media_gone" ? MEDIA_GONE : NOT_CONNECTED;
  const detail = reason === undefined ? undefined : sentences[reason]?.[language];
  return new ApiError(word.toUpperCase() as Uppercase<Refusal>, { field, detail, reason });
}

/** The ends of a gateway's call that are no result. */
export type GatewayFailure = (Fault | Refused)["outcome"];

const CODES = {
  not_found: "INSTANCE_MISSING_AT_GATEWAY",
  unauthorized: "GATEWAY_UNAUTHORIZED",
  unlicensed: "GATEWAY_UNLICENSED",
  timeout: "GATEWAY_TIMEOUT",
  unreachable: "GATEWAY_UNREACHABLE",
  invalid: "GATEWAY_ERROR",
  refused: "GATEWAY_REFUSED",
} as const satisfies Record<GatewayFailure, ErrorCode>;

/** Whether a call ended without a result. */
export function isGatewayFailure(outcome: string): outcome is GatewayFailure {
  return Object.hasOwn(CODES, outcome);
}

const PAGE = { pt: "uma página da web", en: "a web page" } as const;

/** Refuses a gateway that is no Evolution API of use, and says what was found. */
export function requireUsable(found: Found, language: Language): void {
  if (found.kind !== "unusable" && found.kind !== "page") return;
  const what = found.kind === "page" ? PAGE[language] : found.what;
  const detail = language === "pt" ? `Ali responde: ${what}.` : `What answers there: ${what}.`;
  throw new ApiError("GATEWAY_UNSUPPORTED", { field: "gateway", detail, reason: found.kind });
}

/**
 * Makes the error of a call that ended without a result.
 *
 * @param place Where in the request, and what is known of the consequences.
 */
export function gatewayError(outcome: GatewayFailure, place: ErrorPlace = {}): ApiError {
  return new ApiError(CODES[outcome], place);
}
