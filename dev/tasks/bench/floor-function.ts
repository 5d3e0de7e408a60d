/**
 * The least that a function for people can be: it verifies whose token it is, and makes one call to
 * the database that stores a row.
 *
 * @module
 */

import * as z from "zod/mini";
import { requireUser } from "../../../supabase/functions/_shared/http/auth.ts";
import { jsonResponse, serveJson } from "../../../supabase/functions/_shared/http/serve.ts";
import { createUserEffects } from "../../../supabase/functions/evolution-api/authenticator.ts";
import type { FunctionHandler } from "../../platform/functions.ts";

/** Under which the stack serves it. */
export const FLOOR_FUNCTION = "bench-floor";

const asked = z.object({ id: z.string(), content: z.string() });

/** Makes it; the functions' environment has to be set. */
export function createFloorFunction(): FunctionHandler {
  const { authenticator, database, log } = createUserEffects();
  return serveJson(FLOOR_FUNCTION, log, async (request) => {
    await requireUser(request, authenticator);
    const { id, content } = z.parse(asked, await request.json());
    // In the benchmark's own database, so that no generated type knows it.
    await database.call("bench_insert" as "suspect_session", {
      p_id: id,
      p_content: content,
    } as never, z.string());
    return jsonResponse(200, { success: true });
  });
}
