/**
 * Numbers whose messages wait, in the database: leases, and one message after the other.
 *
 * @module
 */

import * as z from "zod/mini";
import { storedPart } from "../_shared/messages/message-part.ts";
import { instanceConnection } from "../_shared/contracts/instance-row.ts";
import type { Database } from "../_shared/runtime/database.ts";

const leases = z.array(z.object({
  instance_id: z.uuid(),
  token: z.uuid(),
  connection: instanceConnection,
}));

/** The right to send one number's waiting messages until the lease ends. */
export type Lease = Readonly<z.infer<typeof leases>[number]>;

const claimed = z.array(z.object({
  ...storedPart.shape,
  remote_jid: z.string(),
  quoted_whatsapp_message_id: z.nullable(z.string()),
}));

/** Who claims has taken room for it before. */
const ADMITTED = { bytes: Infinity, admit: () => Promise.resolve() };

/** A message that is the caller's to send, once. */
type HeldMessage = Readonly<z.infer<typeof claimed>[number]>;

/** One tick's view of the numbers. Each call may throw what {@linkcode Database.call} throws. */
export interface WorkList {
  /** Takes up to `limit` numbers. */
  lease(limit: number): Promise<readonly Lease[]>;
  /**
   * Claims the number's next message; null when none waits or it is not ours to send from. The same
   * `token` again, after an answer that was lost, is the same message. Long media comes as bytes.
   */
  claim(lease: Lease, token: string): Promise<HeldMessage | null>;
  /** Says in words why messages failed, where only the reason's code was stored. */
  explainFailures(sentences: Readonly<Record<string, string>>): Promise<unknown>;
  /** Ends the lease. */
  end(lease: Lease): Promise<unknown>;
}

/** Makes the work list; leases end by themselves after `leaseSeconds`. */
export function createWorkList(database: Database, leaseSeconds: number): WorkList {
  const held = ({ instance_id, token }: Lease) => ({ p_instance_id: instance_id, p_token: token });
  return {
    lease: (limit) =>
      database.call(
        "lease_held_releases",
        { p_limit: limit, p_lease_seconds: leaseSeconds },
        leases,
      ),
    claim: async (lease, token) => {
      const claim = { ...held(lease), p_claim: token };
      return (await database.call("claim_held_message", claim, claimed, ADMITTED))[0] ?? null;
    },
    explainFailures: (sentences) =>
      database.call("explain_failures", { p_sentences: sentences }, z.number()),
    end: (lease) => database.call("end_held_release", held(lease), z.unknown()),
  };
}
