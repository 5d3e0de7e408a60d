/**
 * Gaps that are to be compared, in the database: leases, and what each page came to.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceAddress } from "../_shared/contracts/instance-row.ts";
import type { Database } from "../_shared/runtime/database.ts";
import { leaseByTick } from "../_shared/runtime/leases.ts";
import type { PageRecord } from "./decide.ts";

const leases = z.array(z.object({
  gap_id: z.uuid(),
  instance_id: z.uuid(),
  token: z.uuid(),
  ...instanceAddress.shape,
  version: z.nullable(z.string()),
  window_from: z.string(),
  window_until: z.string(),
  page: z.int(),
  page_size: z.int(),
  tick_started: z.string(),
}));

/** The right to compare one number's gap until the lease ends. */
export type Lease = Readonly<z.infer<typeof leases>[number]>;

const recorded = z.union([
  z.object({
    next: z.literal("more"),
    window_until: z.string(),
    page: z.int(),
    page_size: z.int(),
  }),
  z.object({ next: z.enum(["later", "done", "given_up", "overtaken"]) }),
]);

/** What follows from a page. */
type Recorded = Readonly<z.infer<typeof recorded>>;

/** One tick's view of the gaps. Each call may throw what {@linkcode Database.call} throws. */
export interface WorkList {
  /** Takes up to `limit` numbers that have one due; none twice in one tick. */
  lease(limit: number): Promise<readonly Lease[]>;
  /** Stores what a page held; ends the lease unless there is more. */
  record(lease: Lease, page: PageRecord): Promise<Recorded>;
}

/**
 * Makes the work list of one tick.
 *
 * @param leaseSeconds When a lease ends by itself.
 */
export function createWorkList(database: Database, leaseSeconds: number): WorkList {
  return {
    lease: leaseByTick(database, "lease_gaps", leases, leaseSeconds),
    record: ({ gap_id, token }, page) =>
      database.call("record_gap_page", {
        p_gap_id: gap_id,
        p_token: token,
        p_page: page,
      }, recorded),
  };
}
