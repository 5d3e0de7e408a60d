/**
 * What an answer of the gateway means for a disconnected instance. Pure.
 *
 * The registry decides whether to connect at all; an instance that it calls `open` never gets a
 * connect. What nobody knows (no answer, a wrong key, an answer of an unknown shape) is `unknown`:
 * it changes nothing but the timeline, because unknown is not disconnected.
 *
 * @module
 */

import type { ConnectOutcome, Measured, RegistryOutcome } from "../_shared/gateway/outcomes.ts";

/** How it was found out; goes into the event. No number, no QR. */
interface Evidence {
  readonly step: "registry" | "connect";
  readonly ms: number;
  readonly httpStatus?: number;
}

/** Why nothing is known. */
export type Unknown = "unauthorized" | "timeout" | "unreachable" | "invalid";

/** What `record_connect` is told. */
export type ReconnectRecord =
  & Evidence
  & (
    | { readonly result: "registry_open" | "open" | "no_qr_yet" | "refused" | "not_found" }
    | {
      readonly result: "qr";
      readonly qr: {
        readonly code: string | null;
        readonly base64: string | null;
        readonly pairing_code: string | null;
      };
    }
    | { readonly result: "unknown"; readonly outcome: Unknown }
  );

/** What follows from the registry. */
export type RegistryDecision =
  | { readonly next: "record"; readonly record: ReconnectRecord }
  | { readonly next: "connect" };

/** Decides by what the gateway's registry says. */
export function decideByRegistry(registry: RegistryOutcome): RegistryDecision {
  const seen = evidence("registry", registry);
  switch (registry.outcome) {
    case "open":
      return { next: "record", record: { result: "registry_open", ...seen } };
    case "close":
    case "connecting":
      return { next: "connect" };
    case "not_found":
      return { next: "record", record: { result: "not_found", ...seen } };
    case "unauthorized":
    case "timeout":
    case "unreachable":
    case "invalid":
      return {
        next: "record",
        record: { result: "unknown", outcome: registry.outcome, ...seen },
      };
  }
}

/** Says what a connect came to. The attempt was counted before it was made. */
export function decideByConnect(connect: ConnectOutcome): ReconnectRecord {
  const seen = evidence("connect", connect);
  switch (connect.outcome) {
    case "open":
    case "no_qr_yet":
    case "refused":
    case "not_found":
      return { result: connect.outcome, ...seen };
    case "qr":
      return {
        result: "qr",
        qr: {
          code: connect.code,
          base64: connect.base64,
          pairing_code: connect.pairingCode,
        },
        ...seen,
      };
    case "unauthorized":
    case "timeout":
    case "unreachable":
    case "invalid":
      return { result: "unknown", outcome: connect.outcome, ...seen };
  }
}

function evidence(step: Evidence["step"], { ms, httpStatus }: Measured): Evidence {
  return { step, ms, ...(httpStatus === undefined ? {} : { httpStatus }) };
}
