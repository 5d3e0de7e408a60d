/**
 * How long, and how much, the gateway may take.
 *
 * @module
 */

/** Time limits in milliseconds, and the size of an answer in bytes. */
export interface GatewayLimits {
  /** A send. A half-open socket answers after 60 s: less would hide what it says. */
  readonly send: number;
  /** Logout. Answers within 0.2 s in every state that was measured. */
  readonly logout: number;
  /** The probe. A live socket answers in 0.1 s, a half-open one not at all. */
  readonly probe: number;
  /** Registry, memory and the webhook's settings, reading and writing. */
  readonly read: number;
  /** Connect. Answers after 2.2 s where a socket has to be opened. */
  readonly connect: number;
  /** Restart. Answers within 0.2 s. */
  readonly restart: number;
  /** Create (5.3 s with a QR code) and delete. */
  readonly create: number;
  /** What is read of an answer; the rest is dropped. */
  readonly bodyBytes: number;
}

/** Measured on Evolution API 2.3.7, with room. */
export const GATEWAY_LIMITS: GatewayLimits = {
  send: 70_000,
  logout: 10_000,
  probe: 8_000,
  read: 8_000,
  connect: 20_000,
  restart: 20_000,
  create: 30_000,
  bodyBytes: 2_000_000,
};
