/**
 * What messages say and are called: each its own, so that whoever finds one knows which it is.
 *
 * @module
 */

/** A message's id, chosen by the client. */
export function messageId(message: number): string {
  return `00000000-0000-4000-8000-${String(message).padStart(12, "0")}`;
}

/** A message's text; no other message has it. */
export function messageText(message: number): string {
  return `message no. ${message};`;
}

/** One request of so many pictures; each caption is the message's text with its place. */
export function pictures(message: number, parts: number): string {
  return Array.from(
    { length: parts },
    (_, part) =>
      `[IMAGE]https://media.test/${message}-${part}.jpg\n${messageText(message)} ${part}`,
  ).join("\n");
}
