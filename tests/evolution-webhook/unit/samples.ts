/**
 * What Evolution 2.3.7 really sent.
 *
 * @module
 */

import { z } from "zod";

const sample = z.object({
  headers: z.record(z.string(), z.string()),
  body: z.looseObject({ event: z.string(), date_time: z.string(), apikey: z.string() }),
});

function read(name: string): readonly z.infer<typeof sample>[] {
  const url = new URL(`../../fixtures/evolution-2.3.7/${name}`, import.meta.url);
  return z.array(sample).min(1).parse(JSON.parse(Deno.readTextFileSync(url)));
}

/** One webhook of every shape. */
export const samples = read("webhook-samples.json");

/** Signed with `s3cret-per-instance-key`. */
export const authSamples = read("webhook-auth-samples.json");
