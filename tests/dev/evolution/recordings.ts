/**
 * In which state each recording of the real gateway was made, and what of it is compared.
 *
 * @module
 */

import type { GhostKind } from "../../../dev/evolution/model/ghost-kinds.ts";

/** The states that recordings were made in. */
export type Situation =
  | "nothing"
  | "never connected"
  | "open"
  | "webhook refused"
  | "two instances"
  | "three instances"
  | "qr waiting"
  | "logged out"
  | "device removed"
  | "login refused"
  | "restarted while refused"
  | "A1 with a false 201"
  | "A1 with a known recipient"
  | "B2 while it connects"
  | Extract<GhostKind, "A1" | "A2" | "B1" | "B2" | "B3">;

/** What a recording's name says of its state; the first that fits. */
const SITUATIONS: readonly (readonly [RegExp, Situation])[] = [
  [/^ghost-A1-.*-FALSE-201$/, "A1 with a false 201"],
  [/^ghost-A1-.*-warm-recipient$/, "A1 with a known recipient"],
  [/^ghost-A1__sendText-verified/, "A1 with a known recipient"],
  [/^ghost-A1[-_]/, "A1"],
  [/^ghost-A2[-_]/, "A2"],
  [/^ghost-B1[-_]/, "B1"],
  [/^ghost-B2-reject503__logout$/, "B2 while it connects"],
  [/^ghost-B2-/, "B2"],
  [/^ghost-B3[-_]/, "B3"],
  [/^ghost-C3-/, "restarted while refused"],
  [/^auth__logout__own-instance-token$/, "open"],
  [/^auth__|^create__duplicate$/, "two instances"],
  [/^fetchInstances-all$/, "three instances"],
  [/^webhook-find__after-no-events$/, "webhook refused"],
  [/__after-login-failure-/, "login refused"],
  [/__after-stream-401-device_removed$/, "device removed"],
  [/new-pairing$|^webhook-find__after-(?:create|set)$/, "open"],
  [/after-logout|^E__restart/, "logged out"],
  [/^connect__never-connected-second$|__qr-waiting$/, "qr waiting"],
  [/^create__|^delete__|unknown|__after-delete$|^root$/, "nothing"],
  [/__never-connected/, "never connected"],
  [/__open|^E__logout-healthy$|^(send|webhook-set)/, "open"],
];

/** The state that a recording was made in. */
export function situationOf(name: string): Situation {
  const situation = SITUATIONS.find(([names]) => names.test(name))?.[1];
  if (situation === undefined) throw new Error(`${name}: made in no state that is known`);
  return situation;
}

/** Keys whose values are compared, not only their types. */
const LITERAL_KEYS = new Set([
  ...["status", "state", "message", "error", "count", "event", "instance", "instanceName"],
  ...["connectionStatus", "disconnectionReasonCode", "integration", "messageType", "source"],
  ...["pushName", "fromMe", "enabled", "events", "statusReason", "statusCode"],
]);

/** What has to be the same: keys and types everywhere, values where they carry a meaning. */
export function shapeOf(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => shapeOf(item, key));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
    return Object.fromEntries(entries.map(([name, item]) => [name, shapeOf(item, name)]));
  }
  return value === null || LITERAL_KEYS.has(key) ? value : typeof value;
}
