/**
 * What must not come of one call or one webhook: a pairing that is lost, a report that is lost.
 *
 * @module
 */

import type postgres from "postgres";
import type { Company } from "../company.ts";
import { isByPerson } from "../invocations.ts";
import type { GatewayCall } from "../network.ts";

/** From a change of policy until no repair under the old one goes on, in ms. */
const POLICY_SETTLES_MS = 300_000;

/**
 * With keep-pairing no automatic logout costs a pairing that could have healed.
 *
 * @param logout It cost the pairing.
 * @param company Whose it was.
 * @returns What is wrong; null: nothing.
 */
export function judgeLoss(
  { by, instance, issuedAt }: GatewayCall,
  company: Company,
): string | null {
  // The watch logs out what a person disconnected, and nothing else.
  const byPerson = isByPerson(by) || by === "watch-instances";
  const isKept = company.policy === "keep-pairing" &&
    issuedAt - company.policySince > POLICY_SETTLES_MS;
  return isKept && !byPerson ? `${by} cost ${instance} its pairing under keep-pairing` : null;
}

/**
 * A webhook was answered so that the gateway does not send it again, though its secret is right.
 *
 * @returns What is wrong; null: its number is not there any more.
 */
export async function judgeRefusal(
  sql: postgres.Sql,
  { instanceId, instanceName }: Company,
  status: number,
): Promise<string | null> {
  const [row] = await sql`select from public.whatsapp_instances
    where id = ${instanceId} and deleted_at is null`;
  return row === undefined ? null : `refused for good: a webhook of ${instanceName} with ${status}`;
}
