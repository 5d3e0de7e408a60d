/**
 * The connect that has to follow a scan, on versions whose pairing does not finish by itself.
 *
 * @module
 */

import type { Gateway } from "../_shared/gateway/client.ts";
import { readConnect } from "../_shared/gateway/instance.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { Lease, WorkList } from "./work-list.ts";

/**
 * From one look at the memory to the next, in ms. A pairing that finishes by itself closes its socket,
 * too, and opens the next after 3 s (read, of 2.4.0-rc).
 */
const SCANNED_FOR_MS = 5_000;

/**
 * After a scan the gateway ignores the close that ends every pairing: its registry still says
 * `connecting`, its memory stays `close`, and only a connect logs in. A code that may still be scanned
 * has the memory say `connecting`.
 */
export async function followScan(
  lease: Lease,
  gateway: Pick<Gateway, "memory" | "connect">,
  workList: Pick<WorkList, "beginScanConnect" | "recordScanConnect">,
  clock: Pick<Clock, "sleep">,
): Promise<void> {
  if ((await gateway.memory()).outcome !== "close") return;
  await clock.sleep(SCANNED_FOR_MS);
  if ((await gateway.memory()).outcome !== "close") return;
  const token = await workList.beginScanConnect(lease);
  if (token === null) return;
  await workList.recordScanConnect(lease, token, readConnect(await gateway.connect()));
}
