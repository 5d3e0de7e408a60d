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

/** Where the ladder has a gateway's key from; its address is always the failing send's own. */
export type KeySource =
  | { readonly from: "send" }
  | { readonly from: "environment"; readonly variable: string }
  /** A column of the numbers' table. */
  | { readonly from: "column"; readonly column: string }
  /** A column of another table, as SQL has its name, and the columns that join both. */
  | {
    readonly from: "table";
    readonly table: string;
    readonly column: string;
    readonly theirs: string;
    readonly ours: string;
  };

/** What the ladder needs besides the table. */
export interface Ladder {
  readonly key: KeySource;
  /** Table or views that their auto-reconnect asks, as SQL has their names, and their column of ids. */
  readonly filters: readonly { readonly relation: string; readonly idColumn: string }[];
}

/** The host's table, as the generated functions read and write it. */
export interface Host extends StatusWords {
  readonly schema: string;
  readonly table: string;
  /** The primary key's only column. */
  readonly id: { readonly column: string; readonly type: string };
  /** What the gateway calls the number: a column, or a text with columns in braces. */
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
  /** What the code calls the table and the views over it, and their columns → the table's own. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** What a person said, in the place of what would be inferred. */
export interface Told {
  readonly table?: string;
  readonly name?: string;
  readonly status?: string;
  readonly connected?: readonly string[];
  readonly disconnected?: string;
  readonly pairing?: readonly string[];
  /** See {@linkcode KeySource}: `send`, `env:NAME`, `column`, `table.column`. */
  readonly keyFrom?: string;
}
