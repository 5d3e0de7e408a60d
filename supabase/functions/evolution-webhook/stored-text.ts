/**
 * Text from outside on its way into the database.
 *
 * @module
 */

import { z } from "zod";
import { storable } from "../_shared/http/validation.ts";

/** Text that must be there. */
export const storedText = z.string().transform(storable);

/** Text that may be missing; of any other type it counts as missing. */
export const optionalText = storedText.nullish().catch(null).transform((text) => text || null);

/** An id: 1 to 200 characters. */
export const storedId = storedText.pipe(z.string().min(1).max(200));
