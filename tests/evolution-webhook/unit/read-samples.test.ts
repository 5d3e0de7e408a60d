import assert from "node:assert/strict";
import type { Change } from "../../../supabase/functions/evolution-webhook/changes.ts";
import {
  readEvent,
  type Reading,
} from "../../../supabase/functions/evolution-webhook/read-event.ts";
import { samples } from "./samples.ts";

const now = new Date("2026-11-22T22:00:00.000Z");
const at = (time: string) => new Date(`2026-11-22T${time}Z`);
const changes = (event: string, ...list: Change[]): Reading => ({
  outcome: "changes",
  event,
  changes: list,
  refused: [],
});
const connection = (
  state: "open" | "close" | "connecting" | "refused",
  reason: number | null,
  time: string,
  ownNumber: string | null = null,
): Reading =>
  changes("connection.update", { kind: "connection", state, reason, ownNumber, at: at(time) });
const message = (id: string, sentAt: string, content: Partial<MessageContent>): Reading =>
  changes("messages.upsert", {
    kind: "message",
    whatsappMessageId: id,
    remoteJid: "5511977776666@s.whatsapp.net",
    hiddenJid: null,
    fromMe: false,
    contactName: "Cliente Lab",
    sentAt: at(sentAt),
    content: { ...plain, ...content },
  });

type MessageContent = Extract<Change, { kind: "message" }>["content"];
const plain: MessageContent = {
  type: "text",
  content: null,
  mediaUrl: null,
  mediaMimeType: null,
  fileName: null,
  caption: null,
};

const QR = "2@NhklNhGMLY2pKsvXj5lhB/QsuHRUn9XU+cK0feoVw41L/ribkyc8qeqn45RejTEY,84VIIR27Zek4G/" +
  "9FAn//Ve5nGTiCA5kJnr9ak3Jq2DY=,J8oNhILADMj3/ciZWB9E3/tachMam+d3BydFLguxSQI=," +
  "YAHvjP4RXo5UGBWD/jMVWnEmaceyHGTzQ4BxexwszdA=";

/** What each of the recorded webhooks means, in their order. */
const meanings: readonly Reading[] = [
  connection("connecting", 200, "21:00:51.641"),
  changes("qrcode.updated", {
    kind: "qr",
    code: QR,
    base64: "data:image/png;base64,iVBORw0KGgoAAAANSU…",
    pairingCode: null,
    at: at("21:00:51.858"),
  }),
  connection("open", 200, "21:00:58.389", "5511900000001"),
  changes("send.message", {
    kind: "acknowledgement",
    whatsappMessageId: "3EB02054F8F7A6D3ED9238",
    status: "sent",
    message: {
      remoteJid: "5511988887777@s.whatsapp.net",
      hiddenJid: null,
      content: { ...plain, content: "hello lab" },
    },
    heard: false,
  }),
  changes("messages.update", {
    kind: "acknowledgement",
    whatsappMessageId: "3EB02054F8F7A6D3ED9238",
    status: "delivered",
    message: null,
    heard: true,
  }),
  changes("logout.instance", {
    kind: "connection",
    state: "close",
    reason: null,
    ownNumber: null,
    at: at("21:04:11.961"),
  }),
  connection("close", 401, "21:04:11.961"),
  // Noted there as a logout that was asked for.
  changes("status.instance", {
    kind: "connection",
    state: "close",
    reason: 401,
    ownNumber: null,
    at: at("21:04:11.956"),
  }, { kind: "logout" }),
  connection("close", 440, "21:08:38.825"),
  connection("close", 402, "21:23:30.092"),
  connection("close", 406, "21:23:30.150"),
  connection("close", 403, "21:23:30.124"),
  message("3A1526642262E73548C8", "21:34:55.000", { content: "oi, tudo bem?" }),
  changes("qrcode.updated"),
  connection("refused", 428, "21:36:09.232"),
  connection("refused", 428, "21:36:48.302"),
  message("3AE78E504B7FDB7DA6CB", "21:36:05.000", {
    type: "image",
    mediaMimeType: "image/jpeg",
    caption: "foto",
  }),
  connection("connecting", 200, "21:54:33.072"),
];

Deno.test("every recorded webhook has its meaning written down here", () => {
  assert.equal(samples.length, meanings.length);
});

for (const [index, { body }] of samples.entries()) {
  Deno.test(`the recorded ${body.event} (sample ${index}) means what is written down`, () => {
    assert.deepEqual(readEvent(body, now), meanings[index]);
  });
}

for (const { body } of samples) {
  const upper = body.event.toUpperCase().replaceAll(".", "_");
  Deno.test(`${upper} at ${body.date_time} means the same as ${body.event}`, () => {
    assert.deepEqual(readEvent({ ...body, event: upper }, now), readEvent(body, now));
  });
}

Deno.test("a change never holds the instance or the key that the body names", () => {
  for (const { body } of samples) {
    const reading = JSON.stringify(readEvent({ ...body, instance: "somebody-else" }, now));
    assert.ok(!reading.includes(body.apikey), body.event);
    assert.ok(!reading.includes("somebody-else"), body.event);
  }
});
