/**
 * A project's table of numbers, and what a person may say about it.
 *
 * @module
 */

/** The status column's words. */
export interface StatusWords {
  /** A column of type boolean has `true` and `false`, and no words. */
  readonly isFlag: boolean;
  /** All that mean: open. */
  readonly connected: readonly string[];
  /** The one that is written when a session is dead. */
  readonly disconnected: string;
  /** All that mean: waits for a scan. */
  readonly pairing: readonly string[];
}

/** The host's table, as the generated functions read and write it. */
export interface Host extends StatusWords {
  readonly schema: string;
  readonly table: string;
  /** The primary key's only column. */
  readonly id: { readonly column: string; readonly type: string };
  /** What the gateway calls the number. */
  readonly name: string;
  readonly status: string;
  /** A flag beside the status that says that it is open; written together with it. */
  readonly connectedFlag: string | null;
  /** A flag beside the status that says that a scan is awaited. */
  readonly pairingFlag: string | null;
  /** A flag that says that a person disconnected the number. */
  readonly manualFlag: string | null;
  /** The gateway's address in the row. */
  readonly address: string | null;
  /** Set in rows that were deleted. */
  readonly deletedAt: string | null;
}

/** What a person said, in the place of what would be inferred. */
export interface Told {
  readonly table?: string;
  readonly name?: string;
  readonly status?: string;
  readonly connected?: readonly string[];
  readonly disconnected?: string;
  readonly pairing?: readonly string[];
}
