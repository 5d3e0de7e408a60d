/**
 * The frontend's client of `evolution-api`: typed requests, checked answers, errors with a code.
 * No API of Deno's: browsers and Node import it too.
 *
 * ```ts
 * const evolution = createEvolutionClient(invokeWithSupabase(supabase.functions));
 * const { instances } = await evolution.listInstances();
 * ```
 *
 * @module
 */

import {
  type ActionName,
  type ActionRequest,
  type ActionResponse,
  CONTRACTS,
  errorResponse,
} from "../supabase/functions/_shared/contracts/actions.ts";

/** An HTTP answer, its JSON parsed. */
export interface InvokedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Calls the function `evolution-api` with a body. Rejects where there was no answer at all. */
export type Invoke = (body: Readonly<Record<string, unknown>>) => Promise<InvokedAnswer>;

/** An action that was refused, failed, or gave an answer that does not hold its contract. */
export class EvolutionApiError extends Error {
  override readonly name = "EvolutionApiError";
  /**
   * @param status The HTTP status.
   * @param code The answer's `errorCode`; `UNREADABLE_ANSWER` where it has none.
   * @param retryable Whether the same request can succeed later.
   * @param message A sentence for a person.
   * @param place Which field of the request, why (a word), and the request's id for the log.
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
    } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

type Call<A extends ActionName> = (request: ActionRequest<A>) => Promise<ActionResponse<A>>;
type CallWithout<A extends ActionName> = (request?: ActionRequest<A>) => Promise<ActionResponse<A>>;

/** The actions. Each rejects with {@linkcode EvolutionApiError}, or with what `invoke` threw. */
export interface EvolutionClient {
  /** Queues a message; the same `clientMessageId` again sends nothing again. */
  readonly sendMessage: Call<"send_message_async">;
  /** {@linkcode EvolutionClient.sendMessage} by its other name. */
  readonly sendMedia: Call<"send_media_async">;
  /** Sends a failed message again, once, however often it is clicked. */
  readonly retryMessage: Call<"retry_message">;
  /** The caller's numbers. */
  readonly listInstances: CallWithout<"list_instances">;
  /** One number; may be polled. */
  readonly getStatus: Call<"get_status">;
  /** What happened; poll it with the last `lastId`. */
  readonly listEvents: CallWithout<"list_events">;
  /** The QR to scan; poll it after `retryAfterSeconds`. */
  readonly getQrCode: Call<"get_qrcode">;
  /** Makes a number. */
  readonly createInstance: Call<"create_instance">;
  /** Disconnects by hand. */
  readonly disconnectInstance: Call<"disconnect_instance">;
  /** Brings a number back. */
  readonly reconnectInstance: Call<"reconnect_instance">;
  /** Deletes a number, its name typed; `force` also without the gateway's word. */
  readonly deleteInstance: Call<"delete_instance">;
}

/** Makes a client. Calls nothing yet. */
export function createEvolutionClient(invoke: Invoke): EvolutionClient {
  const call = <A extends ActionName>(action: A) => (request: ActionRequest<A>) =>
    callAction(invoke, action, request);
  return {
    sendMessage: call("send_message_async"),
    sendMedia: call("send_media_async"),
    retryMessage: call("retry_message"),
    listInstances: (request = {}) => call("list_instances")(request),
    getStatus: call("get_status"),
    listEvents: (request = {}) => call("list_events")(request),
    getQrCode: call("get_qrcode"),
    createInstance: call("create_instance"),
    disconnectInstance: call("disconnect_instance"),
    reconnectInstance: call("reconnect_instance"),
    deleteInstance: call("delete_instance"),
  };
}

async function callAction<A extends ActionName>(
  invoke: Invoke,
  action: A,
  request: ActionRequest<A>,
): Promise<ActionResponse<A>> {
  const { status, body } = await invoke({ ...request, action });
  const failed = errorResponse.safeParse(body).data;
  if (failed !== undefined) {
    const { errorCode, retryable, error, field, reason, requestId } = failed;
    throw new EvolutionApiError(status, errorCode, retryable, error, { field, reason, requestId });
  }
  const answer = CONTRACTS[action].response.safeParse(body);
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
