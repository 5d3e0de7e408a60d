/**
 * What a send comes to, by the state of the websocket. The wording differs by kind and by whether
 * the number is in the gateway's cache, because each takes another way through Evolution.
 *
 * @module
 */

import { type Answer, created, failure } from "../answers.ts";
import { type Channel, channelOf, QUERY_TIMEOUT_MS } from "../session/channel.ts";
import { accept, deliver, isOnWhatsApp, type Outgoing } from "../session/whatsapp.ts";
import type { InstanceCall } from "./route.ts";

/** What Evolution itself takes, on top of the time-out, on a silent socket. */
const AFTER_TIMEOUT_MS = 50;

/** The three ways to send. */
export type Way = "text" | "media" | "audio";

const METHODS = { text: "textMessage", media: "mediaMessage", audio: "audioWhatsapp" } as const;

/** Sends, or answers why not. */
export async function send(call: InstanceCall, way: Way, message: Outgoing): Promise<Answer> {
  const { world, instance } = call;
  const verified = message.jid.endsWith("@g.us") || world.verifiedNumbers.has(message.jid);
  const channel = channelOf(instance);
  if (channel === "live") return await sendLive(call, way, message, verified);
  if (channel === "silent" || (channel === "pairing" && !verified && way !== "media")) {
    await world.sleep(QUERY_TIMEOUT_MS + AFTER_TIMEOUT_MS);
    // Measured: 201 PENDING after 60 s, and the message was lost.
    if (instance.falseSuccess && verified) return created(accept(world, instance, message));
  }
  return refusal(channel, way, verified);
}

async function sendLive(
  { world, instance }: InstanceCall,
  way: Way,
  message: Outgoing,
  verified: boolean,
): Promise<Answer> {
  await world.roundTrip();
  const channel = channelOf(instance);
  if (channel !== "live") return refusal(channel, way, verified);
  const { jid, number } = message;
  if (!isOnWhatsApp(jid)) return failure(400, [{ jid, exists: false, number }]);
  deliver(world, instance, message);
  return created(accept(world, instance, message));
}

function refusal(channel: Exclude<Channel, "live">, way: Way, verified: boolean): Answer;
function refusal(channel: Channel, way: Way, verified: boolean): Answer {
  switch (channel) {
    case "limbo":
      return failure(500, `Cannot read properties of undefined (reading '${METHODS[way]}')`);
    case "none":
      return missingClient(way, verified);
    case "pairing":
      return verified || way === "media"
        ? refused(way, "TypeError: Cannot read properties of undefined (reading 'id')")
        : failure(500, "Cannot read properties of undefined (reading 'find')");
    case "silent":
      return verified || way === "media"
        ? refused(way, "Error: Connection Closed")
        : failure(500, "Cannot read properties of undefined (reading 'find')");
    case "dying":
      return verified && way !== "media" ? failure(400, ["1006"]) : closed(way, verified);
    default:
      return closed(way, verified);
  }
}

function closed(way: Way, verified: boolean): Answer {
  return verified || way === "media"
    ? refused(way, "Error: Connection Closed")
    : failure(500, "Connection Closed");
}

function missingClient(way: Way, verified: boolean): Answer {
  const reading = (property: string) =>
    `Cannot read properties of undefined (reading '${property}')`;
  if (way === "media") return failure(500, [`TypeError: ${reading("waUploadToServer")}`]);
  return verified
    ? failure(400, [`TypeError: ${reading("sendMessage")}`])
    : failure(500, reading("onWhatsApp"));
}

/** Media fails in the upload, the others in the send itself. */
function refused(way: Way, message: string): Answer {
  return failure(way === "media" ? 500 : 400, [message]);
}
