/**
 * The recordings of the real gateway.
 *
 * @module
 */

import { z } from "zod";

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
export function recordingNames(): string[] {
  return [...Deno.readDirSync(new URL("recordings/", FOLDER))]
    .map(({ name }) => name.replace(/\.json$/, "")).sort();
}

/** A recorded request and its answer. */
export function readRecording(name: string): Recording {
  return Recording.parse(readJson(`recordings/${name}.json`));
}

/** Any fixture. */
export function readJson(path: string): unknown {
  return JSON.parse(Deno.readTextFileSync(new URL(path, FOLDER)));
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
