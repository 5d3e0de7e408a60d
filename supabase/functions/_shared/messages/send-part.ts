/**
 * One message to the gateway, by the endpoint of its type.
 *
 * @module
 */

import type { MessagePart } from "../contracts/rows.ts";
import type { Gateway, SendOutcome } from "../gateway/client.ts";

/** To whom, and in answer to what. */
export interface Envelope {
  readonly remoteJid: string;
  readonly quotedId: string | null;
}

/** Sends one message. Never throws. */
export function sendPart(
  gateway: Gateway,
  part: MessagePart,
  envelope: Envelope,
): Promise<SendOutcome> {
  const number = recipient(envelope.remoteJid);
  const quoted = envelope.quotedId === null ? {} : { quotedId: envelope.quotedId };
  if (part.type === "text") {
    return gateway.sendText({ number, text: part.content ?? "", ...quoted });
  }
  const media = part.base64 ?? part.mediaUrl ?? "";
  if (part.type === "audio") return gateway.sendAudio({ number, audio: media, ...quoted });
  return gateway.sendMedia({
    number,
    mediatype: part.type,
    media,
    ...(part.mimetype === null ? {} : { mimetype: part.mimetype }),
    ...(part.fileName === null ? {} : { fileName: part.fileName }),
    ...(part.caption === null ? {} : { caption: part.caption }),
    ...quoted,
  });
}

/** Groups and hidden numbers keep their jid; a person is the digits. */
function recipient(remoteJid: string): string {
  return remoteJid.replace(/@s\.whatsapp\.net$/, "");
}
