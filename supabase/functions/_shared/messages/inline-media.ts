/**
 * Media inside a message's text, as existing frontends send it:
 * `Look [IMAGE]https://example.com/cat.jpg` and, on the next line, the caption.
 *
 * @module
 */

import type { MediaType } from "../contracts/send-message.ts";

/** A piece of a message. */
export type InlinePiece =
  | { readonly kind: "text"; readonly text: string }
  | {
    readonly kind: "media";
    readonly type: MediaType;
    readonly url: string;
    readonly caption: string | null;
  };

const MARKER = /\[(IMAGE|VIDEO|AUDIO|DOCUMENT)\](https:\/\/\S+)/g;

/**
 * Splits a text into what is sent as text and what is sent as media, in order. The first line after
 * a marker is its caption; what stands before it, and from the second line on, is text.
 *
 * @returns One text piece where there is no marker. No piece is empty.
 */
export function splitInlineMedia(message: string): InlinePiece[] {
  const markers = [...message.matchAll(MARKER)];
  if (markers.length === 0) return textPiece(message);
  const pieces: InlinePiece[] = textPiece(message.slice(0, markers[0]?.index));
  markers.forEach((marker, index) => {
    const after = message.slice(marker.index + marker[0].length, markers[index + 1]?.index);
    const { caption, rest } = splitCaption(after);
    pieces.push({
      kind: "media",
      type: marker[1]?.toLowerCase() as MediaType,
      url: marker[2] ?? "",
      caption,
    });
    pieces.push(...textPiece(rest));
  });
  return pieces;
}

function textPiece(text: string): InlinePiece[] {
  const trimmed = text.trim();
  return trimmed === "" ? [] : [{ kind: "text", text: trimmed }];
}

/** Text on the marker's own line is not a caption: it was written behind the picture. */
function splitCaption(after: string): { caption: string | null; rest: string } {
  const [sameLine = "", nextLine, ...others] = after.split(/\r?\n/);
  if (nextLine === undefined || sameLine.trim() !== "") return { caption: null, rest: after };
  return { caption: nextLine.trim() || null, rest: others.join("\n") };
}
