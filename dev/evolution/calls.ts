/**
 * The list of calls that came in, for tests and the console: no bodies, no keys.
 *
 * @module
 */

/** One call. */
export interface CallRecord {
  readonly at: Date;
  readonly method: string;
  /** The route's short name, such as `logout`; `unknown` for a path that is none. */
  readonly route: string;
  readonly instance: string | null;
  /** Null while the answer is being made, and for ever where none came. */
  readonly status: number | null;
  /** How long it took, in milliseconds; null like `status`. */
  readonly ms: number | null;
}

/** Calls remembered. */
const REMEMBERED = 20_000;

/** The calls of one simulator, oldest first. */
export class CallLog {
  /** What came in. */
  readonly records: CallRecord[] = [];

  /**
   * Notes a call.
   *
   * @returns Notes its answer: the status, and when it was given.
   */
  open(
    call: Pick<CallRecord, "at" | "method" | "route" | "instance">,
  ): (status: number, at: Date) => void {
    const record: { -readonly [K in keyof CallRecord]: CallRecord[K] } = {
      ...call,
      status: null,
      ms: null,
    };
    if (this.records.push(record) > REMEMBERED) this.records.shift();
    return (status, at) => {
      record.status = status;
      record.ms = at.getTime() - call.at.getTime();
    };
  }
}
