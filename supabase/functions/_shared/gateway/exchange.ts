/**
 * What came back from one call, before anybody says what it means.
 *
 * @module
 */

/** An answer with a JSON body. */
export interface Answered {
  readonly kind: "answered";
  readonly ms: number;
  readonly httpStatus: number;
  readonly body: unknown;
}

/** A status arrived, but its body is no JSON (HTML and nothing at all included) or did not end. */
export interface Unreadable {
  readonly kind: "unreadable";
  readonly ms: number;
  readonly httpStatus: number;
  readonly why: "not_json" | "too_large" | "cut" | "timeout";
  /** What came of the body. */
  readonly start: string;
}

/** No status arrived. */
export interface Unanswered {
  readonly kind: "unanswered";
  readonly ms: number;
  /**
   * - `no_such_address`: no request was made, because no URL can name the instance;
   * - `never_sent`: nothing left, see `isNeverSent`;
   * - `cut`: the connection broke, before or after the gateway had read the request;
   * - `timeout`: the limit passed first.
   */
  readonly why: "no_such_address" | "never_sent" | "cut" | "timeout";
}

/** One call's end. `ms` is the time it took. */
export type Exchange = Answered | Unreadable | Unanswered;
