/**
 * What each version of Evolution API can do, and what it must not be asked for, as data. The only
 * place that knows ranges of versions: whoever decides asks for what a version can, and of a version
 * itself no more than its name, and whether it is known.
 *
 * @module
 */

/** A fact, and how it is known. */
export interface Fact<T> {
  /** What holds. */
  readonly is: T;
  /**
   * On the running gateway; in its source, or of a version between two that were measured; by
   * people.
   */
  readonly source: "measured" | "read" | "reported";
}

const measured = <T>(is: T): Fact<T> => ({ is, source: "measured" });
const read = <T>(is: T): Fact<T> => ({ is, source: "read" });
const reported = <T>(is: T): Fact<T> => ({ is, source: "reported" });

/** What a version can do. */
export interface Capabilities {
  /** After a logout the number hears: the inbound handler is mounted again with the next socket. */
  readonly hearsAfterLogout: Fact<boolean>;
  /** After a logout the next scan finishes by itself: the close that ends a pairing is noticed. */
  readonly pairsAfterLogout: Fact<boolean>;
  /** Delete removes an instance whose websocket is dead: over HTTP the one way out of a zombie. */
  readonly deletesZombies: Fact<boolean>;
  /** How a webhook proves where it is from: `jwt_key` signs, or is sent itself like any header. */
  readonly signature: Fact<"jwt" | "static">;
  /** Events that `webhook/set` refuses, and the whole list with them; create takes them. */
  readonly refusedEvents: Fact<readonly string[]>;
  /** Codes after which the pairing is deleted; after all others it reconnects. */
  readonly finalCloseCodes: Fact<readonly number[]>;
  /** From a close to the reconnection, in milliseconds. */
  readonly reconnectDelayMs: Fact<number>;
  /** Where the phone number of an `@lid` sender is; null: nowhere. */
  readonly lidSender: Fact<"remoteJidAlt" | "senderPn" | null>;
  /** Answers 503 `LICENSE_REQUIRED` until a licence is activated. */
  readonly needsLicence: Fact<boolean>;
  /** A socket that waits for a scan answers probes: an answer alone proves no session. */
  readonly probesWithoutSession: Fact<boolean>;
  /** `DELETED` beside a stored message means that its sender deleted it; else it may be an edit. */
  readonly tellsDeletion: Fact<boolean>;
  /**
   * The Baileys that it was looked at with. No call tells which one runs; null: not even that is
   * known.
   */
  readonly baileys: Fact<string | null>;
}

const V2_2: Capabilities = {
  hearsAfterLogout: measured(true),
  pairsAfterLogout: measured(true),
  deletesZombies: measured(true),
  signature: measured("static"),
  refusedEvents: measured(["STATUS_INSTANCE"]),
  finalCloseCodes: read([401, 402, 403, 406]),
  reconnectDelayMs: measured(0),
  lidSender: measured(null),
  needsLicence: measured(false),
  probesWithoutSession: measured(true),
  tellsDeletion: read(true),
  baileys: read(null),
};

const V2_3_0: Capabilities = {
  ...V2_2,
  hearsAfterLogout: read(true),
  pairsAfterLogout: read(true),
  deletesZombies: read(true),
  signature: read("jwt"),
  refusedEvents: read([]),
  reconnectDelayMs: read(0),
  lidSender: read(null),
  needsLicence: read(false),
  probesWithoutSession: read(true),
  tellsDeletion: read(false),
};

const V2_3_1: Capabilities = {
  ...V2_3_0,
  hearsAfterLogout: read(false),
  lidSender: read("senderPn"),
};

const V2_3_5: Capabilities = {
  ...V2_3_1,
  lidSender: read("remoteJidAlt"),
  tellsDeletion: read(true),
};

const V2_3_6: Capabilities = {
  ...V2_3_5,
  hearsAfterLogout: measured(false),
  pairsAfterLogout: measured(true),
  deletesZombies: measured(true),
  signature: measured("jwt"),
  refusedEvents: measured([]),
  reconnectDelayMs: measured(0),
  lidSender: measured("remoteJidAlt"),
  needsLicence: measured(false),
  probesWithoutSession: measured(true),
  baileys: measured("7.0.0-rc.6"),
};

const V2_3_7: Capabilities = {
  ...V2_3_6,
  hearsAfterLogout: measured(true),
  deletesZombies: measured(false),
  finalCloseCodes: measured([401, 402, 403, 406]),
  probesWithoutSession: read(true),
  baileys: measured("7.0.0-rc.9"),
};

const V2_4_RC: Capabilities = {
  ...V2_3_7,
  hearsAfterLogout: read(true),
  pairsAfterLogout: read(false),
  deletesZombies: read(true),
  signature: read("jwt"),
  refusedEvents: read([]),
  finalCloseCodes: read([401, 402, 403, 406, 408]),
  reconnectDelayMs: read(3_000),
  lidSender: read("remoteJidAlt"),
  needsLicence: read(true),
  baileys: read(null),
};

/** 2.1 and before, which are not used: nothing is known but what people report. */
const TOO_OLD: Capabilities = { ...V2_2, hearsAfterLogout: reported(false) };

/** Where each entry begins; it holds until the next one. Oldest first. */
const ENTRIES: readonly (readonly [from: readonly [number, number, number], Capabilities])[] = [
  [[2, 2, 0], V2_2],
  [[2, 3, 0], V2_3_0],
  [[2, 3, 1], V2_3_1],
  // 2.3.3 and 2.3.4 tell both addresses.
  [[2, 3, 3], { ...V2_3_1, lidSender: read("remoteJidAlt") }],
  [[2, 3, 5], V2_3_5],
  [[2, 3, 6], V2_3_6],
  [[2, 3, 7], V2_3_7],
  [[2, 4, 0], V2_4_RC],
];

/** The versions that were run or read; of all others the nearest older one is assumed. */
const KNOWN = /^v?2\.(?:2\.3|3\.[0-7]|4\.0-?rc\.?[12])$/i;

const NUMBERS = /^v?(\d{1,5})\.(\d{1,5})\.(\d{1,5})(?!\d)/i;

/**
 * How well a version is known: `assumed`, it is taken for the nearest older one, or for 2.3.7 where no
 * number begins it; `too_old`, it is not used.
 */
export function supportOf(version: string): "known" | "assumed" | "too_old" {
  if (KNOWN.test(version)) return "known";
  const numbers = numbersOf(version);
  return numbers !== undefined && compare(numbers, ENTRIES[0]![0]) < 0 ? "too_old" : "assumed";
}

/**
 * What a version can do. Null, or one that no number begins, counts as 2.3.7; a newer one of a line
 * as the newest entry of that line, and what is newer than all lines as the newest of all.
 */
export function capabilitiesOf(version: string | null): Capabilities {
  const numbers = numbersOf(version ?? "");
  if (numbers === undefined) return V2_3_7;
  return ENTRIES.findLast(([from]) => compare(numbers, from) >= 0)?.[1] ?? TOO_OLD;
}

function numbersOf(version: string): readonly number[] | undefined {
  return NUMBERS.exec(version)?.slice(1).map(Number);
}

function compare(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

/** Whether a logout does no harm. */
export function isLogoutSafe({ hearsAfterLogout, pairsAfterLogout }: Capabilities): boolean {
  return hearsAfterLogout.is && pairsAfterLogout.is;
}
