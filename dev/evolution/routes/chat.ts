/**
 * `/chat/…`: questions to WhatsApp, and to the gateway's own database.
 *
 * @module
 */

import { Hono } from "hono";
import { z } from "zod";
import { StoredWhere } from "../model/message-store.ts";
import { channelOf, isOnWhatsApp, jidOf, QUERY_TIMEOUT_MS } from "../session/channel.ts";
import { tellPresence } from "../session/outgoing.ts";
import {
  type Answer,
  cannotRead,
  CONNECTION_CLOSED_BOOM,
  created,
  failure,
  ok,
} from "./answers.ts";
import { getFile } from "./files.ts";
import { type Guard, type InstanceCall, withBody } from "./guard.ts";

/** `/chat/…`. */
export function chatRoutes(guard: Guard): Hono {
  const on = guard.onInstance.bind(guard);
  return new Hono()
    .post("/fetchBusinessProfile/:instance", on("fetchBusinessProfile", fetchBusinessProfile))
    .post("/findMessages/:instance", on("findMessages", findMessages))
    .post("/getBase64FromMediaMessage/:instance", on("getBase64FromMediaMessage", getFile))
    .post("/sendPresence/:instance", on("sendPresence", sendPresence))
    .delete(
      "/deleteMessageForEveryone/:instance",
      on("deleteMessageForEveryone", deleteMessage),
    )
    .post("/whatsappNumbers/:instance", on("whatsappNumbers", checkNumbers))
    .get("/fetchPrivacySettings/:instance", on("fetchPrivacySettings", fetchPrivacySettings));
}

const ProfileBody = z.object({ number: z.string() });

/** The one question that goes to WhatsApp every time. */
const fetchBusinessProfile = withBody(ProfileBody, async ({ gateway, instance, body }) => {
  const channel = channelOf(instance);
  if (channel === "limbo") return failure(500, cannotRead("fetchBusinessProfile"));
  const failed = (why: string) => failure(500, ["Error updating profile name", why]);
  if (channel === "none") return failed(`TypeError: ${cannotRead("getBusinessProfile")}`);
  const isAsked = channel === "pairing" && gateway.rules.probesWhilePairing;
  if (!isAsked && (channel === "silent" || channel === "pairing")) {
    await gateway.sleep(QUERY_TIMEOUT_MS);
    return failed("Error: Timed Out");
  }
  if (isAsked || channel === "live") await gateway.roundTrip();
  if (!isAsked && channelOf(instance) !== "live") return failed("Error: Connection Closed");
  const jid = jidOf(body.number);
  return ok({ isBusiness: false, message: "Not is business profile", ...lookUp(jid) });
});

const FindBody = z.object({
  where: StoredWhere.optional(),
  page: z.number().optional(),
  offset: z.number().optional(),
});

/** Answered from the database, whatever the state of the websocket. */
const findMessages = withBody(FindBody, ({ instance, body: { where = {}, page, offset } }) => {
  if (!instance.inMemory) return failure(500, cannotRead("fetchMessages"));
  return ok({ messages: instance.messages.find(where, page || 1, offset || 50) });
});

const PresenceBody = z.object({ number: z.string(), presence: z.string(), delay: z.number() });

const sendPresence = withBody(PresenceBody, async ({ gateway, instance, body }) => {
  if (channelOf(instance) !== "live") return CONNECTION_CLOSED_BOOM;
  await gateway.sleep(body.delay);
  tellPresence(gateway, instance, jidOf(body.number));
  return created({ presence: body.presence });
});

const DeleteBody = z.object({ id: z.string(), remoteJid: z.string(), fromMe: z.boolean() });

/** Answered from the HTTP path: says nothing about who hears. Read in the source, not measured. */
const deleteMessage = withBody(DeleteBody, async ({ gateway, instance, body }) => {
  if (channelOf(instance) !== "live") return CONNECTION_CLOSED_BOOM;
  await gateway.roundTrip();
  instance.messages.update(body.id, "DELETED");
  return created({ key: body, status: "PENDING" });
});

const NumbersBody = z.object({ numbers: z.array(z.string()) });

/** Known numbers come from a cache, whatever the state of the websocket. */
const checkNumbers = withBody(NumbersBody, async ({ gateway, instance, body }) => {
  const jids = body.numbers.map(jidOf);
  if (!jids.every((jid) => gateway.verifiedNumbers.has(jid))) {
    const channel = channelOf(instance);
    if (channel === "limbo" || channel === "none") return failure(500, cannotRead("onWhatsApp"));
    if (channel === "silent" || channel === "pairing") {
      await gateway.sleep(QUERY_TIMEOUT_MS);
      return failure(500, cannotRead("find"));
    }
    if (channel === "live") await gateway.roundTrip();
    if (channelOf(instance) !== "live") return CONNECTION_CLOSED_BOOM;
    for (const jid of jids) if (isOnWhatsApp(jid)) gateway.verifiedNumbers.add(jid);
  }
  return ok(jids.map(lookUp));
});

function lookUp(jid: string) {
  return { jid, exists: isOnWhatsApp(jid), number: jid.split("@")[0] };
}

/** Answered from a cache too. */
function fetchPrivacySettings({ instance }: InstanceCall): Answer {
  if (channelOf(instance) === "none") return CONNECTION_CLOSED_BOOM;
  const settings = ["readreceipts", "profile", "status", "online", "last", "groupadd"];
  return ok(Object.fromEntries(settings.map((name) => [name, "all"])));
}
