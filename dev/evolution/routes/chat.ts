/**
 * `/chat/…`: questions to WhatsApp.
 *
 * @module
 */

import { z } from "zod";
import { type Answer, connectionClosedBoom, failure, ok } from "../answers.ts";
import { channelOf, QUERY_TIMEOUT_MS } from "../session/channel.ts";
import { isOnWhatsApp, jidOf } from "../session/whatsapp.ts";
import { checkBody } from "./body.ts";
import type { InstanceCall, Route } from "./route.ts";

const ProfileBody = z.object({ number: z.string() });
const NumbersBody = z.object({ numbers: z.array(z.string()) });

/** `/chat/…`. */
export const chatRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/chat/fetchBusinessProfile",
    name: "fetchBusinessProfile",
    scope: "instance",
    handle: fetchBusinessProfile,
  },
  {
    method: "POST",
    path: "/chat/whatsappNumbers",
    name: "whatsappNumbers",
    scope: "instance",
    handle: whatsappNumbers,
  },
  {
    method: "GET",
    path: "/chat/fetchPrivacySettings",
    name: "fetchPrivacySettings",
    scope: "instance",
    handle: fetchPrivacySettings,
  },
];

/** The one question that goes to WhatsApp every time. */
async function fetchBusinessProfile({ world, instance, body }: InstanceCall): Promise<Answer> {
  const checked = checkBody(ProfileBody, body);
  if (!checked.ok) return checked.answer;
  const { number } = checked.value;
  const channel = channelOf(instance);
  if (channel === "limbo") {
    return failure(500, "Cannot read properties of undefined (reading 'fetchBusinessProfile')");
  }
  const failed = (why: string) => failure(500, ["Error updating profile name", why]);
  if (channel === "none") {
    return failed("TypeError: Cannot read properties of undefined (reading 'getBusinessProfile')");
  }
  // Measured: no answer in B2 either, although its websocket is closed half of the time.
  if (channel === "silent" || channel === "pairing" || instance.ghost === "B2") {
    await world.sleep(QUERY_TIMEOUT_MS);
    return failed("Error: Timed Out");
  }
  if (channel === "live") await world.roundTrip();
  if (channelOf(instance) !== "live") return failed("Error: Connection Closed");
  const jid = jidOf(number);
  return ok({
    isBusiness: false,
    message: "Not is business profile",
    jid,
    exists: isOnWhatsApp(jid),
    number: jid.split("@")[0],
  });
}

/** Known numbers come from a cache, whatever the state of the websocket. */
async function whatsappNumbers({ world, instance, body }: InstanceCall): Promise<Answer> {
  const checked = checkBody(NumbersBody, body);
  if (!checked.ok) return checked.answer;
  const jids = checked.value.numbers.map(jidOf);
  if (!jids.every((jid) => world.verifiedNumbers.has(jid))) {
    const channel = channelOf(instance);
    if (channel === "limbo" || channel === "none") {
      return failure(500, "Cannot read properties of undefined (reading 'onWhatsApp')");
    }
    if (channel === "silent" || channel === "pairing") {
      await world.sleep(QUERY_TIMEOUT_MS);
      return failure(500, "Cannot read properties of undefined (reading 'find')");
    }
    if (channel === "live") await world.roundTrip();
    if (channelOf(instance) !== "live") return connectionClosedBoom;
    for (const jid of jids) if (isOnWhatsApp(jid)) world.verifiedNumbers.add(jid);
  }
  return ok(jids.map((jid) => ({ jid, exists: isOnWhatsApp(jid), number: jid.split("@")[0] })));
}

/** Answered from a cache too. */
function fetchPrivacySettings({ instance }: InstanceCall): Answer {
  if (channelOf(instance) === "none") return connectionClosedBoom;
  const settings = ["readreceipts", "profile", "status", "online", "last", "groupadd"];
  return ok(Object.fromEntries(settings.map((name) => [name, "all"])));
}
