/**
 * A number's row, as SQL functions hand it over to the functions.
 *
 * @module
 */

import * as z from "zod/mini";

/**
 * Where a number's gateway is, as SQL functions hand it over: its name there, `https://host` with or
 * without a path, and the key, a secret.
 */
export const instanceAddress = z.object({
  instance_name: z.string(),
  api_url: z.string(),
  api_key: z.string(),
});

/** The same, and how to send from it and repair it. */
export const instanceConnection = z.extend(instanceAddress, {
  id: z.uuid(),
  phone_number: z.nullable(z.string()),
  confirm_at_ms: z.array(z.number()),
  policy: z.enum(["logout-first", "keep-pairing"]),
});

/** See {@linkcode instanceConnection}. */
export type InstanceConnection = z.infer<typeof instanceConnection>;
