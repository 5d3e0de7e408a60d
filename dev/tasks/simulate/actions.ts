/**
 * What may happen in a run. Each action carries all its parameters and how long the world goes on
 * afterwards, so that any part of a list of actions is a history of its own.
 *
 * @module
 */

import type { Fault } from "../../evolution/session/gate.ts";
import type { WhatsAppChange } from "../../evolution/control/control.ts";
import type { GhostOptions } from "../../evolution/session/ghosts.ts";
import type { GhostKind } from "../../evolution/model.ts";
import type { WebhookFaults } from "../../evolution/webhooks/webhooks.ts";
import type { Policy } from "../ghosts/kinds.ts";
import { SCHEDULED_FUNCTIONS } from "../../platform/scheduler.ts";

/** Who may be struck down in the middle of its work. */
export const MORTALS = ["send", "webhook", ...SCHEDULED_FUNCTIONS] as const;
/** One of {@linkcode MORTALS}. */
export type Mortal = typeof MORTALS[number];

/**
 * What happens to one request to the database.
 * - `refused`: it never arrives;
 * - `answer lost`: it is done, and the answer does not come back;
 * - `late`: it is done 12 s later, when the caller has given up;
 * - `slow`: it is done, and the answer takes 6 s.
 */
export type DatabaseFault = "refused" | "answer lost" | "late" | "slow";

/** What people do. */
export type UserAction =
  | { readonly kind: "send"; readonly company: number; readonly message: number }
  | { readonly kind: "send again"; readonly company: number; readonly message: number }
  | { readonly kind: "retry"; readonly company: number; readonly message: number }
  | {
    readonly kind: "disconnect" | "reconnect" | "delete" | "ask for QR" | "scan" | "trespass";
    readonly company: number;
  }
  | { readonly kind: "policy"; readonly company: number; readonly policy: Policy }
  | { readonly kind: "hold"; readonly company: number; readonly on: boolean };

/** What happens to sessions, WhatsApp and the gateway. */
export type WorldAction =
  | {
    readonly kind: "ghost";
    readonly company: number;
    readonly ghost: GhostKind;
    readonly options: GhostOptions;
  }
  | { readonly kind: "blip"; readonly company: number }
  | { readonly kind: "inbound"; readonly company: number }
  /** No company: everybody. */
  | { readonly kind: "whatsapp"; readonly change: WhatsAppChange; readonly company: number | null }
  | { readonly kind: "gateway down"; readonly on: boolean }
  | { readonly kind: "process restart"; readonly forgets: readonly number[] };

/** What goes wrong between the parts. */
export type FaultAction =
  | { readonly kind: "webhook faults"; readonly faults: WebhookFaults }
  | { readonly kind: "gateway fault"; readonly route: string; readonly fault: Fault }
  /** The next call of the route reaches the gateway so much later. */
  | { readonly kind: "gateway delay"; readonly route: string; readonly ms: number }
  | { readonly kind: "database fault"; readonly fn: string; readonly fault: DatabaseFault }
  /** The next `who` never goes on after so many effects. */
  | { readonly kind: "kill"; readonly who: Mortal; readonly afterEffects: number };

/** One thing that happens, and how long the world goes on until the next. */
export type Action = (UserAction | WorldAction | FaultAction) & { readonly thenMs: number };

/** A run: how it begins, and what happens. */
export interface Plan {
  readonly seed: number;
  /** Each company's policy at the start; the number of companies. */
  readonly policies: readonly Policy[];
  readonly actions: readonly Action[];
}

/** A line for people. */
export function describe(action: Action): string {
  const { kind, thenMs, ...rest } = action;
  const details = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [kind, ...details, `then ${Math.round(thenMs / 1000)} s`].join("  ");
}
