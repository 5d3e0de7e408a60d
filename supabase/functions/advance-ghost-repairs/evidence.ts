/**
 * What is known of a session when the ladder decides its next step. Plain data.
 *
 * @module
 */

/** What the process's memory said in 12 looks over 12 seconds. */
export type SteadyMemory = "open" | "close" | "connecting" | "missing" | "changing" | "unknown";

/** A look at a session that does not answer. */
export interface Look {
  readonly memory: SteadyMemory;
  /**
   * When the last `connecting` webhook arrived: during the look, lately (a loop that waits for an
   * answer sends one in 30 or 60 seconds), or not. A live reconnect loop sends them.
   */
  readonly connecting: "now" | "lately" | "silent";
  /** Whether the gateway sends its webhooks to us, so that their silence means something. */
  readonly webhooksTrusted: boolean;
}

/** Why the ladder waits. */
export type WaitingFor = "live_loop" | "gateway" | "outage" | "settling" | "not_granted";

/** Everything that {@linkcode decide} looks at. */
export interface Evidence {
  readonly policy: "logout-first" | "keep-pairing";
  readonly state: "open" | "needs_operator";
  /** Whether many numbers of the gateway fail at once. */
  readonly outage: boolean;
  /** `dead`: the gateway answered, the socket did not. `unknown`: the gateway did not answer. */
  readonly probe: "alive" | "dead" | "unknown";
  readonly registry: "open" | "close" | "connecting" | "not_found" | "unknown";
  /** Null where no look was needed. */
  readonly look: Look | null;
  /** The changing calls that were made in this repair's life. */
  readonly called: {
    readonly connect: boolean;
    readonly restart: boolean;
    readonly logout: boolean;
  };
  readonly secondsSinceRestart: number | null;
  readonly waitingFor: string | null;
  readonly waitingSeconds: number | null;
  /** Since the repair was opened. */
  readonly ageSeconds: number;
}
