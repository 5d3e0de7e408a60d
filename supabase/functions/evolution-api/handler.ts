/**
 * `evolution-api`: what a user may ask. This file only routes.
 *
 * @module
 */

import * as z from "zod/mini";
import { type ActionName, CONTRACTS } from "../_shared/contracts/actions.ts";
import { DatabaseError } from "../_shared/runtime/database.ts";
import { requireUser } from "../_shared/http/auth.ts";
import { ApiError } from "../_shared/http/errors.ts";
import { createConversationQueue } from "../_shared/messages/conversation-queue.ts";
import { LARGEST_MEDIA_BYTES } from "../_shared/runtime/byte-budget.ts";
import { readRequest, type RequestBody } from "../_shared/http/read-request.ts";
import { serveJson } from "../_shared/http/serve.ts";
import { parseRequest } from "../_shared/http/validation.ts";
import type { ActionRequest, Call } from "./action.ts";
import {
  deleteAlertChannel,
  listAlertChannels,
  saveAlertChannel,
  testAlertChannel,
} from "./actions/alert-channels.ts";
import { createInstance } from "./actions/create-instance.ts";
import { deleteInstance } from "./actions/delete-instance.ts";
import { disconnectInstance } from "./actions/disconnect-instance.ts";
import { eraseCustomer } from "./actions/erase-customer.ts";
import { getMedia } from "./actions/get-media.ts";
import { getQrCode } from "./actions/get-qrcode.ts";
import { getStatus } from "./actions/get-status.ts";
import { listEvents } from "./actions/list-events.ts";
import { listInstances } from "./actions/list-instances.ts";
import { reconnectInstance } from "./actions/reconnect-instance.ts";
import { refreshStatus } from "./actions/refresh-status.ts";
import { retryMessage } from "./actions/retry-message.ts";
import { sendMessageAsync } from "./actions/send-message-async.ts";
import { getSettings, updateSettings } from "./actions/settings.ts";
import { updateWebhook } from "./actions/update-webhook.ts";
import type { UserEffects } from "./authenticator.ts";
import { createMediaMemory, LARGE_BODY_BYTES } from "./media-memory.ts";

const ACTIONS: {
  readonly [A in ActionName]: (request: ActionRequest<A>, call: Call) => Promise<Response>;
} = {
  send_message_async: sendMessageAsync,
  send_media_async: sendMessageAsync,
  retry_message: retryMessage,
  get_media: getMedia,
  list_instances: listInstances,
  get_status: getStatus,
  refresh_status: refreshStatus,
  list_events: listEvents,
  get_qrcode: getQrCode,
  create_instance: createInstance,
  disconnect_instance: disconnectInstance,
  reconnect_instance: reconnectInstance,
  delete_instance: deleteInstance,
  update_webhook: updateWebhook,
  get_settings: getSettings,
  update_settings: updateSettings,
  list_alert_channels: listAlertChannels,
  save_alert_channel: saveAlertChannel,
  test_alert_channel: testAlertChannel,
  delete_alert_channel: deleteAlertChannel,
  erase_customer: eraseCustomer,
};

/** A body, in bytes: the largest media, and of the rest what is read as text. */
const LIMITS = { body: LARGEST_MEDIA_BYTES, rest: 2 * 1024 * 1024 };

/** What is not what it should be is as good as absent. */
const named = <T>(schema: z.ZodMiniType<T>) => z.catch(z.optional(schema), undefined);

const logged = z.object({
  action: named(z.string().check(z.maxLength(64))),
  instanceId: named(z.uuid()),
  conversationId: named(z.uuid()),
  messageId: named(z.uuid()),
});

/** Makes the function. */
export function createHandler(effects: UserEffects): (request: Request) => Promise<Response> {
  const queue = createConversationQueue(effects.clock);
  const memory = createMediaMemory(effects.clock);
  return serveJson("evolution-api", effects.log, async (request, { language, log }) => {
    const userId = await requireUser(request, effects.authenticator);
    const room = memory.forCall(effects.background);
    try {
      const large = {
        bytes: LARGE_BODY_BYTES,
        admit: (announced: number) => room.takeForRequest(announced || LIMITS.body),
      };
      const read = await readRequest(request, LIMITS, large, room.tooSlow);
      if (read.bytes > LARGE_BODY_BYTES && !holdsMedia(read.json)) {
        throw new ApiError("PAYLOAD_TOO_LARGE");
      }
      room.keep(read.media);
      return await answer(read);
    } finally {
      room.leave();
    }
    async function answer({ json, media }: RequestBody): Promise<Response> {
      const body = parseRequest(z.looseObject({}), json, language);
      const { action, instanceId, conversationId, messageId } = logged.parse(body);
      const known = isAction(action) ? action : undefined;
      // Names the instance, or the conversation where the request names no instance.
      log.write("info", "request", {
        action: known,
        ...(instanceId ? { instanceId } : conversationId ? { conversationId } : { messageId }),
      });
      if (known === undefined) {
        throw new ApiError("UNKNOWN_ACTION", {
          field: "action",
          detail: `action: ${Object.keys(ACTIONS).join(" | ")}`,
        });
      }
      const sending = { ...effects, background: room.background };
      const call = { userId, effects: sending, queue, room, media, language, log };
      return await perform(known, body, call);
    }
  });
}

const withMedia = z.object({ media: z.object({ base64: z.string() }) });

function holdsMedia(json: unknown): boolean {
  return z.safeParse(withMedia, json).success;
}

function isAction(name: string | undefined): name is ActionName {
  return name !== undefined && Object.hasOwn(ACTIONS, name);
}

/** What changes nothing, or nothing that a second call would change again. */
const LOOKING: ReadonlySet<ActionName> = new Set([
  "get_media",
  "list_instances",
  "get_status",
  "refresh_status",
  "list_events",
  "get_qrcode",
  "get_settings",
  "list_alert_channels",
]);

async function perform<A extends ActionName>(
  name: A,
  body: unknown,
  call: Call,
): Promise<Response> {
  // The compiler does not see that a name's contract reads what its action takes.
  const request = parseRequest<unknown>(CONTRACTS[name].request, body, call.language);
  try {
    return await ACTIONS[name](request as ActionRequest<A>, call);
  } catch (error) {
    if (!(error instanceof DatabaseError) || !error.mayBeDone || LOOKING.has(name)) throw error;
    throw new ApiError("OUTCOME_UNKNOWN", {}, { cause: error });
  }
}
