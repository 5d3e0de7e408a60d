/**
 * What came back from one call, before anybody says what it means.
 *
 * @module
 */

/** An answer with a JSON body. */
export interface Answered {
  /** Tells it from the others. */
  readonly kind: "answered";
  /** How long the call took. */
  readonly ms: number;
  /** Any status, also an error's. */
  readonly httpStatus: number;
  /** The parsed JSON. */
  readonly body: unknown;
}

/** A status arrived, but its body is no JSON (HTML and nothing at all included) or did not end. */
export interface Unreadable {
  /** Tells it from the others. */
  readonly kind: "unreadable";
  /** How long the call took. */
  readonly ms: number;
  /** Any status, also a success. */
  readonly httpStatus: number;
  /** What is wrong with the body. */
  readonly why: "not_json" | "too_large" | "cut" | "timeout";
  /** What came of the body. */
  readonly start: string;
}

/** No status arrived. */
export interface Unanswered {
  /** Tells it from the others. */
  readonly kind: "unanswered";
  /** How long the call took. */
  readonly ms: number;
  /**
   * - `no_such_address`: no request was made, because no URL can name the instance;
   * - `never_sent`: nothing left, see `isNeverSent`;
   * - `cut`: the connection broke, before or after the gateway had read the request;
   * - `timeout`: the limit passed first.
   */
  readonly why: "no_such_address" | "never_sent" | "cut" | "timeout";
}

/** One call's end. */
export type Exchange = Answered | Unreadable | Unanswered;
