/**
 * The ladder's one decision. Pure.
 *
 * | what is seen | what follows |
 * |---|---|
 * | probe alive | healed |
 * | registry `close`, or `connecting` (a QR code is showing) | auto-reconnect takes over |
 * | the gateway does not answer | wait |
 * | `connecting` webhooks now, or memory that changes: a live loop (B1, B2) | wait |
 * | memory not `open`, `connecting` webhooks lately: a slow loop (B3, B4) | wait |
 * | memory steady `close`, silence (H1, C1) | connect, once |
 * | memory steady `open` (A1, A2) or `connecting` (H2) | restart, once; then logout, once |
 * | memory missing, or unknown to the gateway (C3) | a person |
 * | nothing left | a person |
 *
 * With `logout-first` the logout was made before the ladder began, so its turn is over. Where the
 * memory says `close` there is none: no version of the gateway does anything then.
 *
 * It always ends: each changing call is made once, and nothing is waited for longer than
 * {@linkcode WAIT_LIMIT_S}, all waiting together no longer than {@linkcode AGE_LIMIT_S}.
 *
 * Source: measurements on Evolution 2.3.7, docs/ghosts.md.
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
type WaitingFor = "live_loop" | "gateway" | "outage" | "settling" | "not_granted";

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

/** Why a person is needed. */
export type OperatorReason =
  | "whatsapp_unreachable"
  | "gateway_unreachable"
  | "outage"
  | "not_loaded"
  | "not_found"
  | "steps_used_up";

/** What the ladder does next. */
export type Decision =
  | { readonly next: "healed" }
  | { readonly next: "invalidated" }
  | { readonly next: "call"; readonly step: "connect" | "restart" | "logout" }
  | { readonly next: "wait"; readonly reason: WaitingFor }
  | { readonly next: "needs_operator"; readonly reason: OperatorReason }
  /** A person was told already: only the probe goes on. */
  | { readonly next: "keep_probing" };

/** One cause is waited for this long, in seconds. */
export const WAIT_LIMIT_S = 600;

/** All waiting together, in seconds. */
export const AGE_LIMIT_S = 1800;

/** After a restart a session may log in for this long, in seconds (B3: up to 65 s). */
export const SETTLING_S = 65;

/** Whether a decision needs a look at memory and webhooks, which takes 12 seconds. */
export function needsLook(evidence: Omit<Evidence, "look">): boolean {
  return evidence.state === "open" && evidence.probe === "dead" &&
    (evidence.registry === "open" || evidence.registry === "not_found");
}

/** Decides the next step. */
export function decide(evidence: Evidence): Decision {
  if (evidence.probe === "alive") return { next: "healed" };
  // The gateway writes `connecting` there with a fresh QR code alone: the pairing is gone.
  if (evidence.registry === "close" || evidence.registry === "connecting") {
    return { next: "invalidated" };
  }
  if (evidence.state === "needs_operator") return { next: "keep_probing" };
  const { look } = evidence;
  if (
    evidence.probe === "unknown" || evidence.registry === "unknown" || look === null ||
    look.memory === "unknown"
  ) {
    return evidence.registry === "not_found" && look !== null
      ? { next: "needs_operator", reason: "not_found" }
      : wait(evidence, "gateway", "gateway_unreachable");
  }
  if (look.memory === "missing" || evidence.registry === "not_found") {
    return {
      next: "needs_operator",
      reason: look.memory === "missing" ? "not_loaded" : "not_found",
    };
  }
  if (isLiveLoop(look)) return wait(evidence, "live_loop", "whatsapp_unreachable");
  if (look.memory === "connecting" && (evidence.secondsSinceRestart ?? Infinity) < SETTLING_S) {
    return wait(evidence, "settling", "steps_used_up");
  }
  return climb(evidence, look);
}

/** Whether the gateway is still trying by itself. A half-open session (`open`) is not. */
function isLiveLoop({ memory, connecting }: Look): boolean {
  return connecting === "now" || memory === "changing" ||
    (connecting === "lately" && memory !== "open");
}

/** The next changing call that fits, or a person. */
function climb(evidence: Evidence, look: Look): Decision {
  const { called } = evidence;
  if (look.memory === "close") {
    // Silence means nothing where the webhooks do not come to us; and a second connect inside a
    // live loop makes two sockets that throw each other out for ever.
    if (look.webhooksTrusted && !called.connect) return { next: "call", step: "connect" };
  } else if (!called.restart) {
    return destructive(evidence, "restart");
  } else if (!called.logout) {
    return destructive(evidence, "logout");
  }
  return { next: "needs_operator", reason: "steps_used_up" };
}

/** Under `keep-pairing` nothing is broken while it is not the sessions' fault. */
function destructive(evidence: Evidence, step: "restart" | "logout"): Decision {
  return evidence.policy === "keep-pairing" && evidence.outage
    ? wait(evidence, "outage", "outage")
    : { next: "call", step };
}

function wait(evidence: Evidence, reason: WaitingFor, atLast: OperatorReason): Decision {
  const waited = evidence.waitingFor === reason ? evidence.waitingSeconds ?? 0 : 0;
  return waited >= WAIT_LIMIT_S || evidence.ageSeconds >= AGE_LIMIT_S
    ? { next: "needs_operator", reason: atLast }
    : { next: "wait", reason };
}
