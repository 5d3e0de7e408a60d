/**
 * What the doctor can find, in words.
 *
 * @module
 */

/** Something that is missing or wrong. */
export interface Finding {
  /** Stable, for scripts. */
  readonly code: FindingCode;
  /** What is wrong; a sentence. */
  readonly what: string;
  /** What to do about it; a sentence or a command. */
  readonly remedy: string;
}

/** Every finding there is. */
export type FindingCode =
  | "adopted_nothing"
  | "adopted_migration"
  | "adopted_otherwise"
  | "adopted_refused"
  | "unreachable"
  | "wrong_key"
  | "missing_migration"
  | "paused"
  | "repair_off"
  | "watch_off"
  | "watch_blind"
  | "cron_missing"
  | "cron_inactive"
  | "cron_failing"
  | "vault_missing"
  | "vault_address"
  | "cron_secret_refused"
  | "function_missing"
  | "function_jwt"
  | "function_broken"
  | "instance_unknown"
  | "credentials_missing"
  | "gateway_unreachable"
  | "gateway_unusable"
  | "gateway_version"
  | "logout_unsafe_here"
  | "maybe_deaf"
  | "gateway_key"
  | "gateway_instance_missing"
  | "webhook_missing"
  | "webhook_elsewhere"
  | "webhook_events"
  | "webhook_risky"
  | "webhook_secret_in_clear"
  | "integration_risky";
