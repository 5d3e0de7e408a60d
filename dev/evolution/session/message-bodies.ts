/**
 * What messages say, as Evolution prints it in answers and webhooks.
 *
 * @module
 */

import type { Gateway } from "../model/gateway.ts";
import type { MessageKind } from "../model/instance.ts";

/** What a message says. */
export type Content = { readonly kind: "text"; readonly text: string } | {
  readonly kind: Exclude<MessageKind, "text">;
  readonly mimetype: string;
  /** Where the file is, or the file itself in base64. */
  readonly media: string;
  readonly caption?: string | undefined;
  readonly fileName?: string | undefined;
};

/** `messageType`. */
export function messageType({ kind }: Content): string {
  return kind === "text" ? "conversation" : `${kind}Message`;
}

/** `message`: the part that WhatsApp carries. */
export function messageBody(gateway: Gateway, content: Content, outgoing: boolean): object {
  if (content.kind === "text") return { conversation: content.text };
  const { random } = gateway.settings;
  const path = `/m/${random.hex(12)}`;
  const { media } = content;
  gateway.files.upload(path, /^https?:/.test(media) || media === "" ? btoa(media || path) : media);
  const image = content.kind === "image"
    ? { interactiveAnnotations: [], scanLengths: [], annotations: [] }
    : {};
  const file = {
    ...image,
    url: `https://mmg.whatsapp.invalid${path}`,
    mimetype: content.mimetype,
    ...(content.caption === undefined ? {} : { caption: content.caption }),
    ...(content.kind === "document" ? { fileName: content.fileName ?? "file" } : {}),
    fileSha256: byteMap(random.bytes(32)),
    fileLength: { low: content.media.length, high: 0, unsigned: true },
    ...(content.kind === "audio" ? { ptt: true } : {}),
    mediaKey: byteMap(random.bytes(32)),
    fileEncSha256: byteMap(random.bytes(32)),
    directPath: path,
    mediaKeyTimestamp: { low: gateway.seconds(), high: 0, unsigned: false },
    ...(outgoing ? { contextInfo: contextInfo(gateway, content) } : {}),
  };
  return { [messageType(content)]: file };
}

/** `contextInfo` of a message that the number itself sends. */
export function contextInfo(gateway: Gateway, content: Content): object {
  const twoDaysAgo = gateway.seconds() - 172_800;
  return {
    mentionedJid: [],
    groupMentions: [],
    ...(content.kind === "audio" ? { statusAttributions: [] } : {}),
    ephemeralSettingTimestamp: { low: twoDaysAgo, high: 0, unsigned: false },
    disappearingMode: { initiator: 0 },
  };
}

/** Bytes as JSON.stringify prints a Uint8Array. */
function byteMap(bytes: Uint8Array): Record<string, number> {
  return Object.fromEntries(bytes.entries());
}
