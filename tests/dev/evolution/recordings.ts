/**
 * The recordings of the real gateway: what is in them, and in which state each was made.
 *
 * @module
 */

import { z } from "zod";
import type { GhostKind } from "../../../dev/evolution/model/ghost-kinds.ts";

const FOLDER = new URL("../../fixtures/evolution-2.3.7/", import.meta.url);

const Recording = z.object({
  request: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.union([z.string(), z.number()])),
    body: z.unknown().optional(),
  }),
  response: z.object({ status: z.number(), body: z.unknown(), ms: z.number() }),
});

/** One request and its answer. */
export type Recording = z.infer<typeof Recording>;

/** The names of all recordings, without `.json`. */
export const RECORDINGS: readonly string[] = [...Deno.readDirSync(new URL("recordings/", FOLDER))]
  .map(({ name }) => name.replace(/\.json$/, "")).sort();

/** A recorded request and its answer. */
export function readRecording(name: string): Recording {
  return Recording.parse(readJson(`recordings/${name}.json`));
}

/** Any fixture. */
export function readJson(path: string): unknown {
  return JSON.parse(Deno.readTextFileSync(new URL(path, FOLDER)));
}

/** The states that recordings were made in. */
export type Situation =
  | "nothing"
  | "never connected"
  | "open"
  | "webhook refused"
  | "two instances"
  | "three instances"
  | "qr waiting"
  | "logged out"
  | "device removed"
  | "login refused"
  | "restarted while refused"
  | "A1 with a false 201"
  | "A1 with a known recipient"
  | "B2 while it connects"
  | Extract<GhostKind, "A1" | "A2" | "B1" | "B2" | "B3">;

/** What a recording's name says of its state; the first that fits. */
const SITUATIONS: readonly (readonly [RegExp, Situation])[] = [
  [/^ghost-A1-.*-FALSE-201$/, "A1 with a false 201"],
  [/^ghost-A1-.*-warm-recipient$/, "A1 with a known recipient"],
  [/^ghost-A1-/, "A1"],
  [/^ghost-A2-/, "A2"],
  [/^ghost-B1-/, "B1"],
  [/^ghost-B2-reject503__logout$/, "B2 while it connects"],
  [/^ghost-B2-/, "B2"],
  [/^ghost-B3-/, "B3"],
  [/^ghost-C3-/, "restarted while refused"],
  [/^auth__logout__own-instance-token$/, "open"],
  [/^auth__|^create__duplicate$/, "two instances"],
  [/^fetchInstances-all$/, "three instances"],
  [/^webhook-find__after-no-events$/, "webhook refused"],
  [/__after-login-failure-/, "login refused"],
  [/__after-stream-401-device_removed$/, "device removed"],
  [/after-logout|^E__restart/, "logged out"],
  [/^connect__never-connected-second$|__qr-waiting$/, "qr waiting"],
  [/^create__|^delete__|unknown|__after-delete$|^root$/, "nothing"],
  [/__never-connected/, "never connected"],
  [/__open|^E__logout-healthy$|^(send|webhook-set)/, "open"],
];

/** Recordings that are not one request, and where else they are tested. */
export const NOT_REPLAYED: Readonly<Record<string, string>> = {
  "GHOST-A1-halfopen": "whole scenarios: see scenarios.test.ts",
  "GHOST-A1-halfopen-warm-recipient": "a sequence: see 'A1 is cured by …' in healing.test.ts",
  "GHOST-A2-variants__after-evolution-process-restart":
    "a restart of the process: see healing.test.ts",
  "GHOST-A2-zombie": "whole scenarios: see scenarios.test.ts",
  "GHOST-A2-zombie__after-evolution-process-restart":
    "a restart of the process: see healing.test.ts",
  "GHOST-B-logout-retry": "many calls: see 'logout in B1 and B2 …' in healing.test.ts",
  "GHOST-B1-refused": "whole scenarios: see scenarios.test.ts",
  "GHOST-B2-reject503": "whole scenarios: see scenarios.test.ts",
  "GHOST-B3-login-blackholed": "whole scenarios: see scenarios.test.ts",
  "GHOST-C3-restart-while-refused": "whole scenarios: see scenarios.test.ts",
  "GHOST-D-close-codes": "whole scenarios: see scenarios.test.ts",
  "MISC": "notes of many calls, without requests: see ghosts.test.ts",
};

/** The state that a recording was made in; undefined for what is no single request. */
export function situationOf(name: string): Situation | undefined {
  if (Object.hasOwn(NOT_REPLAYED, name)) return undefined;
  const situation = SITUATIONS.find(([names]) => names.test(name))?.[1];
  if (situation === undefined) throw new Error(`${name}: neither replayed nor listed as not`);
  return situation;
}

/** Keys whose values are compared, not only their types. */
const LITERAL_KEYS = new Set([
  "status",
  "state",
  "message",
  "error",
  "count",
  "event",
  "instance",
  "instanceName",
  "connectionStatus",
  "disconnectionReasonCode",
  "integration",
  "messageType",
  "source",
  "pushName",
  "fromMe",
  "enabled",
  "events",
  "statusReason",
  "statusCode",
]);

/** What has to be the same: keys and types everywhere, values where they carry a meaning. */
export function shapeOf(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => shapeOf(item, key));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
    return Object.fromEntries(entries.map(([name, item]) => [name, shapeOf(item, name)]));
  }
  return value === null || LITERAL_KEYS.has(key) ? value : typeof value;
}
