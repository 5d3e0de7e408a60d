/**
 * What large media may take of an isolate's memory, in bytes.
 *
 * @module
 */

/** One message's: 16 MB as base64, and what is said of it. */
export const LARGEST_MEDIA_BYTES = 24 * 1024 * 1024;

/**
 * All at once. An isolate has 256 MB; a function without work has 65 to 80 of them, and what was let
 * go stays a while until it is collected.
 */
export const MEDIA_MEMORY_BYTES = 2 * LARGEST_MEDIA_BYTES;
