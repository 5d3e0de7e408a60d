/**
 * The frontend's client of `evolution-api`: typed requests, checked answers, errors with a code. No
 * API of Deno's: browsers and Node import it too.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  type ActionName,
  type ActionRequest,
  type ActionResponse,
  CONTRACTS,
  errorResponse,
} from "../supabase/functions/_shared/contracts/actions.ts";
import type { Invoke } from "./invoke.ts";

export { type Invoke, type InvokedAnswer, invokeWithFetch, invokeWithSupabase } from "./invoke.ts";

/**
 * An action that was refused, failed, or gave an answer that does not hold its contract.
 *
 * @example
 * ```ts
 * try {
 *   await evolution.reconnectInstance({ instanceId });
 * } catch (error) {
 *   if (!(error instanceof EvolutionApiError)) throw error; // no answer at all
 *   show(error.message, error.retryable ? "Try again" : undefined);
 * }
 * ```
 */
export class EvolutionApiError extends Error {
  /** For logs. */
  override readonly name = "EvolutionApiError";
  /**
   * What the answer says.
   *
   * @param status The HTTP status.
   * @param code The answer's `errorCode`; `UNREADABLE_ANSWER` where it has none.
   * @param retryable Whether the same request can succeed later.
   * @param message A sentence for a person.
   * @param place Which field of the request, why (a word), and the request's id for the log. Where
   * nobody knows whether a message will be sent, its `messageIds`, and the `clientMessageId` with
   * which the same request is sent once.
   */
  constructor(
    readonly status: number,
    readonly code: string,
    readonly retryable: boolean,
    message: string,
    readonly place: {
      readonly field?: string | undefined;
      readonly reason?: string | undefined;
      readonly requestId?: string | undefined;
      readonly clientMessageId?: string | undefined;
      readonly messageIds?: readonly string[] | undefined;
    } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

type Call<A extends ActionName> = (request: ActionRequest<A>) => Promise<ActionResponse<A>>;
type CallWithout<A extends ActionName> = (request?: ActionRequest<A>) => Promise<ActionResponse<A>>;

/**
 * The actions. Each rejects with {@linkcode EvolutionApiError}, or with what `invoke` threw.
 *
 * An instance's `status` is `connected`, `connecting`, `disconnected` or `awaiting_qr`; a `qr` is
 * `{code, base64, pairingCode, expiresAt}` or null; times are ISO 8601.
 */
export interface EvolutionClient {
  /**
   * Queues a message: `{conversationId}` or `{remoteJid, instanceId}`, with `message`, `media` or
   * both. The same `clientMessageId` again sends nothing again. Rejects with `SEND_UNKNOWN` where
   * nobody knows whether it will be sent.
   *
   * @returns `{messageId, conversationId, …}` when it is stored; the row says what came of it.
   */
  readonly sendMessage: Call<"send_message_async">;
  /** {@linkcode EvolutionClient.sendMessage} by its other name. */
  readonly sendMedia: Call<"send_media_async">;
  /**
   * Sends a failed message again, once, however often it is clicked. Rejects with
   * `MAY_HAVE_BEEN_SENT` where it may arrive twice, unless `confirmDuplicate` is true.
   */
  readonly retryMessage: Call<"retry_message">;
  /**
   * The file of a message, `{media: {type, url, base64, mimetype, fileName}}`: at `url`, or in `base64`
   * where that is null. `asBytes` asks for the file where the address does not work any more. Rejects with
   * `MEDIA_GONE` (`place.reason` says why), `MEDIA_TOO_LARGE` (over 16 MB), or `MEDIA_UNAVAILABLE` where
   * the gateway could not fetch it.
   *
   * @example
   * ```ts
   * const { media } = await evolution.getMedia({ messageId });
   * image.src = media.url ?? `data:${media.mimetype};base64,${media.base64}`;
   * ```
   */
  readonly getMedia: Call<"get_media">;
  /** The caller's numbers, or one organization's: `{instances}`. */
  readonly listInstances: CallWithout<"list_instances">;
  /** One number, `{instance}`; may be polled, the gateway is not asked. */
  readonly getStatus: Call<"get_status">;
  /**
   * One number, and a look at its session as soon as may be: `{instance, look: {dueAt, reason}}`. The
   * scheduler makes the look, within ten seconds; {@linkcode EvolutionClient.getStatus} then says what
   * it found (`lastAliveAt`, `watch.finding`).
   */
  readonly refreshStatus: Call<"refresh_status">;
  /**
   * What happened, oldest first: `{events, lastId}`, 1 to 200 of them (50 unless `limit` says). Poll
   * it with the last `lastId` as `afterId`.
   */
  readonly listEvents: CallWithout<"list_events">;
  /** The QR to scan, `{qr, status, reason, retryAfterSeconds}`; 0 seconds: nothing to wait for. */
  readonly getQrCode: Call<"get_qrcode">;
  /** Makes a number, here and at the gateway: `{instance, qr}`. */
  readonly createInstance: Call<"create_instance">;
  /** Disconnects by hand, `{status, logout, registry}`: nothing reconnects the number by itself. */
  readonly disconnectInstance: Call<"disconnect_instance">;
  /** Brings a number back: `{status, qr}`. */
  readonly reconnectInstance: Call<"reconnect_instance">;
  /** Brings its webhook at the gateway up to date: `{url, added, removed}`. */
  readonly updateWebhook: Call<"update_webhook">;
  /** What an organization has chosen, `{settings: {canaries}}`; for every member. */
  readonly getSettings: Call<"get_settings">;
  /**
   * Chooses, `{settings}`: whether silent numbers are asked by canaries whether they hear. Rejects with
   * `FORBIDDEN` unless an owner or an admin asks.
   */
  readonly updateSettings: Call<"update_settings">;
  /** Where an organization's people are told of its numbers: `{channels}`. */
  readonly listAlertChannels: Call<"list_alert_channels">;
  /** Makes a channel, or with `channelId` changes one: `{channel}`, without its secrets. */
  readonly saveAlertChannel: Call<"save_alert_channel">;
  /** Sends a word of trial by a channel; `lastOutcome` then says how it ended. */
  readonly testAlertChannel: Call<"test_alert_channel">;
  /** Deletes a channel. */
  readonly deleteAlertChannel: Call<"delete_alert_channel">;
  /**
   * Erases all that is here of the customer of a conversation, `{receipt}`; for owners and admins.
   * Asked again it says how far it has come.
   */
  readonly eraseCustomer: Call<"erase_customer">;
  /**
   * Deletes a number, its name typed as `confirmName`; `force` also without the gateway's word.
   *
   * @returns `{nameFreed, warning?}`.
   */
  readonly deleteInstance: Call<"delete_instance">;
}

/**
 * Makes a client. Calls nothing yet.
 *
 * @param invoke {@linkcode invokeWithSupabase}, {@linkcode invokeWithFetch}, or your own.
 * @example
 * ```ts
 * const evolution = createEvolutionClient(invokeWithSupabase(supabase.functions));
 * const { instances } = await evolution.listInstances();
 * const { messageId } = await evolution.sendMessage({ conversationId, message: "Hello" });
 * ```
 */
export function createEvolutionClient(invoke: Invoke): EvolutionClient {
  const call = <A extends ActionName>(action: A) => (request: ActionRequest<A>) =>
    callAction(invoke, action, request);
  return {
    sendMessage: call("send_message_async"),
    sendMedia: call("send_media_async"),
    retryMessage: call("retry_message"),
    getMedia: call("get_media"),
    listInstances: (request = {}) => call("list_instances")(request),
    getStatus: call("get_status"),
    refreshStatus: call("refresh_status"),
    listEvents: (request = {}) => call("list_events")(request),
    getQrCode: call("get_qrcode"),
    createInstance: call("create_instance"),
    disconnectInstance: call("disconnect_instance"),
    reconnectInstance: call("reconnect_instance"),
    updateWebhook: call("update_webhook"),
    getSettings: call("get_settings"),
    updateSettings: call("update_settings"),
    listAlertChannels: call("list_alert_channels"),
    saveAlertChannel: call("save_alert_channel"),
    testAlertChannel: call("test_alert_channel"),
    deleteAlertChannel: call("delete_alert_channel"),
    eraseCustomer: call("erase_customer"),
    deleteInstance: call("delete_instance"),
  };
}

async function callAction<A extends ActionName>(
  invoke: Invoke,
  action: A,
  request: ActionRequest<A>,
): Promise<ActionResponse<A>> {
  const { status, body } = await invoke({ ...request, action });
  const failed = z.safeParse(errorResponse, body).data;
  if (failed !== undefined) {
    const { success: _, errorCode, retryable, error, ...place } = failed;
    throw new EvolutionApiError(status, errorCode, retryable, error, place);
  }
  const answer = z.safeParse<z.core.$ZodType>(CONTRACTS[action].response, body);
  if (status < 200 || status > 299 || !answer.success) {
    throw new EvolutionApiError(
      status,
      "UNREADABLE_ANSWER",
      status >= 500,
      `${action}: HTTP ${status}, an answer of an unknown shape`,
      {},
      { cause: answer.error },
    );
  }
  // The schema was looked up by the action's name, which the compiler does not follow.
  return answer.data as ActionResponse<A>;
}
