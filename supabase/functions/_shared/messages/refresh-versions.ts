/**
 * The gateways' versions, kept in the database: what a send's repair and the ladder's tick ask for.
 *
 * @module
 */

import * as z from "zod/mini";
import { isLogoutSafe } from "../gateway/capabilities.ts";
import { findGateway } from "../gateway/versions.ts";
import type { Effects } from "../runtime/effects.ts";

/**
 * Reads the versions that are due and writes them down. Where a gateway says nothing, what it said
 * before stands.
 *
 * @param limit How many gateways at most; all at once.
 * @param instanceId A number whose repair begins: only its gateway.
 * @throws {DatabaseError} Where the database did not answer.
 */
export async function refreshVersions(
  limit: number,
  effects: Pick<Effects, "database" | "fetch" | "clock">,
  instanceId?: string,
): Promise<void> {
  const due = await effects.database.call("claim_gateway_versions", {
    p_limit: limit,
    ...(instanceId === undefined ? {} : { p_instance_id: instanceId }),
  }, z.array(z.string()));
  await Promise.all(due.map(async (apiUrl) => {
    const found = await findGateway(apiUrl, effects);
    if (found.kind === "page" || found.kind === "silent") return;
    const { version, support, safe, deafens } = found.kind === "unusable"
      ? { version: found.what, support: "unusable", safe: false, deafens: false }
      : {
        version: found.version,
        support: found.assumed ? "assumed" : "known",
        safe: isLogoutSafe(found.capabilities),
        deafens: !found.capabilities.hearsAfterLogout.is,
      };
    await effects.database.call("record_gateway_version", {
      p_api_url: apiUrl,
      p_version: version,
      p_logout_safe: safe,
      p_support: support,
      p_logout_deafens: deafens,
    }, z.unknown());
  }));
}
