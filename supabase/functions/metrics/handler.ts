/**
 * `metrics`: what the database has counted, for a Prometheus that shows the token. Without a token in
 * the environment there is no such page. Only reads, in one query.
 *
 * @module
 */

import * as z from "zod/mini";
import { requireBearer } from "../_shared/http/auth.ts";
import { ApiError } from "../_shared/http/errors.ts";
import { serveJson } from "../_shared/http/serve.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { CONTENT_TYPE, writeExposition } from "./exposition.ts";
import { FAMILIES } from "./families.ts";

const samples = z.array(z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  value: z.number(),
}));

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("metrics", effects.log, async (request) => {
    const { metricsTokens } = effects;
    if (metricsTokens.length === 0) throw new ApiError("METRICS_OFF");
    requireBearer(request, metricsTokens);
    const read = await effects.database.call("read_metrics", {}, samples);
    return new Response(writeExposition(FAMILIES, read), {
      headers: { "content-type": CONTENT_TYPE, "cache-control": "no-store" },
    });
  }, ["GET", "POST"]);
}
