/**
 * What an answer to a send says about the message, and about the session.
 *
 * @module
 */

/** The part of an answer that is judged. */
export interface SendAnswer {
  /** `sent`, `connection_closed`, or another failure. */
  readonly outcome: string;
  /** How long the answer took, in ms. */
  readonly ms: number;
  /** See `SendOutcome`. */
  readonly unread?: true | undefined;
}

/** See {@linkcode judgeSend}. */
export interface SendVerdict {
  /** Whether the answer alone decides the message, or a look at the socket does. */
  readonly message: "decided" | "undecided";
  /** Whether the session may be a ghost. */
  readonly suspicious: boolean;
  /** Where the socket turns out to live: whether the message may be sent once more. */
  readonly maySendAgain: boolean;
  /** Where the message failed: whether it may have left all the same. */
  readonly mayHaveLeft: boolean;
}

/** A half-open socket answers after 60 s; nothing healthy takes this long. In ms. */
const SLOW_SEND_MS = 45_000;

/** Answered sooner than this, "Connection Closed" means that nothing was written. In ms. */
const NOTHING_WRITTEN_MS = 5_000;

/**
 * Judges an answer. "Connection Closed" leaves the message undecided until the socket was probed;
 * any other answer decides it. A slow answer, whatever it says, makes the session suspicious.
 */
export function judgeSend(answer: SendAnswer): SendVerdict {
  const closed = answer.outcome === "connection_closed";
  const slow = answer.ms > SLOW_SEND_MS;
  return {
    message: closed ? "undecided" : "decided",
    suspicious: closed || slow,
    maySendAgain: closed && answer.ms < NOTHING_WRITTEN_MS,
    mayHaveLeft: answer.outcome === "gateway_timeout" || answer.unread === true ||
      (closed && answer.ms >= NOTHING_WRITTEN_MS) ||
      (answer.outcome === "gateway_error" && slow),
  };
}
