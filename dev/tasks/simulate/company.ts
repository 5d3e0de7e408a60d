/**
 * The companies of a run, and what is remembered of them.
 *
 * @module
 */

import type { SeededCompany } from "../../platform/seed.ts";
import type { Policy } from "../shared/kinds.ts";

/** An organization's number beside its first one. */
export type Partner = Pick<SeededCompany, "instanceId" | "instanceName" | "phone">;

/** A company of the run. */
export interface Company extends SeededCompany {
  readonly token: string;
  policy: Policy;
  /** Since when it has this policy, in virtual ms. */
  policySince: number;
  /** Its other number, which nobody uses; null: there is none. */
  readonly partner: Partner | null;
}

/** Good messages in a webhook that held a bad one too. */
export interface MixedInbound {
  readonly instanceName: string;
  readonly instanceId: string;
  /** Which of the number's webhooks it was. */
  readonly sent: number;
  /** The ids that WhatsApp gave the good ones. */
  readonly ids: readonly string[];
}

/** What WhatsApp refused after the send. */
export interface Refusal {
  readonly instanceName: string;
  /** The id that WhatsApp gave it. */
  readonly id: string;
  /** The customer had it before. */
  readonly acked: boolean;
}
