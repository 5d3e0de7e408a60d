/**
 * The gateways' versions, kept in the database: what a send's repair and the ladder's tick ask for.
 *
 * @module
 */

import * as z from "zod/mini";
import { type Capabilities, isLogoutSafe } from "../gateway/capabilities.ts";
import { findGateway, type Found } from "../gateway/versions.ts";
import type { Effects } from "../runtime/effects.ts";
import { errorName, type Log } from "../runtime/log.ts";

/**
 * Reads the versions that are due and writes them down. Where a gateway says nothing, what it said
 * before stands.
 *
 * @param limit How many gateways at most; all at once.
 * @param instanceId A number that is about to be touched: only its gateway, unless it said its version
 * a moment ago.
 * @returns What was found, in no order.
 * @throws {DatabaseError} Where the database did not answer.
 */
export async function refreshVersions(
  limit: number,
  effects: Pick<Effects, "database" | "fetch" | "clock">,
  instanceId?: string,
): Promise<readonly Found[]> {
  const due = await effects.database.call("claim_gateway_versions", {
    p_limit: limit,
    ...(instanceId === undefined ? {} : { p_instance_id: instanceId }),
  }, z.array(z.string()));
  return await Promise.all(due.map(async (apiUrl) => {
    const found = await findGateway(apiUrl, effects);
    if (found.kind === "page" || found.kind === "silent") return found;
    const said = found.kind === "unusable"
      ? { p_version: found.what, p_support: "unusable", ...NOTHING }
      : {
        p_version: found.version,
        p_support: found.assumed ? "assumed" : "known",
        ...toColumns(found.capabilities),
      };
    await effects.database.call(
      "record_gateway_version",
      { p_api_url: apiUrl, ...said },
      z.unknown(),
    );
    return found;
  }));
}

/** The same where the work goes on without: what could not be read is logged. Never throws. */
export async function tryRefreshVersions(
  limit: number,
  effects: Pick<Effects, "database" | "fetch" | "clock">,
  log: Log,
  instanceId?: string,
): Promise<readonly Found[]> {
  try {
    return await refreshVersions(limit, effects, instanceId);
  } catch (error) {
    log.write("error", "version_not_read", { error: errorName(error) });
    return [];
  }
}

/** What may be done at a gateway, as its row keeps it. */
function toColumns(can: Capabilities) {
  return {
    p_logout_safe: isLogoutSafe(can),
    p_logout_deafens: !can.hearsAfterLogout.is,
    p_deletes_zombies: can.deletesZombies.is,
    p_connect_after_scan: !can.pairsAfterLogout.is,
  };
}

/** Where nobody knows what would happen. */
const NOTHING = {
  p_logout_safe: false,
  p_logout_deafens: false,
  p_deletes_zombies: false,
  p_connect_after_scan: false,
};
