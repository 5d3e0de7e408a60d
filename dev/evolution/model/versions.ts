/**
 * What differs between gateway versions. 2.3.7 and 2.3.6 were measured, 2.4.0-rc2 was read in its
 * source.
 *
 * @module
 */

/** One version's rules. */
export interface VersionRules {
  /**
   * Logout while the memory says `open` or `connecting` and the websocket is not open:
   * `fails` 500, nothing changes; `lies` 200, nothing changes; `closes` 200, the pairing is deleted.
   */
  readonly logoutOnDeadSocket: "fails" | "lies" | "closes";
  /** Logout while the memory says `close`: 400, or 200 without effect. */
  readonly logoutWhenClosed: "refused" | "accepted";
  /** Delete removes the instance although its logout was impossible. */
  readonly deleteIgnoresLogout: boolean;
  /** Pause before the reconnection after a close, in milliseconds. */
  readonly reconnectDelayMs: number;
  /** Codes after which there is no reconnection and the pairing is deleted. */
  readonly finalCodes: readonly number[];
  /**
   * After a logout closes go unnoticed, until the process restarts: also the one that ends a pairing,
   * so that a scan does not finish by itself.
   */
  readonly ignoresCloseAfterLogout: boolean;
  /** After a logout that answered 200 nothing inbound is told of, until the process restarts. */
  readonly deafAfterLogout: boolean;
  /** Answers 503 until a licence is activated. */
  readonly needsLicence: boolean;
}

const MEASURED: VersionRules = {
  logoutOnDeadSocket: "fails",
  logoutWhenClosed: "refused",
  deleteIgnoresLogout: false,
  reconnectDelayMs: 0,
  finalCodes: [401, 402, 403, 406],
  ignoresCloseAfterLogout: false,
  deafAfterLogout: false,
  needsLicence: false,
};

/** The gateway versions whose differences are known. */
export type Version = "2.3.6" | "2.3.7" | "2.4.0-rc2";

/** The rules of every version. */
export const VERSION_RULES: Readonly<Record<Version, VersionRules>> = {
  "2.3.6": {
    ...MEASURED,
    logoutOnDeadSocket: "lies",
    deleteIgnoresLogout: true,
    deafAfterLogout: true,
  },
  "2.3.7": MEASURED,
  "2.4.0-rc2": {
    ...MEASURED,
    logoutOnDeadSocket: "closes",
    logoutWhenClosed: "accepted",
    deleteIgnoresLogout: true,
    reconnectDelayMs: 3_000,
    finalCodes: [401, 402, 403, 406, 408],
    ignoresCloseAfterLogout: true,
    needsLicence: true,
  },
};

/** All of them, oldest first. */
export const VERSIONS = Object.keys(VERSION_RULES) as readonly Version[];
