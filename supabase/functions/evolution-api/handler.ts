/**
 * `evolution-api`: what a user may ask. This file only routes.
 *
 * @module
 */

import { z } from "zod";
import type { ActionName } from "../_shared/contracts/actions.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { requireUser } from "../_shared/http/auth.ts";
import { ApiError } from "../_shared/http/errors.ts";
import { readJson, type RequestContext, serveJson } from "../_shared/http/serve.ts";
import { parseRequest } from "../_shared/http/validation.ts";
import { createInstance } from "./actions/create-instance.ts";
import { deleteInstance } from "./actions/delete-instance.ts";
import { disconnectInstance } from "./actions/disconnect-instance.ts";
import { getQrCode } from "./actions/get-qrcode.ts";
import { getStatus } from "./actions/get-status.ts";
import { listEvents } from "./actions/list-events.ts";
import { listInstances } from "./actions/list-instances.ts";
import { reconnectInstance } from "./actions/reconnect-instance.ts";
import { retryMessage } from "./actions/retry-message.ts";
import { sendMessageAsync } from "./actions/send-message-async.ts";

type Action = (
  body: unknown,
  userId: string,
  effects: Effects,
  context: RequestContext,
) => Promise<Response>;

const BY_NAME: Readonly<Record<ActionName, Action>> = {
  send_message_async: sendMessageAsync,
  send_media_async: sendMessageAsync,
  retry_message: retryMessage,
  list_instances: listInstances,
  get_status: getStatus,
  list_events: listEvents,
  get_qrcode: getQrCode,
  create_instance: createInstance,
  disconnect_instance: disconnectInstance,
  reconnect_instance: reconnectInstance,
  delete_instance: deleteInstance,
};

const ACTIONS: ReadonlyMap<string, Action> = new Map(Object.entries(BY_NAME));

/** 16 MB of media as base64, and room for the rest. In bytes. */
const MAX_BODY_BYTES = 24 * 1024 * 1024;

const logged = z.object({
  action: z.string().max(64).optional().catch(undefined),
  instanceId: z.uuid().optional().catch(undefined),
  conversationId: z.uuid().optional().catch(undefined),
  messageId: z.uuid().optional().catch(undefined),
});

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("evolution-api", effects.log, async (request, context) => {
    const userId = await requireUser(request, effects.authenticator);
    const json = await readJson(request, MAX_BODY_BYTES);
    const body = parseRequest(z.looseObject({}), json, context.language);
    const { action, instanceId, conversationId, messageId } = logged.parse(body);
    const known = action === undefined ? undefined : ACTIONS.get(action);
    // Names the instance, or the conversation where the request names no instance.
    context.log.write("info", "request", {
      ...(known === undefined || action === undefined ? {} : { action }),
      ...(instanceId !== undefined
        ? { instanceId }
        : conversationId !== undefined
        ? { conversationId }
        : messageId !== undefined
        ? { messageId }
        : {}),
    });
    if (known === undefined) {
      throw new ApiError("UNKNOWN_ACTION", {
        field: "action",
        detail: `action: ${[...ACTIONS.keys()].join(" | ")}`,
      });
    }
    return await known(body, userId, effects, context);
  });
}
