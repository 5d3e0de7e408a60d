/**
 * Bytes as hexadecimal digits: what tells a text again, and what nobody guesses.
 *
 * @module
 */

/** Two digits a byte, in lower case. */
function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** 256 bits, as a header can carry them. */
export function randomSecret(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(32)));
}

/** A text's SHA-256, as 64 digits. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toHex(new Uint8Array(digest));
}
