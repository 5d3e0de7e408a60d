/**
 * What a gateway's answer that ends an action means for the caller.
 *
 * @module
 */

import { ApiError, type ErrorCode, type ErrorPlace } from "../_shared/http/errors.ts";
import type { Fault, Refused } from "../_shared/gateway/outcomes.ts";

const CODES = {
  not_found: "INSTANCE_MISSING_AT_GATEWAY",
  unauthorized: "GATEWAY_UNAUTHORIZED",
  timeout: "GATEWAY_TIMEOUT",
  unreachable: "GATEWAY_UNREACHABLE",
  invalid: "GATEWAY_ERROR",
  refused: "GATEWAY_REFUSED",
} as const satisfies Record<GatewayFailure, ErrorCode>;

/** The ends of a call that are no result. */
export type GatewayFailure = (Fault | Refused)["outcome"];

/** Whether a call ended without a result. */
export function isGatewayFailure(outcome: string): outcome is GatewayFailure {
  return Object.hasOwn(CODES, outcome);
}

/**
 * Makes the error of a call that ended without a result.
 *
 * @param place Where in the request, and what is known of the consequences.
 */
export function gatewayError(outcome: GatewayFailure, place: ErrorPlace = {}): ApiError {
  return new ApiError(CODES[outcome], place);
}
