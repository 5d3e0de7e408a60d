/**
 * One leased instance: look it up in the registry, connect where it is closed, write down what
 * came of it.
 *
 * @module
 */

import type { Gateway } from "../_shared/gateway/client.ts";
import { decideByConnect, decideByRegistry, type ReconnectRecord } from "./decide.ts";
import type { Lease, WorkList } from "./work-list.ts";

/**
 * How an instance's turn ended.
 * - `skipped`: it was no longer ours to connect (disconnected by hand, already back, out of
 *   attempts); nothing was called and nothing written.
 * - any other: what was found. `overtaken`: something newer, usually the webhook, had changed the
 *   row by then, and the finding was not written over it.
 */
export type TurnEnd =
  | { readonly result: "skipped" }
  | { readonly result: ReconnectRecord["result"]; readonly overtaken: boolean };

/**
 * Takes one instance's turn.
 *
 * @throws What {@linkcode WorkList} throws; without a counted attempt there is no connect.
 */
export async function reconnectInstance(
  lease: Lease,
  gateway: Pick<Gateway, "registry" | "connect">,
  workList: Pick<WorkList, "beginAttempt" | "record">,
): Promise<TurnEnd> {
  const decision = decideByRegistry(await gateway.registry());
  let found: ReconnectRecord;
  if (decision.next === "record") {
    found = decision.record;
  } else {
    if (!await workList.beginAttempt(lease)) return { result: "skipped" };
    found = decideByConnect(await gateway.connect());
  }
  const written = await workList.record(lease, found);
  return { result: found.result, overtaken: !written };
}
