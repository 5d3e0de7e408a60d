/**
 * `release-held-messages`: every minute, messages that wait for a number go out once it lives.
 * Called by a scheduler; answers counts only.
 *
 * @module
 */

import { z } from "zod";
import { requireCronSecret } from "../_shared/http/auth.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { createGateway } from "../_shared/gateway/client.ts";
import { jsonResponse, serveJson } from "../_shared/http/serve.ts";
import { errorName, type Log } from "../_shared/runtime/log.ts";
import { fromStored, storedPart } from "../_shared/contracts/rows.ts";
import {
  type InstanceConnection,
  instanceConnection,
  sendMessages,
} from "../_shared/messages/send-messages.ts";
import { releaseInstance } from "./release-instance.ts";

/** Numbers released at once in one tick; the rest have theirs at the next. */
const INSTANCES = 50;

/** Longer than any release: probe 8 s, 40 s of messages, the last one with its repair 120 s. */
const LEASE_SECONDS = 300;

const leases = z.array(z.object({
  instance_id: z.uuid(),
  token: z.uuid(),
  connection: instanceConnection,
}));

const claimed = z.array(z.object({
  ...storedPart.shape,
  remote_jid: z.string(),
  quoted_whatsapp_message_id: z.string().nullable(),
}));

type HeldMessage = z.infer<typeof claimed>[number];

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("release-held-messages", effects.log, async (request, { log }) => {
    requireCronSecret(request, effects.cronSecrets);
    const due = await effects.database.call("lease_held_releases", {
      p_limit: INSTANCES,
      p_lease_seconds: LEASE_SECONDS,
    }, leases);
    const sent = await Promise.all(due.map((lease) => release(lease, effects, log)));
    return jsonResponse(200, {
      success: true,
      instances: due.length,
      sent: sent.reduce((total, count) => total + count, 0),
    });
  });
}

/** @returns How many messages left. A fault stops this number alone, until its lease ends. */
async function release(
  { instance_id: id, token, connection }: z.infer<typeof leases>[number],
  effects: Effects,
  log: Log,
): Promise<number> {
  const instanceLog = log.with({ instanceId: id });
  const gateway = createGateway({
    apiUrl: connection.api_url,
    apiKey: connection.api_key,
    instanceName: connection.instance_name,
  }, effects);
  try {
    const { sent, ended } = await releaseInstance({
      clock: effects.clock,
      probe: () => gateway.probe(connection.phone_number ?? ""),
      claim: async () => {
        const [message] = await effects.database.call("claim_held_message", {
          p_instance_id: id,
          p_token: token,
        }, claimed);
        return message ?? null;
      },
      send: (message) => send(message, connection, effects, instanceLog),
    });
    instanceLog.write("info", "held_released", { count: sent, reason: ended });
    await effects.database.call(
      "end_held_release",
      { p_instance_id: id, p_token: token },
      z.unknown(),
    );
    return sent;
  } catch (error) {
    instanceLog.write("error", "release_failed", { error: errorName(error) });
    return 0;
  }
}

async function send(
  message: HeldMessage,
  instance: InstanceConnection,
  effects: Effects,
  log: Log,
): Promise<boolean> {
  const failure = await sendMessages(
    {
      instance,
      envelope: { remoteJid: message.remote_jid, quotedId: message.quoted_whatsapp_message_id },
      parts: [fromStored(message)],
      // Nobody's request is open any more; the product's own language.
      language: "pt",
    },
    effects,
    log,
  );
  return failure === null;
}
