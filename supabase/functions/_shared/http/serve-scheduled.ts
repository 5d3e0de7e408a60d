/**
 * The frame around what the scheduler calls: its secret, one line in the log and an answer, both of
 * counts only.
 *
 * @module
 */

import type { Effects } from "../runtime/effects.ts";
import type { TurnsTaken } from "../runtime/leases.ts";
import type { Log } from "../runtime/log.ts";
import { requireCronSecret } from "./auth.ts";
import { jsonResponse, serveJson } from "./serve.ts";

/**
 * Wraps a scheduled function. Its answer says how much it had to work on (`leased`), what came of it,
 * by name, and why more may be due (`stopped`).
 *
 * @param name The function's name, for the log.
 * @param run One tick.
 */
export function serveScheduled(
  name: string,
  { log, cronSecrets, clock }: Pick<Effects, "log" | "cronSecrets" | "clock">,
  run: (log: Log) => Promise<TurnsTaken>,
): (request: Request) => Promise<Response> {
  return serveJson(name, log, async (request, { log }) => {
    requireCronSecret(request, cronSecrets);
    const began = clock.monotonicMs();
    const { leased, counts, stopped } = await run(log);
    log.write(leased > 0 ? "info" : "debug", "tick", {
      counts: { leased, ...counts },
      ms: Math.round(clock.monotonicMs() - began),
      reason: stopped ?? undefined,
    });
    return jsonResponse(200, { success: true, leased, ...counts, stopped });
  });
}
