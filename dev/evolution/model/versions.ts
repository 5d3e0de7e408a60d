/**
 * What differs between gateway versions. Each says whether its facts were measured on the running
 * gateway or read in its source.
 *
 * @module
 */

/** One version's rules. */
export interface VersionRules {
  /** How they are known. */
  readonly source: "measured" | "read";
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
  /** `jwt_key` signs a webhook; else it is a header like any other, and goes out in clear. */
  readonly signsWebhooks: boolean;
  /**
   * A webhook is tried again after this long, in milliseconds, whatever was answered; null: by the
   * answer, with growing pauses.
   */
  readonly webhookPauseMs: number | null;
  /** Events that `webhook/set` does not know; create takes them. */
  readonly unknownEvents: readonly string[];
  /** A dead socket's send fails with 500 and a string (`Timed Out` after 60 s), not with 400 and a list. */
  readonly failsSendsWith500: boolean;
  /** A socket that waits for a scan answers probes, and an audio looks the number up before all. */
  readonly probesWhilePairing: boolean;
  /**
   * How it comes to a message's file. `once`: a file that WhatsApp has no more is asked of the phone,
   * through the socket. `twice`: a download that failed is made again after five seconds, and the phone
   * is not asked; so are those played that do both (2.3.1 to 2.3.4).
   */
  readonly downloads: "once" | "twice";
  /** How long a deleted instance's name stays taken, at the most, in milliseconds. */
  readonly nameTakenMs: number;
}

const V2_3_7: VersionRules = {
  source: "measured",
  logoutOnDeadSocket: "fails",
  logoutWhenClosed: "refused",
  deleteIgnoresLogout: false,
  reconnectDelayMs: 0,
  finalCodes: [401, 402, 403, 406],
  ignoresCloseAfterLogout: false,
  deafAfterLogout: false,
  needsLicence: false,
  signsWebhooks: true,
  webhookPauseMs: null,
  unknownEvents: [],
  failsSendsWith500: false,
  probesWhilePairing: false,
  downloads: "twice",
  nameTakenMs: Infinity,
};

const V2_3_6: VersionRules = {
  ...V2_3_7,
  logoutOnDeadSocket: "lies",
  deleteIgnoresLogout: true,
  deafAfterLogout: true,
  probesWhilePairing: true,
  nameTakenMs: 1_000,
};

const V2_4_RC: VersionRules = {
  ...V2_3_7,
  source: "read",
  logoutOnDeadSocket: "closes",
  logoutWhenClosed: "accepted",
  deleteIgnoresLogout: true,
  reconnectDelayMs: 3_000,
  finalCodes: [401, 402, 403, 406, 408],
  ignoresCloseAfterLogout: true,
  needsLicence: true,
};

/** The gateway versions whose differences are known. */
export type Version =
  | "2.2.3"
  | "2.3.0"
  | `2.3.${1 | 2 | 3 | 4 | 5}`
  | "2.3.6"
  | "2.3.7"
  | "2.4.0-rc1"
  | "2.4.0-rc2";

const V2_3_1: VersionRules = { ...V2_3_6, source: "read" };

/** The rules of every version, oldest first. */
export const VERSION_RULES: Readonly<Record<Version, VersionRules>> = {
  "2.2.3": {
    ...V2_3_6,
    deafAfterLogout: false,
    signsWebhooks: false,
    webhookPauseMs: 30_000,
    unknownEvents: ["SEND_MESSAGE_UPDATE", "INSTANCE_CREATE", "INSTANCE_DELETE", "STATUS_INSTANCE"],
    failsSendsWith500: true,
    downloads: "once",
  },
  "2.3.0": { ...V2_3_6, source: "read", deafAfterLogout: false, downloads: "once" },
  "2.3.1": V2_3_1,
  "2.3.2": V2_3_1,
  "2.3.3": V2_3_1,
  "2.3.4": V2_3_1,
  "2.3.5": V2_3_1,
  "2.3.6": V2_3_6,
  "2.3.7": V2_3_7,
  "2.4.0-rc1": V2_4_RC,
  "2.4.0-rc2": V2_4_RC,
};

/** All of them, oldest first. */
export const VERSIONS = Object.keys(VERSION_RULES) as readonly Version[];

/**
 * Whose cases each version's are: what is played of it is what is played of this one, because its rules
 * are the same (`tests/dev/evolution/versions.test.ts` holds them to it).
 */
export const PLAYED_AS: Readonly<Record<Version, Version>> = {
  "2.2.3": "2.2.3",
  "2.3.0": "2.3.0",
  "2.3.1": "2.3.6",
  "2.3.2": "2.3.6",
  "2.3.3": "2.3.6",
  "2.3.4": "2.3.6",
  "2.3.5": "2.3.6",
  "2.3.6": "2.3.6",
  "2.3.7": "2.3.7",
  "2.4.0-rc1": "2.4.0-rc2",
  "2.4.0-rc2": "2.4.0-rc2",
};
