/**
 * `evolution-api`: what a user may ask. This file only routes.
 *
 * @module
 */

import { z } from "zod";
import type { Effects } from "../_shared/effects.ts";
import { ApiError } from "../_shared/errors.ts";
import { readJson, type RequestContext, serveJson } from "../_shared/http.ts";
import { parseRequest } from "../_shared/validation.ts";
import { sendMessageAsync } from "./send-message-async.ts";

type Action = (
  body: unknown,
  userId: string,
  effects: Effects,
  context: RequestContext,
) => Promise<Response>;

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ["send_message_async", sendMessageAsync],
]);

/** 16 MB of media as base64, and room for the rest. In bytes. */
const MAX_BODY_BYTES = 24 * 1024 * 1024;

const logged = z.object({
  action: z.string().max(64).optional().catch(undefined),
  instanceId: z.uuid().optional().catch(undefined),
  conversationId: z.uuid().optional().catch(undefined),
});

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("evolution-api", effects.log, async (request, context) => {
    const userId = await effects.authenticator.user(request);
    const json = await readJson(request, MAX_BODY_BYTES);
    const body = parseRequest(z.looseObject({}), json, context.language);
    const { action, instanceId, conversationId } = logged.parse(body);
    const known = action === undefined ? undefined : ACTIONS.get(action);
    // Names the instance, or the conversation where the request names no instance.
    context.log.write("info", "request", {
      ...(known === undefined || action === undefined ? {} : { action }),
      ...(instanceId !== undefined
        ? { instanceId }
        : conversationId !== undefined
        ? { conversationId }
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
