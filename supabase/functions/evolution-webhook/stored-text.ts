/**
 * Text from outside on its way into the database.
 *
 * @module
 */

import { z } from "zod";

/**
 * Makes any string one that PostgreSQL stores: no NUL, no half of a surrogate pair. With either of
 * them the write would fail every time, and the gateway would repeat it for nothing.
 */
export function storable(text: string): string {
  return text.replaceAll("\u0000", "").toWellFormed();
}

/** Text that must be there. */
export const storedText = z.string().transform(storable);

/** Text that may be missing; of any other type it counts as missing. */
export const optionalText = storedText.nullish().catch(null).transform((text) => text || null);

/** An id: 1 to 200 characters. */
export const storedId = storedText.pipe(z.string().min(1).max(200));
