/**
 * A number's row and its gateway: how the one reaches the other, whether to connect it, and what a
 * connect came to. Whoever connects, the scheduler or a person, decides and records by this.
 *
 * What nobody knows (no answer, a wrong key, an answer of an unknown shape) is `unknown`: it changes
 * nothing but the timeline, because unknown is not disconnected.
 *
 * @module
 */

import { createGateway, type Gateway, type GatewayEffects, type GatewayLimits } from "./client.ts";
import type { ConnectOutcome, Fault, Measured, RegistryOutcome } from "./outcomes.ts";

/** Where a number's gateway is, as SQL functions hand it over. */
export interface InstanceAddress {
  /** Its name at the gateway. */
  readonly instance_name: string;
  /** `https://host`, with or without a path. */
  readonly api_url: string;
  /** A secret. */
  readonly api_key: string;
}

/** Makes the client of a row's gateway. */
export function gatewayOf(
  row: InstanceAddress,
  effects: GatewayEffects,
  limits?: Partial<GatewayLimits>,
): Gateway {
  const address = { apiUrl: row.api_url, apiKey: row.api_key, instanceName: row.instance_name };
  return createGateway(address, effects, limits);
}

/** How it was found out; goes into the event. No number, no QR. */
export interface Finding<Step extends string> {
  /** The call. */
  readonly step: Step;
  /** How long it took. */
  readonly ms: number;
  /** Absent where there was no HTTP answer. */
  readonly httpStatus?: number;
}

/** Why nothing is known. */
export type Unknown = Exclude<Fault["outcome"], "not_found">;

/** What `record_connect` is told. */
export type ConnectRecord =
  & Finding<"registry" | "memory" | "connect">
  & (
    | { readonly result: "registry_open" | "open" | "no_qr_yet" | "refused" | "not_found" }
    | {
      readonly result: "qr";
      readonly qr: Readonly<Record<"code" | "base64" | "pairing_code", string | null>>;
    }
    | { readonly result: "unknown"; readonly outcome: Unknown }
  );

/** What follows from the registry. `connecting`: who asks decides whether to connect into it. */
export type RegistryDecision =
  | { readonly next: "record"; readonly record: ConnectRecord }
  | { readonly next: "connect" | "connecting" };

/** Decides by what the gateway's registry says; one that says `open` never leads to a connect. */
export function decideByRegistry(registry: RegistryOutcome): RegistryDecision {
  const seen = finding("registry", registry);
  switch (registry.outcome) {
    case "open":
      return { next: "record", record: { result: "registry_open", ...seen } };
    case "close":
      return { next: "connect" };
    case "connecting":
      return { next: "connecting" };
    case "not_found":
      return { next: "record", record: { result: "not_found", ...seen } };
    default:
      return { next: "record", record: { result: "unknown", outcome: registry.outcome, ...seen } };
  }
}

/** Says what a connect came to. */
export function readConnect(connect: ConnectOutcome): ConnectRecord {
  const seen = finding("connect", connect);
  switch (connect.outcome) {
    case "open":
    case "no_qr_yet":
    case "refused":
    case "not_found":
      return { result: connect.outcome, ...seen };
    case "qr": {
      const { code, base64, pairingCode } = connect;
      return { result: "qr", qr: { code, base64, pairing_code: pairingCode }, ...seen };
    }
    default:
      return { result: "unknown", outcome: connect.outcome, ...seen };
  }
}

/** Says by which call something was found out. */
export function finding<Step extends string>(
  step: Step,
  { ms, httpStatus }: Measured,
): Finding<Step> {
  return { step, ms, ...(httpStatus === undefined ? {} : { httpStatus }) };
}
