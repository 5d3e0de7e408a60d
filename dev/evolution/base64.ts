/**
 * Base64 for bytes.
 *
 * @module
 */

/** `bytes` in standard base64. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
